import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createShop } from "../merchant/shop";
import { authorization, basic, type Got, type Sent, send } from "./send";

export type Shop = ReturnType<typeof createShop>;

/** A server that has the shop's endpoint under some path. */
export interface Served {
  readonly url: string;
  close(): unknown;
}

/** How an edge differs from others, and may. */
export interface EdgeTraits {
  /** A body parser comes first and answers in its own way what is no JSON. */
  readonly isParsedBefore?: boolean;
}

const call = (method: string, params: object) => JSON.stringify({ method, params, id: 7 });
/** Answered -31003 wherever it was read. */
const UNKNOWN = call("CheckTransaction", { id: "a" });
const LIMIT_BYTES = 64 * 1024;

const CONTENT_TYPES = [
  "application/json",
  "application/json; charset=UTF-8",
  "text/json; charset=UTF-8",
  "text/plain",
  "text/html",
  "application/octet-stream",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "multipart/form-data; boundary=x",
  "application/jsonp; q=;;",
  "no type at all",
  ";",
];

/** What holds for a Merchant API endpoint in every framework: whatever comes, HTTP 200 and JSON-RPC. */
export function edgeContract(name: string, serve: (shop: Shop) => Promise<Served>, traits: EdgeTraits = {}): void {
  describe(`a Merchant endpoint on ${name}`, () => {
    const shop = createShop();
    let served: Served;

    beforeAll(async () => {
      await shop.ready;
      served = await serve(shop);
    });
    afterAll(() => served.close());

    const post = (sent: Sent) => send(served.url, { ...sent, headers: { authorization, ...sent.headers } });

    it("takes an order's payment, once, and states it", async () => {
      const create = { body: call("CreateTransaction", shop.create("paid")) };
      expect(resultOf(await post(create))).toMatchObject({ state: 1 });
      expect((await post(create)).text).toBe((await post(create)).text);
      expect(resultOf(await post({ body: call("PerformTransaction", { id: "paid" }) }))).toMatchObject({ state: 2 });
      expect(resultOf(await post({ body: call("PerformTransaction", { id: "paid" }) }))).toMatchObject({ state: 2 });
      const statement = await post({ body: call("GetStatement", { from: 0, to: shop.now() }) });
      expect(resultOf(statement)).toMatchObject({ transactions: [{ id: "paid", state: 2 }] });
      expect(shop.order()).toMatchObject({ status: "paid", fulfilled: 1 });
    });

    it.each(CONTENT_TYPES)("reads a body of the type %s", async (type) => {
      expect(codeOf(await post({ headers: { "content-type": type }, body: UNKNOWN }))).toBe(-31003);
    });

    it("reads a body without a type", async () => {
      expect(codeOf(await post({ body: UNKNOWN }))).toBe(-31003);
    });

    it("reads a body that comes in pieces, without a length", async () => {
      expect(codeOf(await post({ body: [...UNKNOWN] }))).toBe(-31003);
    });

    it("reads a body whose sender waits to be told to go on", async () => {
      const headers = { expect: "100-continue", "content-length": UNKNOWN.length };
      expect(codeOf(await post({ headers, body: UNKNOWN }))).toBe(-31003);
    });

    it.each(["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])(
      "answers %s with 200 and -32300, body or none",
      async (method) => {
        expect(codeOf(await post({ method }))).toBe(-32300);
        const headers = { "content-type": "application/json", "content-length": 2 };
        if (method !== "GET") expect(codeOf(await post({ method, headers, body: "{}" }))).toBe(-32300);
      },
    );

    it("answers HEAD with 200", async () => {
      expect(await post({ method: "HEAD" })).toMatchObject({ status: 200, text: "" });
    });

    it.each([
      ["no key", undefined],
      ["a wrong key", basic("Paycom:Uzcard:someRandomString1545343543545")],
      ["no Basic", "Bearer x"],
    ])("answers %s with 200 and -32504, whatever the type", async (_name, header) => {
      for (const type of ["application/json", "text/plain"]) {
        const headers = { "content-type": type, ...(header === undefined ? {} : { authorization: header }) };
        expect(codeOf(await send(served.url, { headers, body: UNKNOWN }))).toBe(-32504);
      }
    });

    it.each(["[]", "7", "true"])("answers %s with 200 and -32600", async (body) => {
      expect(codeOf(await post({ headers: { "content-type": "application/json" }, body }))).toBe(-32600);
    });

    it("answers a body in gzip, which Payme never sends", async () => {
      const headers = { "content-type": "application/json", "content-encoding": "gzip" };
      const code = codeOf(await post({ headers, body: gzipSync(UNKNOWN) }));
      expect(code).toBe(traits.isParsedBefore === true ? -31003 : -32700);
    });

    it("neither crashes nor stores anything when the sender goes away in the middle", async () => {
      const { hostname, port, pathname } = new URL(served.url);
      const create = call("CreateTransaction", shop.create("half", { account: { order_id: 2 } }));
      for (let n = 0; n < 20; n += 1) {
        const socket = connect(Number(port), hostname);
        const head = `POST ${pathname} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n`;
        socket.write(`${head}Content-Length: ${create.length + 1}\r\n\r\n${create.slice(0, n * 10)}`);
        await pause(2);
        socket.destroy();
      }
      expect(codeOf(await post({ body: call("CheckTransaction", { id: "half" }) }))).toBe(-31003);
    });

    if (traits.isParsedBefore !== true) readsEverything(post);

    it("has written nothing to its log but that a wrong key came", () => {
      expect(shop.lines.filter((line) => !line.includes("not let in"))).toEqual([]);
    });
  });
}

/** What holds where nobody has read the body before. */
function readsEverything(post: (sent: Sent) => Promise<Got>): void {
  it("reads UTF-8 where the type says that it is something else", async () => {
    const headers = { "content-type": "application/json; charset=koi8-r" };
    expect(codeOf(await post({ headers, body: UNKNOWN }))).toBe(-31003);
  });

  it.each([
    ["an empty body", ""],
    ["no JSON", "{"],
    ["no UTF-8", Uint8Array.from([0x22, 0xff, 0x22])],
    ["a form", "method=CheckTransaction"],
  ])("answers %s with 200 and -32700, with and without a type", async (_name, body) => {
    expect(codeOf(await post({ body }))).toBe(-32700);
    expect(codeOf(await post({ headers: { "content-type": "application/json" }, body }))).toBe(-32700);
  });

  // Once parsed, text looks like a body that is still to be parsed, and null like none.
  it.each(['"text"', "null"])("answers %s with 200 and -32600", async (body) => {
    expect(codeOf(await post({ body }))).toBe(-32600);
  });

  it("answers a body of 1 MB with 200 and -32600, with and without a length", async () => {
    const big = Buffer.alloc(1_000_000, "x");
    for (const type of ["application/json", "text/plain"]) {
      expect(codeOf(await post({ headers: { "content-type": type }, body: big }))).toBe(-32600);
      const pieces = Array.from({ length: 100 }, () => big.subarray(0, 10_000));
      expect(codeOf(await post({ headers: { "content-type": type }, body: pieces }))).toBe(-32600);
    }
  });

  it("reads a body of just the limit, and refuses one byte more", async () => {
    expect(codeOf(await post({ body: UNKNOWN.padEnd(LIMIT_BYTES) }))).toBe(-31003);
    expect(codeOf(await post({ body: UNKNOWN.padEnd(LIMIT_BYTES + 1) }))).toBe(-32600);
  });
}

/** The answer, which must be 200 and JSON-RPC. */
function answerOf({ status, type, text }: Got) {
  expect(text).toMatch(/^\{"(result|error)":/);
  expect({ status, type }).toEqual({ status: 200, type: "application/json; charset=utf-8" });
  return JSON.parse(text);
}

export function codeOf(got: Got): unknown {
  const { error, ...rest } = answerOf(got);
  expect(rest).not.toHaveProperty("result");
  expect(error.message).toEqual({ ru: expect.any(String), uz: expect.any(String), en: expect.any(String) });
  return error.code;
}

export function resultOf(got: Got): unknown {
  const { result, ...rest } = answerOf(got);
  expect(rest).toEqual({ id: 7 });
  return result;
}
