import { describe, expect, it } from "vitest";
import { fetchMerchant } from "../../src/entry/fetch";
import { createMerchantApi, PAYME_ADDRESSES } from "../../src/entry/merchant";
import { PaymeConfigError } from "../../src/kit/errors";
import { som } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { answerOf, createShop, KEY, TEST_KEY } from "./shop";

const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString("base64")}`;
const call = JSON.stringify({ method: "CheckTransaction", params: { id: "a" }, id: 7 });

/** What the gate answers to a request. */
async function answer(
  request: { method?: string; authorization?: string; body?: unknown; address?: string | undefined },
  options = {},
) {
  const { merchant } = createShop(options);
  const { method = "POST", authorization = basic(`Paycom:${KEY}`), body = call, address } = request;
  const reply = await merchant.handle({ method, headers: { Authorization: authorization }, body, address });
  expect(reply.status).toBe(200);
  if (typeof reply.body !== "string") throw new Error("a short answer was expected");
  return answerOf(reply.body);
}

describe("the gate of the endpoint", () => {
  it.each(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])("%s is answered -32300", async (method) => {
    expect(await answer({ method })).toMatchObject({ error: { code: -32300 }, id: null });
  });

  it.each([
    ["no header", ""],
    ["the sandbox's bad credentials", basic("Paycom:Uzcard:someRandomString1545343543545")],
    ["another login", basic(`paycom:${KEY}`)],
    ["no login", basic(`:${KEY}`)],
    ["the key without a login", basic(KEY)],
    ["a part of the key", basic(`Paycom:${KEY.slice(0, 35)}`)],
    ["more than the key", basic(`Paycom:${KEY}1`)],
    ["the key in another case", basic(`Paycom:${KEY.toUpperCase()}`)],
    ["an empty key", basic("Paycom:")],
    ["another scheme", `Bearer ${KEY}`],
    ["no Base64", "Basic %%%"],
    ["no UTF-8", `Basic ${Buffer.from([0xff, 0x3a, 0xff]).toString("base64")}`],
  ])("%s is answered -32504, with the request's id", async (_name, authorization) => {
    expect(await answer({ authorization })).toMatchObject({ error: { code: -32504 }, id: 7 });
  });

  it("is answered -32504 for a body that nobody reads, too: too large, lost, no JSON, no UTF-8", async () => {
    const { merchant } = createShop({ limitBytes: 100 });
    const asked = { method: "POST", headers: { Authorization: basic("Paycom:wrong") } };
    const unread = [
      { body: `"${"x".repeat(200)}"` },
      { body: Buffer.alloc(200) },
      { body: undefined, isTooLarge: true },
      { body: undefined, isBodyLost: true },
      { body: "{" },
      { body: Buffer.from([0xff]) },
    ];
    for (const request of unread) {
      const { body } = await merchant.handle({ ...asked, ...request });
      expect(answerOf(String(body)), JSON.stringify(request)).toMatchObject({ error: { code: -32504 } });
    }
  });

  it("reads a key from the Headers of another realm or of a polyfill", async () => {
    const { merchant } = createShop();
    const get = (name: string) => (name.toLowerCase() === "authorization" ? basic(`Paycom:${KEY}`) : null);
    const headers: Headers = Object.assign(Object.create(null), { get });
    const { body } = await merchant.handle({ method: "POST", headers, body: call });
    expect(answerOf(String(body))).toMatchObject({ error: { code: -31003 }, id: 7 });
  });

  it.each([
    ["text", `\uFEFF${call}`],
    ["bytes", Buffer.from(`\uFEFF${call}`)],
  ])("%s with a byte order mark is read", async (_name, body) => {
    expect(await answer({ body })).toMatchObject({ error: { code: -31003 }, id: 7 });
  });

  it.each([100, 5_000, 30_000])("an account nested %i deep is -32600, as text and parsed", async (depth) => {
    for (const [open, close] of [
      ["[", "]"],
      ['{"a":', "}"],
    ] as const) {
      const nested = `${open.repeat(depth)}1${close.repeat(depth)}`;
      const params = `{"id":"a","time":1700000000000,"amount":5000000,"account":{"order_id":${nested}}}`;
      const text = `{"method":"CreateTransaction","params":${params},"id":7}`;
      for (const body of [text, JSON.parse(text)]) {
        const told = await answer({ body }, { limitBytes: 1_000_000 });
        expect(told).toMatchObject({ error: { code: -32600, data: "params" }, id: 7 });
      }
    }
  });

  it("takes no header in place of the key, not even the sandbox's", async () => {
    const { merchant } = createShop();
    const sandbox = {
      "Test-Operation": "Paycom",
      Referer: "http://test.paycom.uz",
      "User-Agent": "Mozilla/5.0 (Windows NT 6.1; WOW64; rv:47.0) Gecko/20100101 Firefox/47.0",
    };
    for (const Authorization of [undefined, basic("Paycom:Uzcard:x"), basic(`Paycom:${"x".repeat(36)}`)]) {
      const { body } = await merchant.handle({ method: "POST", headers: { ...sandbox, Authorization }, body: call });
      expect(answerOf(String(body))).toMatchObject({ error: { code: -32504 } });
    }
  });

  it("checks the key before the parameters: an empty account gives nothing away", async () => {
    const body = JSON.stringify({ method: "CheckPerformTransaction", params: { amount: 50_000, account: {} }, id: 7 });
    expect(await answer({ authorization: basic("Paycom:no"), body })).toMatchObject({ error: { code: -32504 } });
  });

  it("several keys count while they are given, a key with a colon too, and the test key as test", async () => {
    const key = ["old:key", KEY];
    expect(await answer({ authorization: basic("Paycom:old:key") }, { key })).toMatchObject({
      error: { code: -31003 },
    });
    expect(await answer({ authorization: basic(`Paycom:${TEST_KEY}`) })).toMatchObject({ error: { code: -31003 } });
    const withoutTest = { testKey: undefined };
    expect(await answer({ authorization: basic(`Paycom:${TEST_KEY}`) }, withoutTest)).toMatchObject({
      error: { code: -32504 },
    });
  });

  it("addresses, where they are given: Payme's, in IPv6 form too", async () => {
    const allowFrom = PAYME_ADDRESSES;
    expect(await answer({ address: "185.234.113.15" }, { allowFrom })).toMatchObject({ error: { code: -31003 } });
    expect(await answer({ address: "::ffff:185.234.113.1" }, { allowFrom })).toMatchObject({ error: { code: -31003 } });
    for (const address of ["185.234.113.0", "185.234.113.16", "1185.234.113.1", undefined]) {
      expect(await answer({ address }, { allowFrom })).toMatchObject({ error: { code: -32504 } });
    }
  });

  it.each(["185.234.113.0/33", "185.234.113.*", "payme.uz", "185.234.113.1:443", " 185.234.113.1", ""])(
    "an address that no caller can have is refused when the endpoint is made: %j",
    (address) => {
      expect(() => createShop({ allowFrom: ["185.234.113.1", address] })).toThrow(PaymeConfigError);
    },
  );

  it("an address counts in whatever form it is given", async () => {
    for (const [allowed, address] of [
      ["::ffff:185.234.113.1", "185.234.113.1"],
      ["::FFFF:185.234.113.1", "::ffff:185.234.113.1"],
      ["2001:DB8::1", "2001:db8::1"],
      ["2001:db8::1", "2001:DB8::1"],
    ] as const) {
      expect(await answer({ address }, { allowFrom: [allowed] })).toMatchObject({ error: { code: -31003 } });
    }
  });

  it("an empty list of addresses lets nobody in", async () => {
    expect(await answer({ address: "185.234.113.1" }, { allowFrom: [] })).toMatchObject({ error: { code: -32504 } });
  });

  it("an endpoint without a key, or with an empty one, is not made", () => {
    const make = (key: string | string[]) =>
      createMerchantApi({
        storage: memoryStorage(),
        key,
        account: { a: "string" },
        find: ({ a }) => ({ reference: a, amount: som(1) }),
      });
    expect(() => make("")).toThrow(PaymeConfigError);
    expect(() => make([])).toThrow(PaymeConfigError);
  });

  it.each([
    ["the same", KEY, KEY],
    ["one of several", [KEY, TEST_KEY], ["other".padEnd(36), TEST_KEY]],
  ])("an endpoint whose key and testKey are %s is not made", (_name, key, testKey) => {
    const make = () => createShop({ key, testKey });
    expect(make).toThrow(PaymeConfigError);
    expect(make).toThrow("a key is given as key and as testKey");
    expect(createShop({ key, testKey: "other".padEnd(36) }).lines).toEqual([]);
  });

  it("such keys from a function are told at the first call, and count as live", async () => {
    const { lines, merchant, call, create } = createShop({ key: () => TEST_KEY, testKey: TEST_KEY });
    expect(lines).toEqual([]);
    await call("CreateTransaction", create("a"), TEST_KEY);
    expect(lines).toEqual([expect.stringContaining("counts as live money")]);
    expect(lines.join()).not.toContain(TEST_KEY);
    expect(await merchant.isBeingPaid(1)).toBe(true);
  });

  it("several test keys count while they are given", async () => {
    const testKey = [TEST_KEY, "other-key"];
    for (const key of testKey) {
      expect(await answer({ authorization: basic(`Paycom:${key}`) }, { testKey })).toMatchObject({
        error: { code: -31003 },
      });
    }
  });

  it.each([
    ["cut at a #", "short-secret", "key has 12 characters, and Payme's keys have 36: was it cut at # or $?"],
    ["in quotes", `'${KEY}'`, "key has 38 characters, and Payme's keys have 36: it has a quote at its ends"],
    [
      "in quotes and cut",
      `"${KEY.slice(2)}"`,
      "key has 36 characters, and Payme's keys have 36: it has a quote at its ends",
    ],
    [
      "with half of its quotes",
      `'${KEY.slice(20)}`,
      "key has 17 characters, and Payme's keys have 36: it has a quote at its ends",
    ],
    ["with a space", `${KEY} `, "key has 37 characters, and Payme's keys have 36: it has a space at its ends"],
    ["too long", `${KEY}-too-long`, "key has 45 characters, and Payme's keys have 36"],
  ])("a key %s is warned about by what was seen, never by itself", (_name, key, message) => {
    const { lines } = createShop({ key });
    expect(lines.map((line) => JSON.parse(line).message)).toEqual([message]);
    for (const part of [key, key.slice(1, 9)]) expect(lines.join()).not.toContain(part);
  });

  it.each(["'".padEnd(36, "x"), "x".padStart(36, "#$"), `"${"x".repeat(34)}'`])(
    "a key of 36 characters is not warned about, whatever it holds: %s",
    (key) => {
      expect(createShop({ key }).lines).toEqual([]);
    },
  );
});

