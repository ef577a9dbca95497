import { createServer, IncomingMessage, type RequestListener, type Server } from "node:http";
import { Socket } from "node:net";
import { text } from "node:stream/consumers";
import express from "express";
import { afterEach, describe, expect, it } from "vitest";
import { expressMerchant } from "../../src/entry/express";
import { fetchMerchant } from "../../src/entry/fetch";
import { type NodeRequest, nodeMerchant } from "../../src/entry/node";
import { som } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { createShop } from "../merchant/shop";
import { codeOf } from "./edge-contract";
import { authorization, basic, listen, send } from "./send";

const headers = { authorization };
const body = JSON.stringify({ method: "CheckTransaction", params: { id: "a" }, id: 7 });
const statement = JSON.stringify({ method: "GetStatement", params: { from: 0, to: Date.UTC(2030, 0) }, id: 7 });
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  return `http://127.0.0.1:${await listen(server)}/payme`;
}

describe("a body that the host has parsed, beside a stream that never gives it, as on serverless hosts", () => {
  /** Answers with what the host makes of the request: its stream stays silent. */
  async function hosted(kept: (sent: string) => object, sent: string, sender = headers) {
    const { merchant } = createShop();
    const answer = nodeMerchant(merchant);
    const url = await serve(async (incoming, response) => {
      const silent = new IncomingMessage(new Socket());
      const { method, headers: received } = incoming;
      const seen = { method, headers: received, ...kept(await text(incoming)) };
      await answer(Object.assign(silent, seen), response);
    });
    return codeOf(await send(url, { headers: sender, body: sent }));
  }
  const parsed = (sent: string) => ({ body: JSON.parse(sent) });

  it("is answered", async () => {
    expect(await hosted(parsed, body)).toBe(-31003);
  }, 5_000);

  it("is answered from its bytes where the host keeps them too", async () => {
    const kept = (sent: string) => ({ body: { method: "of another" }, rawBody: Buffer.from(sent) });
    expect(await hosted(kept, body)).toBe(-31003);
  }, 5_000);

  it.each([
    ["a method that is not there", '{"method":"Nothing","params":{},"id":1}', -32601],
    ["a batch", `[${body}]`, -32600],
    ["no method", '{"params":{}}', -32600],
  ])(
    "is refused as bytes would be: %s",
    async (_what, sent, code) => {
      expect(await hosted(parsed, sent)).toBe(code);
      expect(await hosted((bytes) => ({ rawBody: bytes }), sent)).toBe(code);
    },
    5_000,
  );

  it("is refused without the key", async () => {
    expect(await hosted(parsed, body, { authorization: basic("Paycom:no") })).toBe(-32504);
  }, 5_000);

  it("is read from the stream where the parser left an empty object and read nothing", async () => {
    const { merchant } = createShop();
    const answer = nodeMerchant(merchant);
    const url = await serve((request, response) => void answer(Object.assign(request, { body: {} }), response));
    expect(codeOf(await send(url, { headers, body }))).toBe(-31003);
  }, 5_000);
});

describe("a body that somebody has read and not kept", () => {
  it("is answered -32400 at once, and the owner is told how to mend it", async () => {
    const { merchant, lines } = createShop();
    const answer = nodeMerchant(merchant);
    const url = await serve(async (request, response) => {
      await text(request);
      await answer(request, response);
    });
    expect(codeOf(await send(url, { headers, body }))).toBe(-32400);
    expect(lines).toEqual([expect.stringContaining("before everything that reads bodies")]);
  });

  it("is answered -32504 without the key, and fills no log: one line a minute", async () => {
    const { merchant, lines } = createShop();
    const answer = nodeMerchant(merchant);
    const url = await serve(async (request, response) => {
      await text(request);
      await answer(request, response);
    });
    expect(codeOf(await send(url, { headers: { authorization: basic("Paycom:no") }, body }))).toBe(-32504);
    expect(codeOf(await send(url, { headers: { authorization: basic("Paycom:no") }, body }))).toBe(-32504);
    expect(codeOf(await send(url, { method: "GET" }))).toBe(-32300);
    expect(lines).toEqual([expect.stringContaining("not let in")]);
  });

  it("is answered so through fetch, too", async () => {
    const { merchant, lines } = createShop();
    const request = new Request("http://shop/payme", { method: "POST", headers, body });
    await request.text();
    expect(await (await fetchMerchant(merchant)(request)).json()).toMatchObject({ error: { code: -32400 }, id: null });
    expect(lines).toHaveLength(1);
  });
});

/** As Next.js writes it into `.next/types`, to check what a route exports. */
type NextRoute = (
  request: Request,
  context: { params: Promise<object> },
) => undefined | Response | Promise<undefined | Response>;

