import type { Tiyin } from "../kit/money";
import { closingBy, type IncidentClosing, type NewEvent, type Scope, withHooks } from "../ledger";
import type { PaymentsClient } from "../payments/context";
import type { Payments } from "../payments/payments";
import type { EndCause, PeriodRow, SubscriptionRow } from "./rows";
import { referenceOf } from "./rows";
import type { Seal } from "./seal";
import type { SubscriptionStore, SubscriptionVerbs } from "./subscription-store";

/** When a period that was declined is charged again. */
export interface RetryPolicy {
  /** The days after the first try on which a card without money is charged again. Default 1, 3, 5, 7. */
  readonly funds: readonly number[];
  /** The hour in Tashkent. Default 10. */
  readonly atHour: number;
}

/**
 * Your work on a change of a subscription, in the same transaction: database work through `tx` only. It may run more than once and
 * commits at most once. A throw undoes everything, and comes again.
 */
export interface SubscriptionHooks<Tx> {
  /** A period is paid: give it, e.g. by `tariffs.renewals()`. */
  readonly onRenewed?: ((subscription: SubscriptionRow, period: PeriodRow, tx: Tx) => unknown) | undefined;
  /** The money of a period goes back: take back what it gave. */
  readonly onRefunded?: ((subscription: SubscriptionRow, period: PeriodRow, tx: Tx) => unknown) | undefined;
  readonly onEnded?: ((subscription: SubscriptionRow, cause: EndCause, tx: Tx) => unknown) | undefined;
}

/** The checked options of `createSubscriptions`. */
export interface SubscriptionsContext<Tx> extends SubscriptionHooks<Tx> {
  readonly payments: Payments<Tx>;
  readonly client: PaymentsClient & { readonly cards: NonNullable<PaymentsClient["cards"]> };
  readonly store: SubscriptionStore<Tx>;
  readonly seal: Seal;
  readonly retry: RetryPolicy;
  readonly graceMs: number;
  readonly catchUp: "current" | "each";
  readonly settleMs: number;
  readonly messages: boolean;
}

/** One transaction on the books of subscriptions. */
export interface Book<Tx> {
  readonly verbs: SubscriptionVerbs;
  readonly tx: Tx;
  /** The time of the transaction. */
  readonly now: number;
  append(events: readonly NewEvent[], closing?: IncidentClosing): Promise<void>;
}

/** The row, where it is of this cashbox and mode: another one's charges cannot be seen from here. */
export function ownRow<Tx, Row extends Scope>(
  { payments }: Pick<SubscriptionsContext<Tx>, "payments">,
  row: Row | undefined,
): Row | undefined {
  const { cashbox, mode } = payments.books.scope;
  return row?.cashbox === cashbox && row.mode === mode ? row : undefined;
}

/** Runs work on the books in one transaction, and tells its events after the commit. */
export function inBook<Tx, R>(context: SubscriptionsContext<Tx>, work: (book: Book<Tx>) => Promise<R>): Promise<R> {
  const { payments, store } = context;
  return withHooks(payments.books, ({ tx, append }) =>
    work({ verbs: store.using(tx), tx, now: payments.books.now(), append }),
  );
}

/** What is told of a subscription. */
export interface SubscriptionNews {
  readonly number?: number | undefined;
  readonly amount?: Tiyin | undefined;
  readonly paymentId?: string | null | undefined;
  readonly reason?: string | null | undefined;
  readonly cause?: EndCause | undefined;
  /** Until when there is access. */
  readonly until?: number | undefined;
  /** When it is charged next. */
  readonly nextAt?: number | null | undefined;
  readonly daysLeft?: number | undefined;
  readonly mask?: string | undefined;
}

/** Kinds of news that go to the owner. The others are only kept. */
const MESSAGES: readonly string[] = [
  "renewed",
  "payment_failed",
  "needs_card",
  "needs_consent",
  "card_expiring",
  "ended",
];

/** An event of a subscription; what its owner should hear is a message of the outbox, too. */
export function newsOf<Tx>(
  { messages, payments }: Pick<SubscriptionsContext<Tx>, "messages" | "payments">,
  { id, owner, plan, cashbox, mode }: SubscriptionRow,
  what: string,
  news: SubscriptionNews = {},
): NewEvent {
  const at = payments.books.now();
  const deliverAt = messages && MESSAGES.includes(what) ? at : undefined;
  return { cashbox, mode, kind: `subscription.${what}`, subject: id, at, data: { owner, plan, ...news }, deliverAt };
}

/** An incident of a period. Where Payme gave no receipt, the reference of the period's first payment names it. */
export function periodIncident(
  kind: "charge_unknown" | "charge_blocked",
  period: PeriodRow,
  at: number,
  data: object = {},
): NewEvent {
  const { cashbox, mode, paymentId, receiptId, amount } = period;
  const reference = referenceOf({ ...period, k: 1 });
  const about =
    paymentId && receiptId ? { subject: paymentId, paymeId: receiptId } : { subject: reference, paymeId: reference };
  return { cashbox, mode, kind, ...about, at, data: { amount, ...data } };
}

/** Closes the incidents of a period that have no receipt; those with one are closed by what happens to the payment. */
export function closingOf(period: PeriodRow, kind: string, at: number): IncidentClosing {
  const { cashbox, mode } = period;
  const reference = referenceOf({ ...period, k: 1 });
  return closingBy(
    { cashbox, mode, subject: reference, paymeId: reference },
    { kinds: ["charge_blocked"] },
    { kind, at },
  );
}
