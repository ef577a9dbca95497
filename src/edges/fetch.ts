import { PaymeValidationError } from "../kit/errors";
import { BodyTooLargeError, bodyWasParsed, DROPPED_BYTES, senderGone } from "./body-errors";
import type { MerchantEndpoint, ReadBody } from "./merchant-endpoint";
import { ACCEPTED, type WebhookOptions, webhookReader } from "./webhook";

/** A handler of a Merchant API endpoint for `Request` and `Response`. */
export type FetchMerchantHandler = (request: Request, context?: FetchContext) => Promise<Response>;

/** A handler of notifications for `Request` and `Response`. */
export type FetchWebhookHandler = (request: Request) => Promise<Response>;

/** Facts about a request that are not in the `Request`. */
export interface FetchContext {
  /** The caller's address from a source that you trust; needed with `allowFrom` only. */
  readonly address?: string | undefined;
  /** Next.js gives its routes this. It is not looked at. */
  readonly params?: unknown;
}

/** Options of {@link fetchWebhook}. */
export interface FetchWebhookOptions extends WebhookOptions {
  /** Answers a refused notification in your own way. Default: a warning, and 401, 413 or 400 in the guide's form. */
  onRefused?: ((error: PaymeValidationError) => Response | Promise<Response>) | undefined;
}

/**
 * Serves a Merchant API endpoint over `Request` and `Response`: Hono, Next.js, Bun, Deno, Workers. Answers every request with
 * 200 and JSON-RPC. Never rejects.
 *
 * @example export const POST = fetchMerchant(merchant); // app/payme/route.ts of Next.js
 */
export function fetchMerchant(merchant: MerchantEndpoint): FetchMerchantHandler {
  return async (request, { address } = {}) => {
    const { method, headers } = request;
    const read = await readMerchantBody(request, merchant.limitBytes);
    const reply = await merchant.handle({ method, headers, address, ...read });
    const body = typeof reply.body === "string" ? reply.body : streamOf(reply.body);
    return new Response(body, { headers: { ...reply.headers } });
  };
}

/**
 * Handles the Wedy guide's notifications over `Request` and `Response`. The handler rejects with the error that `onEvent` threw.
 *
 * @throws PaymeConfigError when a secret is empty or there is none.
 * @example hono.post("/payme/webhook", (c) => webhook(c.req.raw)); // webhook = fetchWebhook({ secret, onEvent })
 */
export function fetchWebhook(options: FetchWebhookOptions): FetchWebhookHandler {
  const reader = webhookReader(options);
  const { onEvent, onRefused = refuse } = options;

  function refuse(error: PaymeValidationError): Response {
    const { status, body } = reader.refuse(error);
    return Response.json(body, { status });
  }

  return async (request) => {
    const event = await reader.read(readWebhookBody(request, reader.limitBytes), request.headers);
    if (event instanceof PaymeValidationError) return onRefused(event);
    await onEvent(event);
    return Response.json(ACCEPTED);
  };
}

async function readMerchantBody(request: Request, limitBytes: number): Promise<ReadBody> {
  const body = await readBody(request, limitBytes);
  if (body === "lost") return { body: undefined, isBodyLost: true };
  if (body === "too large") return { body: undefined, isTooLarge: true };
  // Half a body is not JSON, and nobody reads the answer.
  return { body: body === "gone" ? "" : body };
}

async function readWebhookBody(request: Request, limitBytes: number): Promise<Uint8Array> {
  const body = await readBody(request, limitBytes);
  if (body === "lost") throw bodyWasParsed("Give the handler the request before anything reads it.");
  if (body === "too large") throw new BodyTooLargeError(limitBytes);
  if (body === "gone") throw senderGone();
  return body;
}

/** Reads a body up to a limit. `lost`: it was read before, so nothing would come. `gone`: its sender went away. */
async function readBody(request: Request, limitBytes: number): Promise<Uint8Array | "lost" | "too large" | "gone"> {
  if (request.bodyUsed) return "lost";
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of request.body ?? []) {
      length += chunk.byteLength;
      if (length <= limitBytes) chunks.push(chunk);
      if (length > limitBytes + DROPPED_BYTES) break;
    }
  } catch {
    return "gone";
  }
  return length > limitBytes ? "too large" : Buffer.concat(chunks);
}

function streamOf(pieces: AsyncIterable<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const iterator = pieces[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}
