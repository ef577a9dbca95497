import type { Logger } from "../kit/logger";
import { seldom } from "../kit/seldom";
import type { PaymeEvent } from "./payme-event";

/** What each change of state is called in the log. Refusals and failures are logged where they happen. */
const LINES: Partial<Readonly<Record<PaymeEvent["kind"], string>>> = {
  "payment.created": "payment created",
  "payment.paid": "payment paid",
  "payment.cancelled": "payment cancelled",
  "payment.failed": "payment failed",
  "refund.queued": "refund begun: the goods are taken back",
  "refund.done": "refund done: the money is back",
  "refund.refused": "refund refused by Payme",
  "refund.stuck": "refund stuck at Payme",
  "transaction.created": "transaction created",
  "transaction.performed": "transaction performed",
  "transaction.cancelled": "transaction cancelled",
  "transaction.expired": "transaction expired",
  "transaction.refunded": "transaction refunded",
  "notification.received": "notification received",
  "outbox.parked": "message parked",
  "storage.busy": "the database was busy, and a call gave up; this is said once a minute",
  "storage.retried": "the database was busy, and a call was done later; this is said once a minute",
};

/**
 * Returns a listener that tells each payment's story in the log: one line for each change of state, with `payment_id`,
 * `transaction_id` (Payme's id) and `user_id` where they are known. A busy database is one line a minute.
 *
 * @example
 * const onEvent = eventLogger(logger);
 * createPayments({ storage, client, onPaid, onEvent });
 */
export function eventLogger(logger: Logger): (event: PaymeEvent) => void {
  const mayTell = new Map<string, (at: number) => boolean>();
  for (const kind of ["storage.busy", "storage.retried"]) mayTell.set(kind, seldom(60_000));
  return (event) => {
    const line = LINES[event.kind] ?? subscriptionLine(event);
    if (line === undefined || mayTell.get(event.kind)?.(event.at) === false) return;
    const { kind: _kind, at: _at, ...fields } = event;
    logger[event.kind === "storage.busy" ? "warn" : "info"](line, logFields(fields));
  };
}

/** `subscription.payment_failed` is the line "subscription payment failed". */
function subscriptionLine({ kind }: PaymeEvent): string | undefined {
  return kind.startsWith("subscription.") ? kind.replaceAll(/[._]/g, " ") : undefined;
}

/** The fields of an event under the names that log lines have. Undefined ones are left out. */
function logFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const named: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && value !== null) named[NAMES[name] ?? name] = value;
  }
  return named;
}

const NAMES: Readonly<Record<string, string>> = {
  paymentId: "payment_id",
  paymeId: "transaction_id",
  userId: "user_id",
  subscriptionId: "subscription_id",
  errorCode: "error_code",
  acceptedBy: "accepted_by",
};
