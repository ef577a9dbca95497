import type { ServerResponse } from "node:http";
import type { BodyRequest } from "./read-body";
import { type WebhookOptions, webhookEdge } from "./webhook-edge";

export { type MerchantEndpoint, type NodeHandler, type NodeRequest, nodeHandler as expressHandler } from "./node";
export { type BodyRequest, BodyTooLargeError, readRawBody } from "./read-body";
export { refusalStatus, type WebhookOptions as ExpressWebhookOptions } from "./webhook-edge";

/** A handler as Express 4 and 5 take it, and Nest's `app.use`. */
export type ExpressHandler = (
  request: BodyRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>;

/**
 * Handles the Wedy guide's notifications in Express. Mount it before any body parser: the signature is over the raw bytes.
 * What `onEvent` throws goes to `next`.
 *
 * @throws PaymeConfigError when a secret is empty or there is none.
 * @example app.post("/payme/webhook", expressWebhook({ secrets, onEvent: (event) => payments.recordWebhook(event) }));
 */
export function expressWebhook(options: WebhookOptions): ExpressHandler {
  const edge = webhookEdge(options);
  return (request, response, next) => edge(request, response).catch(next);
}
