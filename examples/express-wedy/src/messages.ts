import { createOutbox, type Logger, type Message, type Outbox, type OutboxOptions, postMessages } from "payme-kit";
import type { Activation } from "payme-kit/tariffs";

/** What the server tells others: written with the activation, delivered afterwards, at least once. */
export interface Messages {
  /** For `createTariffs`: adds "tariff activated" in the transaction of the payment. */
  onActivated(activation: Activation, tx: unknown): Promise<void>;
  /** Delivers them. */
  readonly outbox: Outbox<unknown>;
}

export interface MessagesOptions extends Omit<OutboxOptions<unknown>, "deliver"> {
  /** Where messages are posted, as JSON. None: they are lines of the log. */
  readonly url: string | undefined;
  readonly logger: Logger;
}

/** The outbox of this server: "tariff activated", and the package's `payme.incident` and `subscription.…`. */
export function createMessages({ url, ...options }: MessagesOptions): Messages {
  const deliver = url === undefined ? (message: Message) => tellLog(options.logger, message) : postMessages(url);
  const outbox = createOutbox({ ...options, deliver });
  return { onActivated: (activation, tx) => outbox.add(activatedMessage(activation), tx), outbox };
}

function activatedMessage({ payment, userId, bought, tariffId, expiresAt }: Activation) {
  return {
    kind: "tariff.activated",
    subject: `user:${userId}`,
    data: {
      user_id: userId,
      payment_id: payment.id,
      bought_tariff_id: bought.tariffId,
      bought_tariff: bought.name,
      duration_days: bought.durationDays,
      // What the user has now: a cheaper tariff waits until the running one ends.
      tariff_id: tariffId,
      tariff_expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    },
  };
}

function tellLog(logger: Logger, { id, kind, data }: Message): void {
  logger.info("told", { message_id: id, kind, data });
}
