import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import { fastifyMerchant, fastifyWebhook, type NodeWebhookOptions } from "../../src/entry/fastify";
import type { WebhookEvent } from "../../src/entry/gateway";
import { PaymeConfigError } from "../../src/kit/errors";
import { signTestWebhook } from "../../src/testing/sign-test-webhook";
import { createShop } from "../merchant/shop";
import { codeOf } from "./edge-contract";
import { authorization, send } from "./send";

const headers = { authorization };
const body = JSON.stringify({ method: "CheckTransaction", params: { id: "a" }, id: 7 });
const apps: FastifyInstance[] = [];

afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

async function start(app: FastifyInstance): Promise<string> {
  apps.push(app);
  return app.listen({ port: 0, host: "127.0.0.1" });
}

describe("fastifyMerchant", () => {
  it("leaves the application's own parsers, limits and answers as they are", async () => {
    const { merchant } = createShop();
    const app = Fastify({ bodyLimit: 100 });
    app.addContentTypeParser("text/csv", { parseAs: "string" }, (_request, text, done) => done(null, `csv:${text}`));
    app.register(fastifyMerchant(merchant), { prefix: "/payme" });
    app.post("/orders", async ({ body }) => ({ got: body }));
    const url = await start(app);
    const order = (type: string, text: string) =>
      send(`${url}/orders`, { headers: { "content-type": type }, body: text });
    expect(await order("application/json", '{"a":1}')).toMatchObject({ status: 200, text: '{"got":{"a":1}}' });
    expect(await order("text/csv", "a,b")).toMatchObject({ status: 200, text: '{"got":"csv:a,b"}' });
    expect(await order("text/json", "{}")).toMatchObject({ status: 415 });
    expect(await order("text/plain", "x".repeat(101))).toMatchObject({ status: 413 });
    expect(await send(`${url}/orders`, { method: "GET" })).toMatchObject({ status: 404 });
    expect(codeOf(await send(`${url}/payme`, { headers, body: body.padEnd(101) }))).toBe(-31003);
  });

  it("leaves alone what is beside its path, also where it has no prefix", async () => {
    const { merchant } = createShop();
    const app = Fastify();
    app.register(fastifyMerchant(merchant));
    const url = await start(app);
    expect(codeOf(await send(`${url}/`, { headers, body }))).toBe(-31003);
    expect(await send(`${url}/orders`, { method: "GET" })).toMatchObject({ status: 404 });
  });

  it("takes a slash at the end of the address, without a redirect", async () => {
    const { merchant } = createShop();
    const app = Fastify();
    app.register(fastifyMerchant(merchant), { prefix: "/payme" });
    const url = await start(app);
    expect(codeOf(await send(`${url}/payme/`, { headers, body }))).toBe(-31003);
  });

  it("is beside an application's hook that refuses everybody, if that is in a scope of its own", async () => {
    const { merchant } = createShop();
    const app = Fastify();
    app.register(fastifyMerchant(merchant), { prefix: "/payme" });
    app.register(async (shop) => {
      shop.addHook("onRequest", async (_request, reply) => reply.code(401).send({ session: "none" }));
      shop.get("/orders", async () => []);
    });
    const url = await start(app);
    expect(await send(`${url}/orders`, { method: "GET" })).toMatchObject({ status: 401 });
    expect(codeOf(await send(`${url}/payme`, { headers, body }))).toBe(-31003);
  });

  it("is seen by the application's onResponse hooks, as any other request", async () => {
    const { merchant } = createShop();
    const app = Fastify();
    const seen: unknown[] = [];
    app.addHook("onResponse", async ({ url }, { raw }) => {
      seen.push([url, raw.statusCode]);
    });
    app.register(fastifyMerchant(merchant), { prefix: "/payme" });
    const url = await start(app);
    await send(`${url}/payme`, { headers, body });
    await expect.poll(() => seen).toEqual([["/payme", 200]]);
  });

  it("tells the address as far as trustProxy goes", async () => {
    const { merchant } = createShop({ allowFrom: ["185.234.113.1"] });
    const forwarded = { ...headers, "x-forwarded-for": "185.234.113.1" };
    for (const [trustProxy, code] of [
      [false, -32504],
      ["127.0.0.1", -31003],
    ] as const) {
      const app = Fastify({ trustProxy });
      app.register(fastifyMerchant(merchant), { prefix: "/payme" });
      expect(codeOf(await send(`${await start(app)}/payme`, { headers: forwarded, body }))).toBe(code);
    }
  });

  it("answers inject, with which Fastify's users test", async () => {
    const { merchant } = createShop();
    const app = Fastify();
    app.register(fastifyMerchant(merchant), { prefix: "/payme" });
    const { statusCode, json } = await app.inject({ method: "POST", url: "/payme", headers, payload: body });
    expect([statusCode, json()]).toMatchObject([200, { error: { code: -31003 }, id: 7 }]);
  });
});

