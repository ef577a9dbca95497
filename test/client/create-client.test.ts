import { describe, expect, it } from "vitest";
import { apiUrlProblem, trimApiUrl } from "../../src/client/settings";
import { createPaymeClient, type PaymeClientOptions } from "../../src/entry/client";
import { PaymeConfigError, PaymeValidationError } from "../../src/kit/errors";
import { clientAt, connect, key, merchantId, read, receiptId } from "./kit";
import { answering } from "./scripted-server";

const create = (options: Partial<PaymeClientOptions>) => createPaymeClient({ merchantId, key, ...options });

describe("createPaymeClient refuses options that cannot work", () => {
  it.each([
    [{ merchantId: "" }, /merchantId is missing/],
    [{ merchantId: ` ${merchantId}` }, /merchantId has white space around it/],
    [{ merchantId: `${merchantId}:${key}` }, /merchantId holds a colon/],
    [{ key: "" }, /key is missing/],
    [{ key: `${key}\n` }, /key has white space around it/],
    [{ key: "ключ" }, /key holds a character that no HTTP header can carry/],
    [{ apiUrl: "checkout.paycom.uz" }, /apiUrl/],
    [{ apiUrl: "ftp://checkout.paycom.uz" }, /apiUrl must begin with https/],
    [{ apiUrl: "http://checkout.paycom.uz" }, /apiUrl would send the key unencrypted/],
    [{ apiUrl: "https://user:pass@checkout.paycom.uz" }, /apiUrl must not hold a user name/],
    [{ apiUrl: "https://checkout.paycom.uz?x=1" }, /apiUrl must end before/],
    [{ timeoutMs: 0 }, /timeoutMs/],
    [{ timeoutMs: Number.NaN }, /timeoutMs/],
    [{ retries: -1 }, /retries/],
    [{ retries: 11 }, /retries/],
  ])("%j", (options, message) => {
    expect(() => create(options)).toThrow(PaymeConfigError);
    expect(() => create(options)).toThrow(message);
  });

  it.each([[{ auth: "basic" }], [{ mode: "sandbox" }], [{ merchantId: undefined }], [{ key: 7 }]])("%j", (options) => {
    const untyped = () => Reflect.apply(createPaymeClient, undefined, [{ merchantId, key, ...options }]);
    expect(untyped).toThrow(PaymeConfigError);
  });

  it("names everything that is wrong at once", () => {
    expect(() => create({ merchantId: "", key: "", retries: 1.5 })).toThrow(/merchantId .*key .*retries /);
  });

  it("a signing secret may hold any letter: it travels in no header", () => {
    expect(create({ key: "калит", auth: "signature" }).mode).toBe("live");
  });

  it("plain http is for this machine, and for others only when asked for", () => {
    for (const host of ["localhost", "127.0.0.1", "127.9.9.9", "[::1]", "mock.localhost"]) {
      expect(apiUrlProblem(`http://${host}:8001`, false)).toBeUndefined();
    }
    for (const host of ["10.0.0.1", "127.0.0.1.example.com", "localhost.example.com", "mock"]) {
      expect(apiUrlProblem(`http://${host}:8001`, false)).toContain("unencrypted");
      expect(apiUrlProblem(`http://${host}:8001`, true)).toBeUndefined();
    }
  });
});

describe("the address", () => {
  it.each([
    ["key", "live", "https://checkout.paycom.uz"],
    ["key", "test", "https://checkout.test.paycom.uz"],
    ["signature", "live", "https://checkout.paycom.uz"],
    ["signature", "test", "https://test.paycom.uz"],
  ] as const)("by default under %s, %s is %s", async (auth, mode, host) => {
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = async (input) => {
      asked.push(input instanceof Request ? input.url : String(input));
      return Response.json({ result: { state: 4 } });
    };
    await read(create({ auth, mode, fetch }));
    expect(asked).toEqual([`${host}/api`]);
  });

  it.each(["https://x.uz", "https://x.uz/", "https://x.uz/api", "https://x.uz/api/", "https://x.uz//"])(
    "%s is one host",
    (url) => {
      expect(trimApiUrl(url)).toBe("https://x.uz");
    },
  );

  it("a path before /api stays", async () => {
    const { server } = await connect(answering({ result: { state: 4 } }));
    await read(clientAt(`${server.url}/payme/api/`));
    expect(server.seen[0]?.url).toBe("/payme/api");
  });

  it("the global fetch is looked up at each call, so that MSW works whenever it starts", async () => {
    const client = create({});
    const original = globalThis.fetch;
    globalThis.fetch = async () => Response.json({ result: { state: 4 } });
    try {
      expect(await read(client)).toEqual({ state: 4 });
    } finally {
      globalThis.fetch = original;
    }
  });
});

describe("receiptUrl", () => {
  const client = create({ mode: "test" });

  it("is the API's host and the receipt's id", () => {
    expect(client.receiptUrl(receiptId)).toBe(`https://checkout.test.paycom.uz/${receiptId}`);
    expect(client.receiptUrl({ _id: receiptId })).toBe(`https://checkout.test.paycom.uz/${receiptId}`);
    expect(create({ apiUrl: "http://localhost:8001/api" }).receiptUrl("a/b")).toBe("http://localhost:8001/a%2Fb");
  });

  it("is what the answer carries, if that is a web address", () => {
    const url = "https://checkout.paycom.uz/payment/1";
    const carrying = (pay_url: unknown) => ({ _id: receiptId, pay_url });
    expect(client.receiptUrl(carrying(url))).toBe(url);
    for (const bad of ["javascript:alert(1)", "data:text/html,x", "not a url", 5, null]) {
      expect(client.receiptUrl(carrying(bad))).toBe(`https://checkout.test.paycom.uz/${receiptId}`);
    }
  });

  it("needs an id", () => {
    expect(() => client.receiptUrl("")).toThrow(PaymeValidationError);
    expect(() => Reflect.apply(client.receiptUrl, undefined, [{}])).toThrow(PaymeValidationError);
  });
});
