import type { ServerResponse } from "node:http";
import type { Clock } from "../clock";
import { PaymeSignatureError, PaymeValidationError } from "../errors";
import { parseWebhook, type WebhookEvent } from "../gateway";
import { requireSecrets } from "../gateway/signature";
import { consoleLogger, type Logger } from "../logger";
import type { OnExchange } from "../protocol/exchange";
import { type BodyRequest, BodyTooLargeError, readRawBody } from "./read-body";

/** What a handler of notifications needs, whatever the framework. */
export interface WebhookOptions {
  /** The secret that the gateway signs with, or several while you change them. */
  secrets: string | readonly string[];
  /** What the notification does. Its answer is sent when this returns; a throw goes to the framework, so that the gateway repeats. */
  onEvent: (event: WebhookEvent) => unknown;
  /** Answers a notification that was refused, in your own way. Default: a warning, and 401, 413 or 400 in the guide's form. */
  onRefused?: ((error: PaymeValidationError, response: ServerResponse) => void) | undefined;
  /** The largest body, in bytes. Default 64 KiB. */
  limitBytes?: number | undefined;
  now?: Clock | undefined;
  onExchange?: OnExchange | undefined;
  /** Told why notifications are refused, with what to do about it. Default: warnings to standard error. */
  logger?: Logger | undefined;
}

/** Answers one notification; rejects with what `onEvent` threw, before anything was written. */
export type WebhookEdge = (request: BodyRequest, response: ServerResponse) => Promise<void>;

const DEFAULT_LIMIT_BYTES = 64 * 1024;

/**
 * The Wedy guide's notifications, for a framework's edge to pass on.
 *
 * @throws PaymeConfigError when a secret is empty or there is none.
 */
export function webhookEdge(options: WebhookOptions): WebhookEdge {
  const { onEvent, limitBytes = DEFAULT_LIMIT_BYTES, now, onExchange, logger = consoleLogger } = options;
  const { onRefused = (error, response) => refuse(error, response, logger) } = options;
  const secret = requireSecrets(options.secrets);
  return async (request, response) => {
    const event = await readEvent(request);
    if (event instanceof PaymeValidationError) return onRefused(event, response);
    await onEvent(event);
    sendJson(response, 200, { result: "ok" });
  };

  async function readEvent(request: BodyRequest): Promise<WebhookEvent | PaymeValidationError> {
    try {
      const rawBody = await readRawBody(request, { limitBytes });
      return parseWebhook(rawBody, request.headers, { secret, now, onExchange, logger });
    } catch (error) {
      if (error instanceof PaymeValidationError) return error;
      throw error;
    }
  }
}

function refuse(error: PaymeValidationError, response: ServerResponse, logger: Logger): void {
  const { message, hint } = error;
  const status = refusalStatus(error);
  logger.warn("a notification was refused", { status, error: message, hint });
  sendJson(response, status, {
    success: false,
    error: message,
    message,
    data: { error_code: "WEBHOOK_FAILED", response_data: null },
  });
}

/** The HTTP status for a notification that was refused. */
export function refusalStatus(error: PaymeValidationError): 400 | 401 | 413 {
  if (error instanceof PaymeSignatureError) return 401;
  return error instanceof BodyTooLargeError ? 413 : 400;
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
  });
  response.end(text);
}