describe("a key that a function gives", () => {
  const header = (key: string) => ({ authorization: basic(`Paycom:${key}`) });

  it("is read at the first call, once, and not when the endpoint is made", async () => {
    const asked: string[] = [];
    const noting = <Given>(name: string, given: Given) => {
      return () => {
        asked.push(name);
        return given;
      };
    };
    const testKey = noting("testKey", ["older-test-key", TEST_KEY]);
    const shop = createShop({ key: noting("key", KEY), testKey });
    expect(asked).toEqual([]);
    await shop.merchant.handle({ method: "POST", headers: {}, body: call });
    expect(asked).toEqual([]);
    for (const key of [KEY, "older-test-key", TEST_KEY]) {
      expect(await shop.call("CheckTransaction", { id: "a" }, key)).toMatchObject({ error: { code: -31003 } });
    }
    expect(await shop.call("CheckTransaction", { id: "a" }, "nobody's")).toMatchObject({ error: { code: -32504 } });
    expect(asked).toEqual(["key", "testKey"]);
  });

  it.each<[string, () => string | string[]]>([
    ["is empty", () => ""],
    ["is none", () => []],
    [
      "cannot be read",
      () => {
        throw new Error("the vault is away");
      },
    ],
  ])("and %s lets nobody in: -32400, the reason in the log, until it is there", async (_name, missing) => {
    const given = { key: missing };
    const shop = createShop({ key: () => given.key(), testKey: undefined });
    for (const key of ["", KEY]) {
      const { body } = await shop.merchant.handle({ method: "POST", headers: header(key), body: call });
      expect(answerOf(String(body))).toMatchObject({ error: { code: -32400 }, id: null });
    }
    expect(shop.lines).toHaveLength(2);
    expect(shop.lines[0]).toMatch(/key is empty|there is no key|the vault is away/);
    given.key = () => KEY;
    expect(await shop.call("CheckTransaction", { id: "a" })).toMatchObject({ error: { code: -31003 } });
  });

  it("is replaced by the one that Payme sets", async () => {
    const shop = createShop({ key: () => KEY, onChangePassword: () => {} });
    const newKey = "new-key-of-36-characters-01234567890";
    expect(await shop.call("ChangePassword", { password: newKey })).toMatchObject({ result: { success: true } });
    expect(await shop.call("CheckTransaction", { id: "a" })).toMatchObject({ error: { code: -32504 } });
    expect(await shop.call("CheckTransaction", { id: "a" }, newKey)).toMatchObject({ error: { code: -31003 } });
  });
});

