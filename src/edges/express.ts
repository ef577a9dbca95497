import type { ServerResponse } from "node:http";
import type { MerchantEndpoint } from "./merchant-endpoint";
import { answerMerchant, type NodeRequest } from "./merchant-node";
import type { BodyRequest } from "./read-node-body";
import { type NodeWebhookOptions, nodeWebhook } from "./webhook-node";

/** A Merchant API endpoint as Express 4 and 5 take it, and Nest's `app.use`. */
export type ExpressMerchantHandler = (request: NodeRequest, response: ServerResponse) => Promise<void>;

/** A handler of notifications as Express 4 and 5 take it, and Nest's `app.use`. */
export type ExpressWebhookHandler = (
  request: BodyRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>;

/**
 * Serves a Merchant API endpoint in Express and Nest. Answers every request with 200 and JSON-RPC: any method, any content
 * type, also after a body parser. Never rejects.
 *
 * @example app.use("/payme", expressMerchant(merchant));
 */
export function expressMerchant(merchant: MerchantEndpoint): ExpressMerchantHandler {
  return (request, response) => answerMerchant(merchant, request, response);
}

/**
 * Handles the Wedy guide's notifications in Express. Mount it before any body parser: the signature is over the raw bytes.
 * Errors of `onEvent` go to `next`.
 *
 * @throws PaymeConfigError when a secret is empty or there is none.
 * @example app.post("/payme/webhook", expressWebhook({ secret, onEvent: (event) => payments.recordWebhook(event) }));
 */
export function expressWebhook(options: NodeWebhookOptions): ExpressWebhookHandler {
  const answer = nodeWebhook(options);
  return (request, response, next) => answer(request, response).catch(next);
}
