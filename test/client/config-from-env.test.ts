import { describe, expect, it } from "vitest";
import { createPaymeClient, paymeConfigFromEnv } from "../../src/entry/client";
import { PaymeConfigError } from "../../src/kit/errors";
import { key, merchantId } from "./kit";

type Env = Record<string, string | undefined>;

const right: Env = { PAYME_MERCHANT_ID: merchantId, PAYME_SECRET_KEY: key };
const problemsOf = (env: Env): string => {
  try {
    paymeConfigFromEnv(env);
  } catch (error) {
    if (error instanceof PaymeConfigError) return error.message;
    throw error;
  }
  return "";
};

describe("paymeConfigFromEnv", () => {
  it("fills in what the guide prints as defaults", () => {
    expect({ ...paymeConfigFromEnv(right) }).toEqual({
      merchantId,
      key,
      auth: "signature",
      mode: "test",
      apiUrl: "https://test.paycom.uz",
      allowInsecureHttp: false,
      callbackUrl: "https://api.wedy.uz/payme/webhook",
      warnings: [],
    });
  });

  it("can be spread into createPaymeClient", () => {
    const client = createPaymeClient({ ...paymeConfigFromEnv({ ...right, PAYME_TEST_MODE: "false" }), retries: 0 });
    expect(client.mode).toBe("live");
    expect(client.receiptUrl("a")).toBe("https://checkout.paycom.uz/a");
  });

  it.each([
    ["true", "test"],
    ["TRUE", "test"],
    ["1", "test"],
    ["false", "live"],
    ["False", "live"],
    ["0", "live"],
    ["", "test"],
  ])("PAYME_TEST_MODE=%j is mode %s", (value, mode) => {
    expect(paymeConfigFromEnv({ ...right, PAYME_TEST_MODE: value }).mode).toBe(mode);
  });

  it.each(["yes", "no", "2", " true", "live"])("PAYME_TEST_MODE=%j is refused", (value) => {
    expect(problemsOf({ ...right, PAYME_TEST_MODE: value })).toContain("PAYME_TEST_MODE must be true or false");
  });

  it("PAYME_TEST_MODE must be set in production: nobody goes live, or stays in the sandbox, by accident", () => {
    const production = { ...right, NODE_ENV: "production" };
    expect(problemsOf(production)).toContain("PAYME_TEST_MODE must be set");
    expect(problemsOf({ ...production, PAYME_TEST_MODE: "" })).toContain("PAYME_TEST_MODE must be set");
    expect(paymeConfigFromEnv({ ...production, PAYME_TEST_MODE: "false" }).mode).toBe("live");
  });

  it.each([
    [{}, "https://test.paycom.uz"],
    [{ PAYME_AUTH: "key" }, "https://checkout.test.paycom.uz"],
    [{ PAYME_TEST_MODE: "false" }, "https://checkout.paycom.uz"],
    [{ PAYME_TEST_MODE: "false", PAYME_AUTH: "key" }, "https://checkout.paycom.uz"],
    [{ PAYME_TEST_MODE: "false", PAYME_API_URL: "https://gate.example/api/" }, "https://gate.example"],
    [{ PAYME_TEST_API_URL: "http://localhost:8001/" }, "http://localhost:8001"],
    [{ PAYME_TEST_MODE: "false", PAYME_TEST_API_URL: "http://localhost:8001" }, "https://checkout.paycom.uz"],
    [{ PAYME_TEST_API_URL: "" }, "https://test.paycom.uz"],
  ])("%j calls %s", (env, apiUrl) => {
    expect(paymeConfigFromEnv({ ...right, ...env })).toMatchObject({ apiUrl, warnings: [] });
  });

  it.each(["https://test.paycom.uz", "https://test.paycom.uz/", "https://test.paycom.uz/api"])(
    "under key, PAYME_TEST_API_URL=%s counts as unset, with a warning",
    (url) => {
      const config = paymeConfigFromEnv({ ...right, PAYME_AUTH: "key", PAYME_TEST_API_URL: url });
      expect(config.apiUrl).toBe("https://checkout.test.paycom.uz");
      expect(config.warnings).toEqual([expect.stringContaining("PAYME_TEST_API_URL")]);
    },
  );

  it("says all that is wrong in one message, a line each, with how to mend it", () => {
    const message = problemsOf({
      PAYME_SECRET_KEY: ` ${key}`,
      PAYME_TEST_MODE: "maybe",
      PAYME_AUTH: "hmac",
      PAYME_CALLBACK_URL: "shop.example",
      PAYME_API_URL: "http://checkout.paycom.uz",
      PAYME_TEST_API_URL: "nowhere",
    });
    const lines = message.split("\n");
    expect(lines[0]).toContain("6 problem(s)".replace("6", String(lines.length - 1)));
    for (const name of [
      "PAYME_MERCHANT_ID is missing",
      "PAYME_SECRET_KEY has white space",
      "PAYME_TEST_MODE must be",
      "PAYME_AUTH must be",
      "PAYME_CALLBACK_URL is not a URL",
      "PAYME_API_URL would send the key unencrypted",
      "PAYME_TEST_API_URL is not a URL",
    ]) {
      expect(lines.filter((line) => line.startsWith(`- ${name}`))).toHaveLength(1);
    }
    expect(lines).toHaveLength(8);
    expect(message).not.toContain(key);
  });

  it("takes plain http to another machine when told to, and passes that on to the client", () => {
    const env = { ...right, PAYME_TEST_API_URL: "http://mock:8001" };
    expect(problemsOf(env)).toContain("unencrypted");
    const config = paymeConfigFromEnv(env, { allowInsecureHttp: true });
    expect(createPaymeClient({ ...config }).receiptUrl("a")).toBe("http://mock:8001/a");
  });

  it("reads process.env by default", () => {
    expect(problemsOf(process.env)).toContain("PAYME_MERCHANT_ID");
    expect(() => paymeConfigFromEnv()).toThrow(PaymeConfigError);
  });
});