describe("the answer to", () => {
  it.each([
    ["no JSON", "{", -32700],
    ["nothing", "", -32700],
    ["no UTF-8", Uint8Array.from([0x22, 0xff, 0x22]), -32700],
    ["a list", "[]", -32600],
    ["a number", "5", -32600],
    ["no method", '{"params":{}}', -32600],
    ["a method that is a number", '{"method":5,"params":{}}', -32600],
    ["no params", '{"method":"CheckTransaction"}', -32600],
    ["params that are a list", '{"method":"CheckTransaction","params":[]}', -32600],
    ["an id that is an object", '{"method":"CheckTransaction","params":{},"id":{}}', -32600],
    ["a body over the limit", "x".repeat(70_000), -32600],
  ])("%s is answered %3$s, with an id of null", async (_name, body, code) => {
    expect(await answer({ body })).toMatchObject({ error: { code }, id: null });
  });

  it.each(["toString", "constructor", "__proto__", "checktransaction", "ChangePassword"])(
    "an unknown method, %s, is answered -32601 with its name",
    async (method) => {
      const body = JSON.stringify({ method, params: { password: "x" }, id: 7 });
      expect(await answer({ body })).toMatchObject({ error: { code: -32601, data: method }, id: 7 });
    },
  );

  it.each(["7", '"seven"', "null", "12345678901234567890", "-1"])("the id %s is echoed as it came", async (id) => {
    const { merchant } = createShop();
    const body = `{"method":"CheckTransaction","params":{"id":"a"},"id":${id}}`;
    const reply = await merchant.handle({ method: "POST", headers: { authorization: basic(`Paycom:${KEY}`) }, body });
    expect(String(reply.body).endsWith(`,"id":${id}}`)).toBe(true);
  });

  it.each([
    [
      "beside another id",
      '{"method":"CheckTransaction","params":{"id":"5"},"id":12345678901234567890}',
      "12345678901234567890",
    ],
    ["before another id", '{"id":1e999,"method":"CheckTransaction","params":{"id":1e3,"x":[{"id":7}]}}', "1e999"],
    ["in disguise", String.raw`{"method":"CheckTransaction","params":{"a":"\"id\":5"},"\u0069d":1e400}`, "1e400"],
    ["said twice", '{"id":1e400,"method":"CheckTransaction","params":{"id":"a"},"id":-2e400}', "-2e400"],
    ["of many digits", `{"method":"CheckTransaction","params":{"id":"a"},"id":${"9".repeat(400)}}`, "9".repeat(400)],
  ])("an id that JavaScript cannot hold is echoed as it was written: %s", async (_name, body, id) => {
    const { merchant } = createShop();
    const reply = await merchant.handle({ method: "POST", headers: { authorization: basic(`Paycom:${KEY}`) }, body });
    expect(String(reply.body).endsWith(`,"id":${id}}`)).toBe(true);
  });

  it("an id that JavaScript cannot hold and a parser has read is null, since Infinity is no JSON", async () => {
    const body = JSON.parse('{"method":"CheckTransaction","params":{"id":"a"},"id":1e999}');
    expect(await answer({ body })).toMatchObject({ error: { code: -31003 }, id: null });
  });

  it("a body that was parsed already, text and bytes mean the same", async () => {
    for (const body of [call, Buffer.from(call), JSON.parse(call)]) {
      expect(await answer({ body })).toMatchObject({ error: { code: -31003 }, id: 7 });
    }
  });
});

