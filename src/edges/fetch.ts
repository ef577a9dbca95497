import type { MerchantEndpoint } from "./merchant-endpoint";
import { answerMerchantRequest, type FetchContext } from "./merchant-web";
import { answerWebhookRequest, type FetchWebhookOptions } from "./webhook-web";

/** A handler of a Merchant API endpoint for `Request` and `Response`. */
export type FetchMerchantHandler = (request: Request, context?: FetchContext) => Promise<Response>;

/** A handler of notifications for `Request` and `Response`. */
export type FetchWebhookHandler = (request: Request) => Promise<Response>;

/**
 * Serves a Merchant API endpoint over `Request` and `Response`: Hono, Next.js, Bun, Deno, Workers. Whatever comes is
 * answered with 200 and JSON-RPC. Never rejects.
 *
 * @example export const POST = fetchMerchant(merchant); // app/payme/route.ts of Next.js
 */
export function fetchMerchant(merchant: MerchantEndpoint): FetchMerchantHandler {
  return (request, context) => answerMerchantRequest(merchant, request, context);
}

/**
 * Handles the Wedy guide's notifications over `Request` and `Response`. What `onEvent` throws is the rejection.
 *
 * @throws PaymeConfigError when a secret is empty or there is none.
 * @example app.post("/payme/webhook", (c) => webhook(c.req.raw)); // Hono; webhook = fetchWebhook({ secret, onEvent })
 */
export function fetchWebhook(options: FetchWebhookOptions): FetchWebhookHandler {
  return answerWebhookRequest(options);
}
