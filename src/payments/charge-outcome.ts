import type { DeclineReason } from "../client/pay";
import type { PaymeError } from "../kit/errors";
import type { PaymentRow } from "../ledger";
import type { LocalizedText } from "../protocol/states";

/**
 * How a charge ended, with its payment and the id of its receipt at Payme.
 *
 * - `paid`: the money is yours, and recorded. Also where an earlier call charged it.
 * - `unfulfilled`: the money was taken, and `onPaid` answered false: refund it. An incident `paid_elsewhere` says so, too.
 * - `held`: the money is set aside for you: `capture` takes it, `release` gives it back. Nothing is fulfilled yet.
 * - `declined`: no money was taken, and this attempt will take none. `text` is for the payer. Charge again with another card.
 * - `pending`: Payme or another call is at work on it.
 * - `unknown`: no answer came, or a failure inside Payme, and asking did not tell the end. The money may still be taken.
 * - `cancelled`: the payment was cancelled or refunded.
 *
 * After `pending` and `unknown` charge again **with this reference**, never with a new one; or wait: `reconcile` records the end.
 */
export type ChargeOutcome = {
  readonly payment: PaymentRow;
  /** Null until Payme has made one. */
  readonly receiptId: string | null;
} & (
  | { readonly status: "paid" | "unfulfilled" | "pending" | "cancelled" }
  | { readonly status: "held" }
  | {
      readonly status: "declined";
      readonly reason: DeclineReason;
      readonly text: LocalizedText;
      readonly error: PaymeError;
    }
  | { readonly status: "unknown"; readonly error: PaymeError | null }
);

/**
 * How a capture ended.
 *
 * - `paid`: the money is yours, and recorded. Also where an earlier call took it, or the payment was paid another way.
 * - `unfulfilled`: the money was taken, and `onPaid` answered false: refund it.
 * - `declined`: Payme refused; nothing was taken, and the money is held as before.
 * - `pending`: Payme or another call is at work on it. `unknown`: Payme could not be asked to the end. In both cases capture
 *   again, or wait: `reconcile` books the end.
 * - `cancelled`: the hold has ended, and nothing was taken; or what was taken is refunded.
 */
export type CaptureOutcome = Exclude<ChargeOutcome, { readonly status: "held" }>;

/** The outcome of a payment that our books have at its end. Money that they could not place is an incident: `unknown`. */
export function ended(payment: PaymentRow): CaptureOutcome {
  if (payment.status === "PAID") return outcomeOf(payment, payment.unfulfilled ? "unfulfilled" : "paid");
  if (payment.status === "CANCELLED") return outcomeOf(payment, "cancelled");
  return unknownOutcome(payment, null);
}

/** The outcome of a payment of which Payme could not be asked. */
export function unknownOutcome(payment: PaymentRow, error: PaymeError | null) {
  return { payment, receiptId: payment.transactionId, status: "unknown", error } as const;
}

/** An outcome that has no more to say than its status. */
export function outcomeOf<Status extends "paid" | "unfulfilled" | "pending" | "cancelled" | "held">(
  payment: PaymentRow,
  status: Status,
) {
  return { payment, receiptId: payment.transactionId, status };
}
