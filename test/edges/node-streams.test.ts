import { createServer, IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { BodyTooLargeError } from "../../src/edges/body-errors";
import type { MerchantEndpoint } from "../../src/edges/merchant-endpoint";
import { readRawBody } from "../../src/edges/read-node-body";
import { fetchMerchant } from "../../src/entry/fetch";
import { nodeMerchant, nodeWebhook } from "../../src/entry/node";
import type { MerchantRequest } from "../../src/merchant/gate";
import type { MerchantReply } from "../../src/merchant/merchant-api";
import { signTestWebhook } from "../../src/testing/sign-test-webhook";
import { listenOn } from "../../src/tools/listen-on";

const EVENTS = ["data", "end", "error", "close"];

/** A request whose bytes the test sends. */
function openRequest(headers: IncomingMessage["headers"] = {}) {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { headers, method: "POST" });
  request.on("error", () => {});
  const before = EVENTS.map((name) => request.listenerCount(name));
  const send = (body: string) => {
    request.push(body);
    request.push(null);
  };
  return { request, send, leftOver: () => EVENTS.map((name, at) => request.listenerCount(name) - (before[at] ?? 0)) };
}

describe("a body that is read from a stream leaves no listener", () => {
  it.each<[string, (request: IncomingMessage) => unknown, unknown]>([
    ["at its end", (request) => [request.push("{}"), request.push(null)], "{}"],
    ["when it is too large", (request) => request.push("x".repeat(101)), expect.any(BodyTooLargeError)],
    ["when it breaks", (request) => request.emit("error", new Error("reset")), /the sender went away/],
    ["when it is closed", (request) => request.emit("close"), /the sender went away/],
  ])("%s", async (_name, send, expected) => {
    const { request, leftOver } = openRequest();
    const reading = readRawBody(request, { limitBytes: 100 });
    expect(leftOver()).toEqual([1, 1, 1, 1]);
    send(request);
    const outcome = await reading.then(
      (bytes) => Buffer.from(bytes).toString(),
      (error: unknown) => error,
    );
    if (expected instanceof RegExp) expect(String(outcome)).toMatch(expected);
    else expect(outcome).toEqual(expected);
    expect(leftOver()).toEqual([0, 0, 0, 0]);
  });

  it("whose Content-Length is over the limit is refused at once, and what comes is dropped", async () => {
    const { request, leftOver } = openRequest({ "content-length": "101" });
    await expect(readRawBody(request, { limitBytes: 100 })).rejects.toThrow("the body is larger than 100 bytes");
    expect([leftOver(), request.readableFlowing]).toEqual([[0, 0, 0, 0], true]);
    const exact = openRequest({ "content-length": "100" });
    exact.send("x");
    expect(await readRawBody(exact.request, { limitBytes: 100 })).toHaveLength(1);
  });
});

/** An endpoint that answers with these pieces, and notes its requests and whether its answer was read to the end. */
function pieceByPiece(pieces: () => AsyncGenerator<string>) {
  const seen: MerchantRequest[] = [];
  const ended: string[] = [];
  const endpoint: MerchantEndpoint = {
    limitBytes: 1_000,
    async handle(request): Promise<MerchantReply> {
      seen.push(request);
      const body = (async function* () {
        try {
          yield* pieces();
          ended.push("whole");
        } finally {
          ended.push("closed");
        }
      })();
      return { status: 200, headers: { "content-type": "application/json" }, body };
    },
  };
  return { endpoint, seen, ended };
}

async function* endless(): AsyncGenerator<string> {
  for (;;) yield "x".repeat(64 * 1024);
}

describe("an answer in pieces", () => {
  it("is not read on once its reader has gone", async () => {
    const { endpoint, ended } = pieceByPiece(endless);
    const answered: ServerResponse[] = [];
    const handle = nodeMerchant(endpoint);
    const server = createServer((request, response) => {
      answered.push(response);
      void handle(request, response);
    });
    const { url } = await listenOn(server, { port: 0, host: "127.0.0.1" });
    onTestFinished(() => void server.close());
    const before = new ServerResponse(new IncomingMessage(new Socket())).listenerCount("close");
    const response = await fetch(url, { method: "POST", body: "{}" });
    await response.body?.cancel();
    await vi.waitFor(() => expect(ended).toEqual(["closed"]));
    expect(answered.map((each) => [each.listenerCount("drain"), each.listenerCount("close")])).toEqual([[0, before]]);
  });

  it("of a fetch handler is closed where its reader cancels it", async () => {
    const { endpoint, ended } = pieceByPiece(endless);
    const response = await fetchMerchant(endpoint)(new Request("https://shop.uz", { method: "POST", body: "{}" }));
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(ended).toEqual(["closed"]);
  });

  it("that breaks in the middle is no whole answer", async () => {
    const { endpoint } = pieceByPiece(async function* () {
      yield "[";
      throw new Error("the next page cannot be read");
    });
    const server = createServer(nodeMerchant(endpoint));
    const { url } = await listenOn(server, { port: 0, host: "127.0.0.1" });
    onTestFinished(() => void server.close());
    const answer = fetch(url, { method: "POST", body: "{}" }).then((response) => response.text());
    await expect(answer).rejects.toThrow();
  });
});

describe("the caller's address", () => {
  it.each<[string, Parameters<typeof nodeMerchant>[1], string | undefined]>([
    ["is the socket's", undefined, "127.0.0.1"],
    ["is what addressOf says", { addressOf: ({ headers }) => headers["x-real-ip"]?.toString() }, "185.8.212.7"],
    ["is the socket's where addressOf finds nothing", { addressOf: () => undefined }, "127.0.0.1"],
    [
      "is the socket's where addressOf throws",
      {
        addressOf() {
          throw new Error("no such header");
        },
      },
      "127.0.0.1",
    ],
  ])("%s", async (_name, options, expected) => {
    const { endpoint, seen } = pieceByPiece(async function* () {
      yield "{}";
    });
    const server = createServer(nodeMerchant(endpoint, options));
    const { url } = await listenOn(server, { port: 0, host: "127.0.0.1" });
    onTestFinished(() => void server.close());
    await (await fetch(url, { method: "POST", body: "{}", headers: { "x-real-ip": "185.8.212.7" } })).text();
    expect(seen.map(({ address }) => address)).toEqual([expected]);
  });

  it("is unknown where a host gives no socket", async () => {
    const { endpoint, seen } = pieceByPiece(async function* () {
      yield "{}";
    });
    const { request, send } = openRequest();
    send("{}");
    const response = new ServerResponse(request);
    setTimeout(() => response.destroy(), 20);
    await nodeMerchant(endpoint)(request, response);
    expect(seen).toMatchObject([{ address: undefined }]);
  });
});

it("nodeWebhook answers JSON with its length", async () => {
  const secret = "your_secret_key";
  const handle = nodeWebhook({ secret, onEvent() {} });
  const server = createServer((request, response) => void handle(request, response));
  const { url } = await listenOn(server, { port: 0, host: "127.0.0.1" });
  onTestFinished(() => void server.close());
  const { headers } = await fetch(url, { method: "POST", ...signTestWebhook({ secret }) });
  expect([headers.get("content-type"), headers.get("content-length")]).toEqual([
    "application/json; charset=utf-8",
    "15",
  ]);
});
