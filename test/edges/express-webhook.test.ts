import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import express, { type Express, type RequestHandler } from "express";
import { afterEach, describe, expect, it } from "vitest";
import { expressWebhook } from "../../src/entry/express";
import type { WebhookEvent } from "../../src/entry/gateway";
import { signTestWebhook } from "../../src/testing/sign-test-webhook";

const secrets = ["your_secret_key"];
const signed = signTestWebhook({ secret: "your_secret_key" });
let server: Server | undefined;
const quiet = { info() {}, warn() {}, error() {} };

afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(prepare: (app: Express) => void, onEvent: (event: WebhookEvent) => unknown = () => {}) {
  const app = express();
  prepare(app);
  app.post("/payme/webhook", expressWebhook({ secret: secrets, onEvent, logger: quiet }));
  const failed: express.ErrorRequestHandler = (error, _request, response, _next) => {
    response.status(500).json({ failed: String(error) });
  };
  app.use(failed);
  server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return { url: `http://127.0.0.1:${port}/payme/webhook`, port };
}

const post = (url: string, init: RequestInit = {}) => fetch(url, { method: "POST", ...signed, ...init });

describe("expressWebhook", () => {
  it("answers the guide's ok once the event is handled", async () => {
    const events: WebhookEvent[] = [];
    const { url } = await serve(
      () => {},
      (event) => events.push(event),
    );
    const response = await post(url);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('{"result":"ok"}');
    expect(events).toMatchObject([{ type: "payment.paid", amount: 5_000_000 }]);
  });

  it.each(["text/plain", "application/octet-stream", "text/json"])(
    "reads the body whatever its type: %s",
    async (type) => {
      const { url } = await serve((app) => app.use(express.json()));
      const response = await post(url, { headers: { ...signed.headers, "Content-Type": type } });
      expect(response.status).toBe(200);
    },
  );

  it.each<[string, RequestHandler]>([
    ["express.raw", express.raw({ type: "*/*" })],
    ["express.text", express.text({ type: "*/*" })],
    [
      "rawBody kept by a verify function",
      express.json({ verify: (request, _response, bytes) => Object.assign(request, { rawBody: bytes }) }),
    ],
  ])("takes bytes that were kept by %s", async (_name, parser) => {
    const { url } = await serve((app) => app.use(parser));
    expect((await post(url)).status).toBe(200);
  });

  it("says at once when express.json() has read the body, and does not wait for ever", async () => {
    const { url } = await serve((app) => app.use(express.json()));
    const response = await post(url);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ success: false, error: expect.stringContaining("body parser") });
  });

  it("answers 401 in the guide's form to a wrong signature, before it looks at the body", async () => {
    const { url } = await serve(() => {});
    const response = await post(url, { body: "not json" });
    expect(response.status).toBe(401);
    const answer: unknown = await response.json();
    expect(answer).toMatchObject({ success: false, data: { error_code: "WEBHOOK_FAILED", response_data: null } });
  });

  it("answers 400 to a rightly signed body that is no event", async () => {
    const { url } = await serve(() => {});
    const { body, headers } = signTestWebhook({ secret: "your_secret_key", body: "[]" });
    expect((await post(url, { body, headers })).status).toBe(400);
  });

  it("answers 413 to a body over the limit, with and without a Content-Length", async () => {
    const { url } = await serve(() => {});
    const big = "x".repeat(65 * 1024);
    expect((await post(url, { body: big })).status).toBe(413);
    const stream = new Blob([big]).stream();
    const init = { body: stream, duplex: "half" } as const;
    expect((await post(url, init)).status).toBe(413);
  });

  it("leaves a throw of onEvent to Express, so that the gateway repeats", async () => {
    const { url } = await serve(
      () => {},
      () => Promise.reject(new Error("the database is away")),
    );
    const response = await post(url);
    expect(response.status).toBe(500);
  });

  it("does not hang when the sender goes away in the middle", async () => {
    const { url, port } = await serve(() => {});
    const socket = connect(port, "127.0.0.1");
    socket.write("POST /payme/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    expect((await post(url)).status).toBe(200);
  });
});
