import type { ServerResponse } from "node:http";
import type { WebhookEvent } from "../gateway/webhook-event";
import { PaymeValidationError } from "../kit/errors";
import { type BodyRequest, readRawBody } from "./read-node-body";
import { ACCEPTED, refusalBody, refusalStatus, type WebhookOptions, webhookReader } from "./webhook";

/** Options of a webhook edge over Node's response: Express, Fastify, Nest, `node:http`. */
export interface NodeWebhookOptions extends WebhookOptions {
  /** Answers a refused notification in your own way. Default: a warning, and 401, 413 or 400 in the guide's form. */
  onRefused?: ((error: PaymeValidationError, response: ServerResponse) => void) | undefined;
}

/** Answers one notification. Rejects with the error of `onEvent`, before anything was written. */
export type AnswerWebhook = (request: BodyRequest, response: ServerResponse) => Promise<void>;

/**
 * Returns the handler of the guide's notifications over Node's request and response. The edges of frameworks wrap it.
 *
 * @throws PaymeConfigError when a secret is empty or there is none.
 */
export function answerWebhook(options: NodeWebhookOptions): AnswerWebhook {
  const reader = webhookReader(options);
  const { onEvent, onRefused = refuse } = options;

  function refuse(error: PaymeValidationError, response: ServerResponse): void {
    reader.warn(error);
    sendJson(response, refusalStatus(error), refusalBody(error));
  }

  async function readEvent(request: BodyRequest): Promise<WebhookEvent | PaymeValidationError> {
    try {
      return reader.parse(await readRawBody(request, reader), request.headers);
    } catch (error) {
      if (error instanceof PaymeValidationError) return error;
      throw error;
    }
  }

  return async (request, response) => {
    const event = await readEvent(request);
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
