import { requireSecrets } from "../gateway/signature";
import { parseWebhook, type WebhookHeaders } from "../gateway/webhook";
import type { WebhookEvent } from "../gateway/webhook-event";
import type { Clock } from "../kit/clock";
import { PaymeValidationError } from "../kit/errors";
import { httpAnswerOf } from "../kit/http-answer";
import { consoleLogger, type Logger } from "../kit/logger";
import type { OnExchange } from "../protocol/exchange";

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

const DEFAULT_LIMIT_BYTES = 64 * 1024;

/** The answer to a notification that was applied. */
export const ACCEPTED = { result: "ok" } as const;

/**
 * Returns the framework-free part of a webhook edge.
 *
 * @throws PaymeConfigError when a secret is empty or there is none.
 */
export function webhookReader(options: WebhookOptions) {
  const { limitBytes = DEFAULT_LIMIT_BYTES, now, onExchange, logger = consoleLogger } = options;
  const secret = requireSecrets(options.secret);
  return {
    limitBytes,
    /** Verifies and parses a raw body. Returns the error of a notification that is refused. */
    async read(body: Promise<Uint8Array>, headers: WebhookHeaders): Promise<WebhookEvent | PaymeValidationError> {
      try {
        return parseWebhook(await body, headers, { secret, now, onExchange, logger });
      } catch (error) {
        if (error instanceof PaymeValidationError) return error;
        throw error;
      }
    },
    /** Writes a refusal to the log, and returns its answer in the guide's form. */
    refuse(error: PaymeValidationError): { status: number; body: object } {
      const { message, hint } = error;
      const status = httpAnswerOf(error)?.status ?? 400;
      logger.warn("a notification was refused", { status, error: message, hint });
      const data = { error_code: "WEBHOOK_FAILED", response_data: null };
      return { status, body: { success: false, error: message, message, data } };
    },
  };
}
