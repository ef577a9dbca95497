import { requireSecrets } from "../gateway/signature";
import { parseWebhook, type WebhookHeaders } from "../gateway/webhook";
import type { WebhookEvent } from "../gateway/webhook-event";
import type { Clock } from "../kit/clock";
import { PaymeSignatureError, type PaymeValidationError } from "../kit/errors";
import { consoleLogger, type Logger } from "../kit/logger";
import type { OnExchange } from "../protocol/exchange";
import { BodyTooLargeError } from "./body-errors";

/** Options of a webhook edge in any framework. */
export interface WebhookOptions {
  /** The secret that the gateway signs with, or several while you change it. */
  secret: string | readonly string[];
  /** Applies the notification. The answer is sent when it returns. An error goes to the framework, and the gateway repeats. */
  onEvent: (event: WebhookEvent) => unknown;
  /** The largest body, in bytes. Default 64 KiB. */
  limitBytes?: number | undefined;
  now?: Clock | undefined;
  onExchange?: OnExchange | undefined;
  /** Gets the reason of each refusal, with a hint. Default: warnings to standard error. */
  logger?: Logger | undefined;
}

/** The part of a webhook edge that knows no framework. */
export interface WebhookReader {
  readonly limitBytes: number;
  /** Verifies and parses a raw body. @throws PaymeValidationError when the notification is refused. */
  parse(rawBody: string | Uint8Array, headers: WebhookHeaders): WebhookEvent;
  /** Writes a refusal to the log. */
  warn(error: PaymeValidationError): void;
}

const DEFAULT_LIMIT_BYTES = 64 * 1024;

/** The answer to a notification that was applied. */
export const ACCEPTED = { result: "ok" } as const;

/**
 * Returns the framework-free part of a webhook edge.
 *
 * @throws PaymeConfigError when a secret is empty or there is none.
 */
export function webhookReader(options: WebhookOptions): WebhookReader {
  const { limitBytes = DEFAULT_LIMIT_BYTES, now, onExchange, logger = consoleLogger } = options;
  const secret = requireSecrets(options.secret);
  return {
    limitBytes,
    parse: (rawBody, headers) => parseWebhook(rawBody, headers, { secret, now, onExchange, logger }),
    warn: (error) => {
      const { message, hint } = error;
      logger.warn("a notification was refused", { status: refusalStatus(error), error: message, hint });
    },
  };
}

/** Returns the HTTP status for a notification that was refused. */
export function refusalStatus(error: PaymeValidationError): 400 | 401 | 413 {
  if (error instanceof PaymeSignatureError) return 401;
  return error instanceof BodyTooLargeError ? 413 : 400;
}

/** Returns the guide's body for a notification that was refused. */
export function refusalBody({ message }: PaymeValidationError): object {
  return {
    success: false,
    error: message,
    message,
    data: { error_code: "WEBHOOK_FAILED", response_data: null },
  };
}
