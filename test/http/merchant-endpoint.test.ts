import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { connect } from "node:net";
import express from "express";
import { afterEach, describe, expect, it } from "vitest";
import { expressHandler } from "../../src/http/express";
import { nodeHandler } from "../../src/http/node";
import { createShop, KEY } from "../merchant/shop";

const headers = { Authorization: `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}` };
const call = (method: string, params: object, id: unknown = 7) => JSON.stringify({ method, params, id });
const unknown = call("CheckTransaction", { id: "a" });
let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<{ url: string; port: number }> {
  server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return { url: `http://127.0.0.1:${port}/payme`, port };
}

/** The error's code in an answer that must be 200 and JSON. */
async function codeOf(response: Response): Promise<unknown> {
  expect(response.status).toBe(200);
  const answer: unknown = await response.json();
  expect(answer).toMatchObject({ error: { code: expect.any(Number) } });
  return JSON.parse(JSON.stringify(answer)).error.code;
}

const shop = createShop();
const nodeServer: RequestListener = (request, response) => void nodeHandler(shop.merchant)(request, response);
const expressServer = express().use("/payme", expressHandler(shop.merchant));
const parsedBefore = express()
  .use(express.json({ type: "*/*" }), express.urlencoded())
  .use("/payme", expressHandler(shop.merchant));

describe.each<[string, RequestListener]>([
  ["node:http", nodeServer],
  ["Express", expressServer],
  ["Express behind express.json()", parsedBefore],
])("a Merchant endpoint on %s", (name, listener) => {
  it("pays an order", async () => {
    const own = createShop();
    const onNode: RequestListener = (request, response) => void nodeHandler(own.merchant)(request, response);
    const onExpress = express().use("/payme", expressHandler(own.merchant));
    const { url } = await serve(name === "node:http" ? onNode : onExpress);
    const post = (body: string) => fetch(url, { method: "POST", headers, body });
    await own.ready;
    expect(await (await post(call("CreateTransaction", own.create("a")))).json()).toMatchObject({
      result: { state: 1 },
    });
    expect(await (await post(call("PerformTransaction", { id: "a" }))).json()).toMatchObject({
      result: { state: 2 },
      id: 7,
    });
    expect(await (await post(call("GetStatement", { from: 0, to: own.now() }))).json()).toMatchObject({
      result: { transactions: [{ id: "a", state: 2 }] },
      id: 7,
    });
    expect(own.order()).toMatchObject({ fulfilled: 1 });
  });

  it.each(["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])("answers %s with 200 and -32300", async (method) => {
    const { url } = await serve(listener);
    expect(await codeOf(await fetch(url, { method }))).toBe(-32300);
  });

  it("answers HEAD with 200", async () => {
    const { url } = await serve(listener);
    expect((await fetch(url, { method: "HEAD" })).status).toBe(200);
  });

  it.each(["application/json", "text/json; charset=UTF-8", "text/plain", "application/octet-stream"])(
    "reads a body of type %s",
    async (type) => {
      const { url } = await serve(listener);
      const response = await fetch(url, {
        method: "POST",
        headers: { ...headers, "Content-Type": type },
        body: unknown,
      });
      expect(await codeOf(response)).toBe(-31003);
    },
  );

  it("answers a wrong key with 200 and -32504", async () => {
    const { url } = await serve(listener);
    const response = await fetch(url, { method: "POST", headers: { Authorization: "Basic eDp5" }, body: unknown });
    expect(await codeOf(response)).toBe(-32504);
  });
});

describe("a Merchant endpoint's edge", () => {
  it("answers 1 MB with 200 and -32600, with and without a Content-Length", async () => {
    const { url } = await serve(nodeServer);
    const big = "x".repeat(1_000_000);
    expect(await codeOf(await fetch(url, { method: "POST", headers, body: big }))).toBe(-32600);
    const init = { method: "POST", headers, body: new Blob([big]).stream(), duplex: "half" } as const;
    expect(await codeOf(await fetch(url, init))).toBe(-32600);
  });

  it("neither crashes nor hangs when the sender goes away in the middle", async () => {
    const { url, port } = await serve(nodeServer);
    for (let n = 0; n < 20; n += 1) {
      const socket = connect(port, "127.0.0.1");
      socket.write("POST /payme HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
      await new Promise((resolve) => setTimeout(resolve, 2));
      socket.destroy();
    }
    expect(await codeOf(await fetch(url, { method: "POST", headers, body: unknown }))).toBe(-31003);
  });
});
