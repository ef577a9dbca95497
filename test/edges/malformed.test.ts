import { Agent, createServer, type RequestListener, type Server } from "node:http";
import { connect } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import express from "express";
import Fastify from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expressMerchant } from "../../src/entry/express";
import { fastifyMerchant } from "../../src/entry/fastify";
import { nodeMerchant } from "../../src/entry/node";
import { seededRandom } from "../../src/testing/mock/random";
import { createShop } from "../merchant/shop";
import { brokenRequest } from "./broken-requests";
import { codeOf } from "./edge-contract";
import { createMalformedRequests } from "./malformed-requests";
import { authorization, type Got, listen, type Sent, send } from "./send";

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const REQUESTS = 20_000;
const MEASURED_AFTER = 5_000;
const BROKEN = 500;
const AT_ONCE = 24;
const MEGABYTE = 1024 * 1024;
/** A socket that nobody has closed after so long hangs. */
const HANGING_MS = 10_000;

const silent = { info() {}, warn() {}, error() {} };
const shop = createShop({ logger: silent });
const fastify = Fastify();
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
const servers: Server[] = [];
let urls: string[] = [];

beforeAll(async () => {
  await shop.ready;
  fastify.register(fastifyMerchant(shop.merchant), { prefix: "/payme" });
  await fastify.ready();
  const listeners: RequestListener[] = [
    nodeMerchant(shop.merchant),
    express().use("/payme", expressMerchant(shop.merchant)),
    (request, response) => fastify.routing(request, response),
  ];
  urls = await Promise.all(listeners.map(serve));
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  return `http://127.0.0.1:${await listen(server)}/payme`;
}

afterAll(async () => {
  agent.destroy();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await fastify.close();
});

/** One of the three servers by turns. */
const urlOf = (n: number) => urls[n % urls.length] ?? "";

/** Runs `count` tasks, a few at once. */
async function each(from: number, count: number, task: (n: number) => Promise<void>): Promise<void> {
  let next = from;
  const worker = async () => {
    while (next < from + count) await task(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** True for HTTP 200 with one JSON-RPC answer: a result or an error that says so in three languages. */
function isAnswer({ method }: Sent, { status, type, text }: Got): boolean {
  if (status !== 200 || type !== "application/json; charset=utf-8") return false;
  if (method === "HEAD") return text === "";
  const answer = JSON.parse(text);
  const { code, message = {} } = answer.error ?? {};
  const isError = Number.isInteger(code) && ["ru", "uz", "en"].every((language) => message[language]?.length > 0);
  return "id" in answer && "result" in answer !== "error" in answer && ("result" in answer || isError);
}

/** What the heap holds when all that nobody needs is gone. */
function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  for (let n = 0; n < 3; n += 1) collect();
  return process.memoryUsage().heapUsed;
}

describe(`malformed requests (SEED=${SEED})`, () => {
  it(`${REQUESTS} requests with malformed content are answered with 200 and JSON-RPC, and leave nothing in memory`, async () => {
    const requests = createMalformedRequests(seededRandom(SEED).next);
    const codes = new Map<unknown, number>();
    const wrong: unknown[] = [];
    const sendNext = async (n: number) => {
      const sent = requests.next();
      const got = await send(urlOf(n), { ...sent, agent });
      if (!isAnswer(sent, got)) wrong.push({ n, sent, got });
      const code = sent.method === "HEAD" ? "HEAD" : (JSON.parse(got.text || "{}").error?.code ?? "result");
      codes.set(code, (codes.get(code) ?? 0) + 1);
    };
    await each(0, MEASURED_AFTER, sendNext);
    const before = heapBytes();
    await each(MEASURED_AFTER, REQUESTS - MEASURED_AFTER, sendNext);
    const grown = (heapBytes() - before) / MEGABYTE;
    console.log(`SEED=${SEED}`, Object.fromEntries(codes), `the heap grew by ${grown.toFixed(1)} MB`);
    expect(wrong.slice(0, 3)).toEqual([]);
    expect(grown).toBeLessThan(10);
    // Each way to be refused was taken, and so was the way in.
    const needed = ["HEAD", "result", -32300, -32504, -32700, -32600, -32601, -31003, -31050];
    expect([...codes.keys()]).toEqual(expect.arrayContaining(needed));
  }, 120_000);

  it(`${BROKEN} requests that are broken or cut off crash nothing, hang nowhere and store nothing`, async () => {
    expect(await sendBroken(shop, urls, BROKEN)).toEqual({ hanging: [], booked: [], stored: [] });
    for (const url of urls) {
      const body = JSON.stringify({ method: "CheckTransaction", params: { id: "none" }, id: 7 });
      expect(codeOf(await send(url, { headers: { authorization }, body }))).toBe(-31003);
    }
  }, 60_000);

  it("an edge that takes what has come for the whole would store some of them", async () => {
    const own = createShop({ logger: silent });
    await own.ready;
    const url = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on("error", () => {}).on("data", (chunk) => chunks.push(chunk));
      request.on("close", async () => {
        const { headers, method = "" } = request;
        await own.merchant.handle({ method, headers, body: Buffer.concat(chunks) });
        response.end();
      });
    });
    expect((await sendBroken(own, [url], BROKEN)).stored).not.toEqual([]);
  }, 60_000);
});

/** Sends requests that are broken or cut off, and tells which hung, which were answered with a result, and what they left. */
async function sendBroken({ create, storage }: ReturnType<typeof createShop>, to: readonly string[], count: number) {
  const random = seededRandom(SEED).next;
  const hanging: number[] = [];
  const booked: string[] = [];
  await each(0, count, async (n) => {
    const params = create(`broken-${n}`, { account: { order_id: 9 } });
    const body = JSON.stringify({ method: "CreateTransaction", params, id: 7 });
    const { bytes, after } = brokenRequest(random, "/payme", body);
    const heard = await overSocket(Number(new URL(to[n % to.length] ?? "").port), bytes, after);
    if (heard === undefined) hanging.push(n);
    if (heard?.includes('"result"')) booked.push(heard);
  });
  const ids = Array.from({ length: count }, (_, n) => `broken-${n}`);
  const rows = await Promise.all(ids.map((id) => storage.findTransaction({ cashbox: "default", mode: "live" }, id)));
  return { hanging, booked, stored: rows.filter((row) => row !== undefined) };
}

/** What the server said until the socket was closed; undefined where it never was. */
function overSocket(port: number, bytes: Buffer, after: "destroy" | "end" | "wait"): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const heard: Buffer[] = [];
    const timer = setTimeout(() => {
      resolve(undefined);
      socket.destroy();
    }, HANGING_MS);
    socket.on("error", () => {});
    socket.on("data", (chunk) => heard.push(chunk));
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(heard).toString());
    });
    socket.write(bytes, () => {
      if (after === "end") socket.end();
      // The server has the bytes before it learns that nobody waits.
      if (after === "destroy") setTimeout(() => socket.destroy(), 1);
    });
  });
}
