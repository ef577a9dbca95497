import { PaymeConfigError } from "../kit/errors";
import type { Eventual } from "../kit/eventual";
import { type GuardedHook, isKind, type PaymentRow } from "../ledger";

/**
 * Your work on a payment's change, in the same transaction: database work through `tx` only. It may run more than once (a
 * database may run a transaction again) and commits at most once. A throw undoes everything, and comes again.
 *
 * Answer `true` where the order was yours to change: a guarded write says so (`changes === 1`). Answer `false` where it was
 * sold another way or is gone.
 */
export type PaymentHook<Tx> = (payment: PaymentRow, tx: Tx) => Eventual<boolean>;

/** Gives what payments of one kind pay for, and takes it back. */
export interface Fulfiller<Tx> {
  /**
   * Gives what was paid for. False: what it wrote is rolled back, the payment is PAID and `unfulfilled`, and an incident
   * `paid_elsewhere` tells a person to refund it. Such a refund runs no `onRefunded`.
   */
  readonly onPaid: PaymentHook<Tx>;
  /** Takes it back. The refund is recorded whatever it answers. False: an incident `not_taken_back` tells a person. */
  readonly onRefunded?: PaymentHook<Tx> | undefined;
}

/** The fulfillers of this process, by kind. */
export type Fulfillers<Tx> = Map<string, Fulfiller<Tx>>;

/** Adds the fulfiller of a kind. @throws PaymeConfigError for a second one of a kind: two would give the goods in turn. */
export function addFulfiller<Tx>(fulfillers: Fulfillers<Tx>, kind: string, fulfiller: Fulfiller<Tx>): void {
  if (!isKind(kind)) {
    throw new PaymeConfigError(`${JSON.stringify(kind)} cannot be a kind of payments`, {
      hint: "Use small letters, digits and -, e.g. gift-card.",
    });
  }
  if (fulfillers.has(kind)) {
    throw new PaymeConfigError(`payments of the kind ${kind} have a fulfiller already`, {
      hint: "Give each kind one fulfiller. Another thing to sell is another kind: create({ kind, … }).",
    });
  }
  fulfillers.set(kind, fulfiller);
}

/** The hook that gives what a payment pays for. */
export function givingHook<Tx>({ onPaid }: Fulfiller<Tx>): GuardedHook<Tx, PaymentRow> {
  return { name: "onPaid", run: onPaid };
}

/** The hook that takes it back. What was never given is not taken back. */
export function takingHook<Tx>({ onRefunded }: Fulfiller<Tx>): GuardedHook<Tx, PaymentRow> {
  return {
    name: "onRefunded",
    run: (payment, tx) => (onRefunded === undefined || payment.unfulfilled ? true : onRefunded(payment, tx)),
  };
}
