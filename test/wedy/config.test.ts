import { describe, expect, it } from "vitest";
import { readConfig } from "../../examples/express-wedy/src/config";

const REAL = {
  PAYME_MERCHANT_ID: "65a0b0000000000000000001",
  PAYME_SECRET_KEY: "k".repeat(36),
  JWT_SECRET: "j".repeat(48),
  SEAL_KEY: Buffer.alloc(32, 7).toString("base64"),
};

function messageOf(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "";
}

describe("demo mode", () => {
  it("is what a start without configuration is", () => {
    const config = readConfig({});
    expect(config.payme).toBeUndefined();
    expect([config.jwtSecrets, config.webhookSecrets]).toEqual([[], []]);
    expect(config).toMatchObject({ host: "127.0.0.1", port: 8000, mockPort: 8001, database: { file: "./wedy.db" } });
  });

  it.each([
    ["an unset or empty variable", { PAYME_MERCHANT_ID: "", JWT_SECRET: "", HOST: "", DATABASE_URL: "" }],
    ["localhost", { HOST: "localhost" }],
    ["IPv6 loopback", { HOST: "::1" }],
    ["another loopback address", { HOST: "127.0.0.2" }],
    ["another file", { DATABASE_URL: "file:/tmp/other.db" }],
    ["development", { NODE_ENV: "development" }],
    ["the other flow", { PAYME_FLOW: "link" }],
    ["a key for saved cards", { SEAL_KEY: REAL.SEAL_KEY }],
  ])("is kept by %s", (_case, env) => {
    expect(readConfig(env).payme).toBeUndefined();
  });

  it.each([
    ["a PAYME_ variable", { PAYME_TEST_MODE: "true" }, "PAYME_MERCHANT_ID is missing"],
    ["a Merchant key", { PAYME_MERCHANT_KEY: "x" }, "PAYME_SECRET_KEY is missing"],
    ["JWT_SECRET", { JWT_SECRET: "j".repeat(48) }, "PAYME_MERCHANT_ID is missing"],
    ["JWT_SECRET_ALSO", { JWT_SECRET_ALSO: "j".repeat(48) }, "JWT_SECRET is missing"],
    ["an address that others reach", { HOST: "0.0.0.0" }, "HOST is not a loopback address"],
    ["a name that only begins like one", { HOST: "127.0.0.1.example.com" }, "HOST is not a loopback address"],
    ["production", { NODE_ENV: "production" }, "NODE_ENV is production"],
  ])("is left by %s, and then what is missing ends the start", (_case, env, text) => {
    expect(messageOf(env)).toContain(text);
    expect(messageOf(env)).toContain("is missing");
  });

  it("shows payments by checkout links, where that is asked for", () => {
    expect([readConfig({}).flow, readConfig({ PAYME_FLOW: "link" }).flow]).toEqual(["receipts", "link"]);
    expect(messageOf({ PAYME_FLOW: "cash" })).toContain("- PAYME_FLOW must be one of receipts, link");
  });

  it("needs two ports", () => {
    expect(messageOf({ PORT: "8001" })).toContain("MOCK_PORT is 8001, which PORT is, too");
  });
});

