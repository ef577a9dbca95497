import type { RequestHandler } from "express";
import type { Logger, Payments, WebhookEvent } from "payme-kit";
import { expressWebhook } from "payme-kit/express";
import { MAX_BODY_BYTES, refusalOf } from "../error-answer";
import { notFound } from "../refusal";

/** What {@link webhookHandler} works with. */
export interface WebhookOptions {
  readonly payments: Payments;
  /** What the gateway signs with. */
  readonly secret: readonly string[];
  /** Counts a notification that was wrongly signed, and refuses it where there were too many. */
  readonly countFailure: RequestHandler;
  readonly now?: (() => number) | undefined;
  readonly logger: Logger;
}

/**
 * Takes the gateway's notifications. `{"result":"ok"}` says that it is in our books, also where it came before or where its
 * money cannot be placed (an incident); anything else asks the gateway to repeat.
 */
export function webhookHandler({ payments, secret, now, countFailure, logger }: WebhookOptions): RequestHandler {
  return async (request, response, next) => {
    const refuse = (error: unknown) => next(refusalOf(error, "webhook") ?? error);
    const handle = expressWebhook({
      secret,
      now,
      limitBytes: MAX_BODY_BYTES,
      onEvent: record,
      onRefused: (error) => {
        const isForged = error.code === "SIGNATURE_INVALID";
        if (!isForged) return refuse(error);
        void countFailure(request, response, (limited) => {
          // Once there are too many, the log is spared, too.
          if (limited === undefined) logger.warn("webhook refused", { reason: error.message, hint: error.hint });
          refuse(limited ?? error);
        });
      },
    });
    await handle(request, response, refuse);
  };

  async function record(event: WebhookEvent): Promise<void> {
    const recorded = await payments.recordWebhook(event);
    const transaction = event.type === "unknown" ? null : event.transactionId;
    logger.info("webhook", { event: event.type, transaction_id: transaction, outcome: recorded.outcome });
    if (recorded.outcome === "not_found") throw notFound("the notification names a transaction that is not ours");
  }
}
