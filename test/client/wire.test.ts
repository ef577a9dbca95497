import { createHmac } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { keyAuth } from "../../src/client/x-auth";
import { som } from "../../src/kit/money";
import { bareReceipt, connect, createArguments, key, merchantId, read, receiptId, write } from "./kit";
import { answering } from "./scripted-server";

const created = answering({ result: { receipt: bareReceipt } });

describe("what goes over the wire", () => {
  it("is a POST to <host>/api with the headers of Payme's samples", async () => {
    const { client, server } = await connect(created);
    await write(client);
    const [request] = server.seen;
    expect(request?.method).toBe("POST");
    expect(request?.url).toBe("/api");
    expect(request?.headers["content-type"]).toBe("application/json");
    expect(request?.headers["cache-control"]).toBe("no-cache");
  });

  it("is JSON-RPC with named params, an integer id of its own for each call, and no undefined member", async () => {
    const { client, server } = await connect(created);
    await client.receipts.create({ ...createArguments, description: undefined, hold: true });
    await write(client);
    const [first, second] = server.seen.map(({ body }) => JSON.parse(body));
    expect(first).toEqual({
      id: expect.any(Number),
      method: "receipts.create",
      params: { amount: som(12_500), account: { order_id: 4417 }, hold: true },
    });
    expect(second.id).not.toBe(first.id);
  });

  it("carries `X-Auth: id:key` in plain text under key", async () => {
    const { client, server } = await connect(created);
    await write(client);
    expect(server.seen[0]?.headers["x-auth"]).toBe(`${merchantId}:${key}`);
    expect(keyAuth({ merchantId, key }).prepare("{}")).toEqual({ body: "{}", header: `${merchantId}:${key}` });
  });

  it("carries the HMAC of the very body that is sent under signature, which is the canonical text", async () => {
    const { client, server } = await connect(created, { auth: "signature" });
    await client.receipts.create({ ...createArguments, description: "Тариф Премиум" });
    const { body = "", headers } = server.seen[0] ?? {};
    const signature = createHmac("sha256", key).update(body, "utf8").digest("hex");
    expect(headers?.["x-auth"]).toBe(`${merchantId}:${signature}`);
    expect(body).toContain("\\u0422\\u0430\\u0440\\u0438\\u0444");
    expect(JSON.parse(body).params.description).toBe("Тариф Премиум");
  });

  it("may come back compressed", async () => {
    const { client } = await connect((response) => {
      const body = gzipSync(JSON.stringify({ result: { state: 4 } }));
      response.writeHead(200, { "Content-Type": "application/json", "Content-Encoding": "gzip" }).end(body);
    });
    expect(await read(client)).toEqual({ state: 4 });
  });

  it("may come back in pieces that cut a letter in two, and with any media type", async () => {
    const { client } = await connect((response) => {
      const bytes = Buffer.from(JSON.stringify({ result: { receipt: { ...bareReceipt, description: "Тўлов 🎉" } } }));
      response.writeHead(200, { "Content-Type": "text/plain" });
      for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7));
      response.end();
    });
    expect((await client.receipts.get(receiptId)).description).toBe("Тўлов 🎉");
  });

  it.each([
    ["null", { id: null }],
    ["absent", {}],
    ["another", { id: 9 }],
    ["text", { id: "x" }],
  ])("may come back with an id that is %s", async (_case, id) => {
    const { client } = await connect(answering({ jsonrpc: "2.0", ...id, result: { receipt: bareReceipt } }));
    expect((await write(client))._id).toBe(receiptId);
  });

  it("may come back with `error: null` beside the result", async () => {
    const { client } = await connect(answering({ result: { state: 4 }, error: null }));
    expect(await read(client)).toEqual({ state: 4 });
  });
});
