import {
  createOutbox,
  type Logger,
  type Message,
  type Mode,
  type Outbox,
  type OutboxEvent,
  type Storage,
} from "payme-kit";
import type { Activation } from "payme-kit/tariffs";

/** What the server tells others: written with the activation, delivered afterwards, at least once. */
export interface Messages {
  /** For `createTariffs`: adds "tariff activated" in the transaction of the payment. */
  onActivated(activation: Activation, tx: unknown): Promise<void>;
  /** Delivers them. */
  readonly outbox: Outbox<unknown>;
}

export interface MessagesOptions {
  readonly storage: Storage<unknown>;
  readonly cashbox: string | undefined;
  readonly mode: Mode;
  /** Where messages are posted, as JSON. None: they are lines of the log. */
  readonly url: string | undefined;
  readonly logger: Logger;
  readonly onEvent?: ((event: OutboxEvent) => void) | undefined;
}

/** The outbox of this server: "tariff activated", and the package's `payme.incident`. */
export function createMessages({ storage, cashbox, mode, url, logger, onEvent }: MessagesOptions): Messages {
  const deliver = url === undefined ? (message: Message) => tellLog(logger, message) : poster(url);
  const outbox: Outbox<unknown> = createOutbox({ storage, cashbox, mode, logger, onEvent, deliver });
  return {
    onActivated: (activation, tx) => outbox.add(activatedMessage(activation), tx),
    outbox,
  };
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

/** Posts a message; anything but 2xx means that it was not taken. A receiver knows a repeat by its `id`. */
function poster(url: string) {
  return async ({ id, kind, subject, data, at }: Message, { signal }: { signal: AbortSignal }) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ id, kind, subject, data, at: new Date(at).toISOString() }),
      redirect: "error",
      signal,
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`MESSAGES_URL answered ${response.status}`);
  };
}