describe("fastifyWebhook", () => {
  const secrets = "your_secret_key";
  const signed = signTestWebhook({ secret: secrets });

  /** A Fastify with the handler; what it was told and what it told are kept. */
  async function serve(options: Partial<NodeWebhookOptions> = {}) {
    const events: WebhookEvent[] = [];
    const warnings: unknown[] = [];
    const logger = { info() {}, warn: (...said: unknown[]) => warnings.push(said), error() {} };
    const onEvent = (event: WebhookEvent) => events.push(event);
    const app = Fastify();
    app.setErrorHandler((error, _request, reply) => reply.code(500).send({ failed: String(error) }));
    app.register(fastifyWebhook({ secret: secrets, onEvent, logger, ...options }), { prefix: "/payme/webhook" });
    const url = `${await start(app)}/payme/webhook`;
    return { events, warnings, post: (init: RequestInit = {}) => fetch(url, { method: "POST", ...signed, ...init }) };
  }

  it("does not start without a secret", () => {
    expect(() => fastifyWebhook({ secret: "", onEvent() {} })).toThrow(PaymeConfigError);
  });

  it("answers the guide's ok once the event is handled", async () => {
    const { events, post } = await serve();
    const response = await post();
    expect([response.status, await response.text()]).toEqual([200, '{"result":"ok"}']);
    expect(events).toMatchObject([{ type: "payment.paid", amount: 5_000_000 }]);
  });

  it.each(["text/plain", "text/json", ";"])("reads the bytes whatever their type: %s", async (type) => {
    const { post } = await serve();
    expect((await post({ headers: { ...signed.headers, "Content-Type": type } })).status).toBe(200);
  });

  it("answers 401 to a forged one in the guide's form, and tells the log why", async () => {
    const { events, warnings, post } = await serve();
    const response = await post({ body: signed.body.replace("5000000", "9000000") });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ success: false, data: { error_code: "WEBHOOK_FAILED" } });
    expect(events).toEqual([]);
    expect(warnings).toMatchObject([["a notification was refused", { status: 401 }]]);
  });

  it("answers 413 to a body over the limit", async () => {
    const { post } = await serve();
    expect((await post({ body: "x".repeat(65 * 1024) })).status).toBe(413);
  });

  it("is answered in the owner's way where there is one", async () => {
    const { post } = await serve({ onRefused: (error, response) => response.writeHead(418).end(error.code) });
    const response = await post({ body: "{}" });
    expect([response.status, await response.text()]).toEqual([418, "SIGNATURE_INVALID"]);
  });

  it("leaves a throw of onEvent to Fastify, so that the gateway repeats", async () => {
    const { post } = await serve({ onEvent: () => Promise.reject(new Error("the database is away")) });
    const response = await post();
    expect([response.status, await response.text()]).toEqual([500, '{"failed":"Error: the database is away"}']);
  });
});
