import type { ServerResponse } from "node:http";
import { PaymeValidationError } from "../kit/errors";
import { type BodyRequest, readRawBody } from "./read-node-body";
import { ACCEPTED, type WebhookOptions, webhookReader } from "./webhook";

/** Options of a webhook edge over Node's response: Express, Fastify, Nest, `node:http`. */
export interface NodeWebhookOptions extends WebhookOptions {
  /** Answers a refused notification in your own way. Default: a warning, and 401, 413 or 400 in the guide's form. */
  onRefused?: ((error: PaymeValidationError, response: ServerResponse) => void) | undefined;
}

/** A handler of notifications for `node:http`. Rejects with the error of `onEvent`, before anything was written. */
export type NodeWebhookHandler = (request: BodyRequest, response: ServerResponse) => Promise<void>;

/**
 * Handles the Wedy guide's notifications with `node:http`. The handler rejects with the error of `onEvent`: answer 500 then,
 * and the gateway repeats.
 *
 * @throws PaymeConfigError when a secret is empty or there is none.
 * @example const webhook = nodeWebhook({ secret, onEvent: (event) => payments.recordWebhook(event) });
 */
export function nodeWebhook(options: NodeWebhookOptions): NodeWebhookHandler {
  const reader = webhookReader(options);
  const { onEvent, onRefused = refuse } = options;

  function refuse(error: PaymeValidationError, response: ServerResponse): void {
    const { status, body } = reader.refuse(error);
    sendJson(response, status, body);
  }

  return async (request, response) => {
    const event = await reader.read(readRawBody(request, reader), request.headers);
    if (event instanceof PaymeValidationError) return onRefused(event, response);
    await onEvent(event);
    sendJson(response, 200, ACCEPTED);
  };
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
  });
  response.end(text);
}
