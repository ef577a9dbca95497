import { describe, expect, it } from "vitest";
import { type FetchWebhookOptions, fetchWebhook } from "../../src/entry/fetch";
import type { WebhookEvent } from "../../src/entry/gateway";
import { signTestWebhook } from "../../src/testing/sign-test-webhook";

const secret = "your_secret_key";
const signed = signTestWebhook({ secret });
const LIMIT = 64 * 1024;

/** A handler, what it applied and what it warned of. */
function open(options: Partial<FetchWebhookOptions> = {}) {
  const events: WebhookEvent[] = [];
  const warnings: unknown[] = [];
  const logger = { info() {}, error() {}, warn: (...words: unknown[]) => void warnings.push(words) };
  const handle = fetchWebhook({ secret, onEvent: (event) => events.push(event), logger, ...options });
  const answer = async (request: Request) => {
    const response = await handle(request);
    return { status: response.status, answer: await response.json() };
  };
  return { events, warnings, handle, answer };
}

const requestOf = (init: RequestInit & { duplex?: "half" } = {}) =>
  new Request("https://shop.uz/payme/webhook", { method: "POST", ...signed, ...init });

/** A request whose body comes in these chunks, and then ends or breaks. */
function inChunks(chunks: readonly Uint8Array[], end: "close" | "error" = "close") {
  const read: number[] = [];
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = chunks[read.length];
        if (chunk !== undefined) {
          read.push(chunk.length);
          controller.enqueue(chunk);
        } else if (end === "close") controller.close();
        else controller.error(new Error("the sender went away"));
      },
    },
    { highWaterMark: 0 },
  );
  return { request: requestOf({ body, duplex: "half" }), read };
}

const refusalOf = (text: string) => ({
  success: false,
  error: expect.stringContaining(text),
  message: expect.stringContaining(text),
  data: { error_code: "WEBHOOK_FAILED", response_data: null },
});

describe("fetchWebhook", () => {
  it("answers the guide's ok once the event is applied, however its bytes come", async () => {
    const shop = open();
    expect(await shop.answer(requestOf())).toEqual({ status: 200, answer: { result: "ok" } });
    const bytes = Buffer.from(signed.body);
    const { request } = inChunks([bytes.subarray(0, 7), bytes.subarray(7)]);
    expect(await shop.answer(request)).toEqual({ status: 200, answer: { result: "ok" } });
    expect(shop.events).toMatchObject([
      { type: "payment.paid", amount: 5_000_000 },
      { type: "payment.paid", amount: 5_000_000 },
    ]);
    expect(shop.warnings).toEqual([]);
  });

  it.each<[string, number, string, () => Request | Promise<Request>]>([
    ["a wrong signature", 401, "ignature", () => requestOf({ body: "not json" })],
    ["no body", 401, "ignature", () => requestOf({ body: null })],
    [
      "a signed body that is no event",
      400,
      "not a JSON object",
      () => requestOf(signTestWebhook({ secret, body: "[]" })),
    ],
    ["a body over the limit", 413, `${LIMIT} bytes`, () => requestOf({ body: "x".repeat(LIMIT + 1) })],
    ["a body that was read before", 400, "body parser", read],
    ["a body whose sender went away", 400, "went away", () => inChunks([Buffer.from("{")], "error").request],
  ])("refuses %s with %i in the guide's form, and warns", async (_name, status, text, make) => {
    const shop = open();
    expect(await shop.answer(await make())).toEqual({ status, answer: refusalOf(text) });
    expect(shop.events).toEqual([]);
    expect(shop.warnings).toMatchObject([
      ["a notification was refused", { status, error: expect.stringContaining(text) }],
    ]);
  });

  it("takes as many bytes as its limit, and reads little more of a longer body", async () => {
    const length = Buffer.byteLength(signed.body);
    expect((await open({ limitBytes: length }).answer(requestOf())).status).toBe(200);
    expect((await open({ limitBytes: length - 1 }).answer(requestOf())).status).toBe(413);
    const mebibyte = Buffer.alloc(1024 * 1024);
    const { request, read: seen } = inChunks(Array.from({ length: 20 }, () => mebibyte));
    expect((await open().answer(request)).status).toBe(413);
    expect(seen).toHaveLength(5);
  });

  it("gives the refusal to onRefused, and warns of nothing then", async () => {
    const shop = open({ onRefused: (error) => new Response(error.name, { status: 418 }) });
    const response = await shop.handle(requestOf({ body: "other" }));
    expect([response.status, await response.text()]).toEqual([418, "PaymeSignatureError"]);
    expect(shop.warnings).toEqual([]);
  });

  it("rejects with what onEvent threw, so that the gateway repeats", async () => {
    const shop = open({ onEvent: () => Promise.reject(new Error("the database is away")) });
    await expect(shop.handle(requestOf())).rejects.toThrow("the database is away");
  });

  it("is refused at start without a secret", () => {
    expect(() => fetchWebhook({ secret: "", onEvent() {} })).toThrow(/secret/);
  });
});

async function read(): Promise<Request> {
  const request = requestOf();
  await request.text();
  return request;
}