describe("real settings", () => {
  it("are the guide's, with its defaults", () => {
    const { payme, jwtSecrets, webhookSecrets, warnings } = readConfig(REAL);
    expect(payme).toMatchObject({ auth: "signature", mode: "test", apiUrl: "https://test.paycom.uz" });
    expect([jwtSecrets, webhookSecrets]).toEqual([[REAL.JWT_SECRET], [REAL.PAYME_SECRET_KEY]]);
    expect(warnings).toEqual([expect.stringContaining("/payme/merchant answers -32504 to all")]);
  });

  it.each([
    ["PORT", "eighty"],
    ["PORT", "65536"],
    ["MOCK_PORT", "-1"],
    ["TRUST_PROXY", "true"],
    ["LOG_LEVEL", "loud"],
    ["DATABASE_URL", "mysql://localhost/wedy"],
    ["DATABASE_URL", "file:"],
    ["DATABASE_URL", "file::memory:"],
    ["DATABASE_URL", "postgres:wedy"],
    ["DATABASE_URL", "postgres://local host/wedy"],
    ["PAYME_AUTH", "basic"],
    ["PAYME_FLOW", "cash"],
    ["PAYME_TEST_MODE", "maybe"],
    ["PAYME_API_URL", "http://payme.example"],
    ["PAYME_CALLBACK_URL", "webhook"],
    ["SEAL_KEY", "planted"],
    ["SEAL_KEY", Buffer.alloc(31).toString("base64")],
    ["SEAL_KEY_ALSO", "!".repeat(43)],
  ])("%s=%s is refused", (name, value) => {
    expect(messageOf({ ...REAL, [name]: value })).toMatch(new RegExp(`^- ${name} `, "m"));
  });

  it("reads the Merchant API's keys, and warns of one that no payment can be paid with", () => {
    const both = { PAYME_MERCHANT_KEY: "live", PAYME_MERCHANT_TEST_KEY: "test", PAYME_FLOW: "link" };
    const config = readConfig({ ...REAL, ...both });
    expect(config).toMatchObject({ merchant: { key: ["live"], testKey: ["test"] }, flow: "link", warnings: [] });
    expect(readConfig({ ...REAL, PAYME_TEST_MODE: "true", PAYME_MERCHANT_KEY: "live" }).warnings).toEqual([
      expect.stringContaining("PAYME_MERCHANT_TEST_KEY is not set"),
    ]);
  });

  it("work without a key for saved cards, and say what that means", () => {
    const { sealKeys, warnings } = readConfig({ ...REAL, SEAL_KEY: "" });
    expect(sealKeys).toEqual([]);
    expect(warnings).toContain("SEAL_KEY is not set: no card is saved, and the routes of subscriptions answer 404");
    expect(readConfig({ ...REAL, SEAL_KEY: "", PAYME_FLOW: "link" }).warnings.join()).not.toContain("SEAL_KEY");
    expect(readConfig(REAL).sealKeys).toEqual([REAL.SEAL_KEY]);
  });

  it("take a second one of each secret while it is changed, the one that signs first", () => {
    const also = {
      PAYME_SECRET_KEY_ALSO: "another".padEnd(36, "k"),
      PAYME_MERCHANT_KEY: "live",
      PAYME_MERCHANT_KEY_ALSO: "old-live",
      PAYME_MERCHANT_TEST_KEY_ALSO: "old-test",
      JWT_SECRET_ALSO: "o".repeat(48),
      SEAL_KEY_ALSO: Buffer.alloc(32, 9).toString("base64url"),
    };
    expect(readConfig({ ...REAL, ...also })).toMatchObject({
      payme: { key: REAL.PAYME_SECRET_KEY },
      webhookSecrets: [REAL.PAYME_SECRET_KEY, also.PAYME_SECRET_KEY_ALSO],
      merchant: { key: ["live", "old-live"], testKey: ["old-test"] },
      jwtSecrets: [REAL.JWT_SECRET, also.JWT_SECRET_ALSO],
      sealKeys: [REAL.SEAL_KEY, also.SEAL_KEY_ALSO],
      warnings: [],
    });
    expect(messageOf({ ...REAL, PAYME_TEST_MODE: "true", NODE_ENV: "production", JWT_SECRET_ALSO: "short" })).toContain(
      "- JWT_SECRET_ALSO is shorter than 32 bytes",
    );
  });

  it.each(["postgres://localhost/wedy", "postgresql://wedy:secret@db:5432/wedy?sslmode=require"])(
    "take PostgreSQL: %s",
    (url) => {
      expect(readConfig({ ...REAL, DATABASE_URL: url }).database).toEqual({ url });
    },
  );

  it("must name the mode in production, and a secret that nobody can guess", () => {
    const message = messageOf({ ...REAL, NODE_ENV: "production", JWT_SECRET: "short-secret" });
    expect(message).toContain("- PAYME_TEST_MODE must be set");
    expect(message).toContain("- JWT_SECRET is shorter than 32 bytes");
    expect(readConfig({ ...REAL, JWT_SECRET: "short-secret" }).warnings).toContainEqual(
      expect.stringContaining("JWT_SECRET is shorter"),
    );
  });

  it("lists every problem in one message, and repeats no secret", () => {
    const env = {
      PAYME_SECRET_KEY: " planted-secret-key",
      JWT_SECRET: "planted-jwt",
      SEAL_KEY: "planted-seal",
      PORT: "x",
      LOG_LEVEL: "y",
      NODE_ENV: "production",
    };
    const message = messageOf(env);
    for (const name of [
      "PAYME_MERCHANT_ID",
      "PAYME_SECRET_KEY",
      "PAYME_TEST_MODE",
      "JWT_SECRET",
      "SEAL_KEY",
      "PORT",
      "LOG_LEVEL",
    ]) {
      expect(message).toMatch(new RegExp(`^- ${name} `, "m"));
    }
    expect(message).toContain("7 problem(s)");
    expect(message).not.toContain("planted");
  });

  it("write the log beside standard output in npm start only, unless a file is named", () => {
    expect(readConfig({}).logFile).toBeUndefined();
    expect(readConfig({ npm_lifecycle_event: "start" }).logFile).toBe("app.log");
    expect(readConfig({ LOG_FILE: "wedy.log" }).logFile).toBe("wedy.log");
  });
});

describe("METRICS_TOKEN", () => {
  it("is optional, and long enough not to be guessed", () => {
    const token = "0123456789abcdef".repeat(2);
    expect(readConfig(REAL).metricsToken).toBeUndefined();
    expect(readConfig({ ...REAL, METRICS_TOKEN: token }).metricsToken).toBe(token);
    expect(readConfig({ METRICS_TOKEN: token }).payme).toBeUndefined();
    for (const short of [token.slice(1), `${token} `]) {
      expect(messageOf({ ...REAL, METRICS_TOKEN: short })).toContain("- METRICS_TOKEN must be 32 letters and digits");
    }
  });
});
