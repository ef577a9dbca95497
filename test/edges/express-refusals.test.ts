import { once } from "node:events";
import { createServer, type Server } from "node:http";
import express, { type RequestHandler } from "express";
import { afterEach, describe, expect, it } from "vitest";
import { expressWebhook, type NodeWebhookOptions } from "../../src/entry/express";
import type { WebhookEvent } from "../../src/entry/gateway";
import { PaymeConfigError } from "../../src/kit/errors";
import type { Logger } from "../../src/kit/logger";
import { signTestWebhook } from "../../src/testing/sign-test-webhook";

const secrets = "your_secret_key";
const signed = signTestWebhook({ secret: secrets });
const forged = { ...signed, body: signed.body.replace("5000000", "9000000") };
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Express with the handler behind other middleware; what it was told and what it told are kept. */
async function serve(options: Partial<NodeWebhookOptions> = {}, ...before: RequestHandler[]) {
  const events: WebhookEvent[] = [];
  const warnings: unknown[] = [];
  const logger: Logger = { info() {}, warn: (...said) => warnings.push(said), error() {} };
  const onEvent = (event: WebhookEvent) => events.push(event);
  const app = express();
  app.post("/", ...before, expressWebhook({ secret: secrets, onEvent, logger, ...options }));
  const failed: express.ErrorRequestHandler = (error, _request, response, _next) => {
    response.status(500).json({ failed: String(error) });
  };
  app.use(failed);
  const server = createServer(app).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
  const post = (init: RequestInit) => fetch(url, { method: "POST", ...init });
  return { events, warnings, post };
}

it("an app without a secret does not start: its first payment would be too late to learn of it", () => {
  for (const unset of ["", [], [secrets, ""], undefined]) {
    expect(() => Reflect.apply(expressWebhook, undefined, [{ secret: unset, onEvent() {} }])).toThrow(PaymeConfigError);
  }
});

describe("a refused notification", () => {
  it("reaches no onEvent, and its reason reaches the log without secret or signature", async () => {
    const { events, warnings, post } = await serve();
    expect((await post(forged)).status).toBe(401);
    expect(events).toEqual([]);
    expect(warnings).toMatchObject([["a notification was refused", { status: 401 }]]);
    expect(JSON.stringify(warnings)).not.toMatch(new RegExp(`${secrets}|${signed.headers["X-Auth-Signature"]}`));
  });

  it("because a body parser came first tells the owner how to mend it, and the caller nothing of it", async () => {
    const { warnings, post } = await serve({}, express.json());
    const response = await post(signed);
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain("express.json");
    expect(warnings).toMatchObject([[expect.anything(), { hint: expect.stringContaining("before express.json()") }]]);
  });

  it("is answered in the owner's way where there is one", async () => {
    const { warnings, post } = await serve({
      onRefused: (error, response) => {
        response.writeHead(418).end(error.code);
      },
    });
    const response = await post(forged);
    expect([response.status, await response.text()]).toEqual([418, "SIGNATURE_INVALID"]);
    expect(warnings).toEqual([]);
  });

  it("whose owner's answer throws is left to Express", async () => {
    const { post } = await serve({
      onRefused: () => {
        throw new Error("no template");
      },
    });
    expect((await post(forged)).status).toBe(500);
  });

  it.each(["GET", "HEAD", "PUT"])("that came by %s is no notification", async (method) => {
    const { events, post } = await serve();
    expect((await post({ method })).status).toBe(404);
    expect(events).toEqual([]);
  });
});

describe("the limit of the body", () => {
  it("is the owner's, and a body of just that size is taken", async () => {
    const length = Buffer.byteLength(signed.body);
    expect((await (await serve({ limitBytes: length })).post(signed)).status).toBe(200);
    expect((await (await serve({ limitBytes: length - 1 })).post(signed)).status).toBe(413);
  });

  it("leaves the connection usable: a small one after a large one is taken", async () => {
    const { post } = await serve();
    expect((await post({ ...signed, body: "x".repeat(1_000_000) })).status).toBe(413);
    expect((await post(signed)).status).toBe(200);
  });
});

it("the answer ok is sent after onEvent has ended", async () => {
  let booked = false;
  const { post } = await serve({
    onEvent: async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      booked = true;
    },
  });
  expect((await post(signed)).status).toBe(200);
  expect(booked).toBe(true);
});

it("an onExchange that throws loses no payment", async () => {
  const { events, post } = await serve({
    onExchange: () => {
      throw new Error("no disk");
    },
  });
  expect((await post(signed)).status).toBe(200);
  expect(events).toMatchObject([{ type: "payment.paid" }]);
});