describe("limitBytes", () => {
  it.each([
    ["text", (text: string) => text],
    ["bytes", (text: string) => Buffer.from(text)],
  ])("counts bytes, not letters, of a body that is %s", async (_name, given) => {
    const padded = JSON.stringify({ method: "CheckTransaction", params: { id: "a", note: "Ж".repeat(100) }, id: 7 });
    const limitBytes = Buffer.byteLength(padded);
    expect(await answer({ body: given(padded) }, { limitBytes })).toMatchObject({ error: { code: -31003 } });
    expect(await answer({ body: given(padded) }, { limitBytes: limitBytes - 1 })).toMatchObject({
      error: { code: -32600 },
      id: null,
    });
  });

  it("is the shop's for fetch and the edges, too", async () => {
    const { merchant } = createShop({ limitBytes: 100 });
    expect(merchant.limitBytes).toBe(100);
    const headers = { Authorization: basic(`Paycom:${KEY}`) };
    for (const [size, code] of [
      [100, -31003],
      [101, -32600],
    ] as const) {
      const request = new Request("http://shop/payme", { method: "POST", headers, body: call.padEnd(size) });
      expect(await (await fetchMerchant(merchant)(request)).json()).toMatchObject({ error: { code } });
    }
  });
});

describe("fetch", () => {
  it("answers a Request, and reads no more of a body than it may", async () => {
    const { merchant } = createShop();
    const headers = { Authorization: basic(`Paycom:${KEY}`), "Content-Type": "text/json" };
    const post = (body: string) =>
      fetchMerchant(merchant)(new Request("http://shop/payme", { method: "POST", headers, body }));
    const response = await post(call);
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(await response.json()).toMatchObject({ error: { code: -31003 }, id: 7 });
    expect(await (await post("x".repeat(1_000_000))).json()).toMatchObject({ error: { code: -32600 } });
    expect(await (await fetchMerchant(merchant)(new Request("http://shop/payme"))).json()).toMatchObject({
      error: { code: -32300 },
    });
  });
});