describe("fetch", () => {
  it("is a route of Next.js, whose second argument is the route's parameters", async () => {
    const { merchant } = createShop();
    const route: NextRoute = fetchMerchant(merchant);
    const request = new Request("http://shop/payme", { method: "POST", headers, body });
    expect(await (await route(request, { params: Promise.resolve({}) }))?.json()).toMatchObject({
      error: { code: -31003 },
    });
  });

  it("answers though the sender breaks off in the middle", async () => {
    const { merchant } = createShop();
    const broken = new ReadableStream({
      pull(controller) {
        controller.enqueue(Buffer.from("{"));
        controller.error(new Error("gone"));
      },
    });
    const init = { method: "POST", headers, body: broken, duplex: "half" } as const;
    const response = await fetchMerchant(merchant)(new Request("http://shop/payme", init));
    expect(await response.json()).toMatchObject({ error: { code: -32700 } });
  });

  it("does not read without end what is too large", async () => {
    const { merchant } = createShop();
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 65_536;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    const init = { method: "POST", headers, body: endless, duplex: "half" } as const;
    const response = await fetchMerchant(merchant)(new Request("http://shop/payme", init));
    expect(await response.json()).toMatchObject({ error: { code: -32600 } });
    expect(pulled).toBeLessThan(6_000_000);
  });
});

describe("a statement whose second page cannot be read", () => {
  /** A shop with more transactions than a page holds, whose database then goes away. */
  async function failingShop() {
    const storage = memoryStorage();
    const find = ({ order_id }: { order_id: number }) => ({ reference: order_id, min: som(1) });
    const shop = createShop({ storage, find, onReserved: () => true });
    for (let n = 0; n < 501; n += 1) await shop.call("CreateTransaction", shop.create(`id-${n}`));
    const { listTransactions } = storage;
    storage.listTransactions = (scope, range) =>
      range.after === undefined ? listTransactions(scope, range) : Promise.reject(new Error("the database is away"));
    return shop;
  }

  it.each<[string, (shop: Awaited<ReturnType<typeof failingShop>>) => RequestListener]>([
    ["node:http", ({ merchant }) => nodeMerchant(merchant)],
    ["Express", ({ merchant }) => express().use(expressMerchant(merchant))],
  ])("is cut off on %s: no whole answer, no crash, and a line in the log", async (_name, listener) => {
    const shop = await failingShop();
    const url = await serve(listener(shop));
    await expect(send(url, { headers, body: statement })).rejects.toThrow("aborted");
    expect(shop.lines.join()).toContain("the database is away");
    expect(codeOf(await send(url, { headers, body }))).toBe(-31003);
  });

  it("is cut off through fetch", async () => {
    const shop = await failingShop();
    const response = await fetchMerchant(shop.merchant)(
      new Request("http://shop/payme", { method: "POST", headers, body: statement }),
    );
    await expect(response.text()).rejects.toThrow("the database is away");
  });
});

it("a short answer tells its length, for proxies that speak HTTP/1.0", async () => {
  const { merchant } = createShop();
  const response = await fetch(await serve(nodeMerchant(merchant)), { method: "POST", headers, body });
  expect(Number(response.headers.get("content-length"))).toBe(Buffer.byteLength(await response.text()));
});

it("the address is the socket's, or as far as Express trusts its proxy, the payer's of Payme's range", async () => {
  const { merchant } = createShop({ allowFrom: ["185.234.113.1"] });
  const forwarded = { ...headers, "x-forwarded-for": "185.234.113.1" };
  const untrusting = await serve(express().use(expressMerchant(merchant)));
  expect(codeOf(await send(untrusting, { headers: forwarded, body }))).toBe(-32504);
  const trusting = await serve(express().set("trust proxy", "loopback").use(expressMerchant(merchant)));
  expect(codeOf(await send(trusting, { headers: forwarded, body }))).toBe(-31003);
});

it("the address is what bare Node's proxy says, where the owner says which header that is, and else the socket's", async () => {
  const { merchant } = createShop({ allowFrom: ["185.234.113.1"] });
  const addressOf = ({ headers: { "x-real-ip": address } }: NodeRequest) => {
    if (address === "throw") throw new Error("no address");
    return address?.toString();
  };
  const untrusting = await serve(nodeMerchant(merchant));
  const trusting = await serve(nodeMerchant(merchant, { addressOf }));
  const codeFor = async (url: string, address: Record<string, string>) =>
    codeOf(await send(url, { headers: { ...headers, ...address }, body }));
  expect(await codeFor(untrusting, { "x-real-ip": "185.234.113.1" })).toBe(-32504);
  expect(await codeFor(trusting, { "x-real-ip": "185.234.113.1" })).toBe(-31003);
  for (const address of [{}, { "x-real-ip": "185.234.113.16" }, { "x-real-ip": "throw" }]) {
    expect(await codeFor(trusting, address)).toBe(-32504);
  }
  const onThisMachine = await serve(nodeMerchant(createShop({ allowFrom: ["127.0.0.1"] }).merchant, { addressOf }));
  expect(await codeFor(onThisMachine, {})).toBe(-31003);
});

it("a slash at the end of the address is no redirect", async () => {
  const { merchant } = createShop();
  const url = await serve(express().use("/payme", expressMerchant(merchant)));
  expect(codeOf(await send(`${url}/`, { headers, body }))).toBe(-31003);
});
