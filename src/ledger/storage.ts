import type { EventQuery, EventResult, EventRow, NewEvent } from "./event";
import type { Outcome, Scope } from "./outcome";
import type { PaymentChange, PaymentKey, PaymentRow, ReceiptAttachment } from "./payment";
import type { PaymentTotals } from "./totals";
import type { TransactionChange, TransactionRow } from "./transaction";

/** How adding a transaction ended; the row is the one that stands: the new one, the same one, or the one that holds the order. */
export interface AddedTransaction {
  readonly outcome: "applied" | "already_applied" | "order_busy";
  readonly row: TransactionRow;
}

/** How adding a payment ended; `already_applied` brings the open payment with the same reference (or the same id). */
export interface AddedPayment {
  readonly outcome: "applied" | "already_applied";
  readonly row: PaymentRow;
}

/** A wish to cancel, and when reconcile should look whether it came to an end. */
export interface CancelRequest {
  readonly at: number;
  readonly nextCheckAt: number;
}

/** A position in a list that is ordered by time, then id; rows after it follow. */
export interface Cursor {
  readonly time: number;
  readonly id: string;
}

/** Sums over payments. */
export interface PaymentStatistics {
  readonly total: number;
  readonly paid: number;
  readonly pending: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Payments of which at least one notification came. */
  readonly notified: number;
  readonly errorCodes: readonly { readonly code: string; readonly count: number }[];
  /** Open incidents; of all users, whichever was asked for. */
  readonly incidents: number;
}

/** What can be asked. Outside a transaction, and inside one through `using(tx)`. */
export interface ReadVerbs {
  findTransaction(scope: Scope, paymeId: string): Promise<TransactionRow | undefined>;
  /** The live transaction (state 1 or 2, source merchant) that holds a one-time order. */
  findLiveByOrder(scope: Scope, orderKey: string): Promise<TransactionRow | undefined>;
  /** Merchant transactions with `from <= time <= to`, ascending by (time, Payme id), in pages. */
  listTransactions(
    scope: Scope,
    range: { from: number; to: number; after?: Cursor | undefined; limit: number },
  ): Promise<TransactionRow[]>;
  /** Merchant transactions in state 1 whose `time` is before `before`, ascending by (time, Payme id), in pages. */
  listExpired(
    scope: Scope,
    range: { before: number; after?: Cursor | undefined; limit: number },
  ): Promise<TransactionRow[]>;
  findPayment(scope: Scope, key: PaymentKey): Promise<PaymentRow | undefined>;
  /** PENDING payments made before `before`, ascending by (createdAt, id), in pages. */
  listPending(
    scope: Scope,
    range: { before: number; after?: Cursor | undefined; limit: number },
  ): Promise<PaymentRow[]>;
  /** Payments paid with `from <= paidAt < to`, refunded ones too, ascending by (paidAt, id), in pages. */
  listPaid(
    scope: Scope,
    range: { from: number; to: number; after?: Cursor | undefined; limit: number },
  ): Promise<PaymentRow[]>;
  paymentStatistics(scope: Scope, filter?: { userId?: string | undefined }): Promise<PaymentStatistics>;
  /** Payments that were paid, and refunds that were made, with `from <= time < to`; by source, those with any, ascending. */
  paymentTotals(scope: Scope, period: { from: number; to: number }): Promise<PaymentTotals[]>;
  /** Ascending by id. */
  listEvents(scope: Scope, query: EventQuery): Promise<EventRow[]>;
}

/** What can be changed. Each verb is one atomic step: its guard is inside, and an outcome says how it ended. */
export interface WriteVerbs {
  addTransaction(row: TransactionRow): Promise<AddedTransaction>;
  changeTransaction(scope: Scope, paymeId: string, change: TransactionChange): Promise<Outcome<TransactionRow>>;
  /** Keeps PERFORM and CANCEL apart. Other data of the same type replaces it; the same again is `already_applied`. */
  saveFiscalData(
    scope: Scope,
    paymeId: string,
    type: "PERFORM" | "CANCEL",
    data: Readonly<Record<string, unknown>>,
  ): Promise<Outcome<TransactionRow>>;
  /**
   * @param options.freeReferenceBefore an open payment of the same reference that was made before this gives its
   * reference up, so that a new one can be made.
   */
  addPayment(row: PaymentRow, options?: { freeReferenceBefore?: number | undefined }): Promise<AddedPayment>;
  changePayment(scope: Scope, id: string, change: PaymentChange): Promise<Outcome<PaymentRow>>;
  /** Guard: no receipt is attached yet. Another receipt's: `conflict`. The status stays. */
  attachReceipt(scope: Scope, id: string, receipt: ReceiptAttachment): Promise<Outcome<PaymentRow>>;
  /** Guard: PENDING, PAID or FAILED, and no cancel is under way; one under way: `already_applied`. */
  requestCancel(scope: Scope, id: string, request: CancelRequest): Promise<Outcome<PaymentRow>>;
  /** The cancel that was asked for came to nothing: the payment goes on as it was. Guard: one is under way. */
  withdrawCancel(
    scope: Scope,
    id: string,
    withdrawal: { at: number; nextCheckAt: number | null },
  ): Promise<Outcome<PaymentRow>>;
  /** A notification came that changes no status: keeps when the first came, and the newest cheque id. */
  noteNotification(
    scope: Scope,
    id: string,
    note: { at: number; chequeId?: string | undefined },
  ): Promise<Outcome<PaymentRow>>;
  /** When to ask Payme again, and whether the money is held. Guard: the payment has no end yet. */
  scheduleCheck(
    scope: Scope,
    id: string,
    schedule: { at: number; nextCheckAt: number; held: boolean },
  ): Promise<Outcome<PaymentRow>>;
  /** Takes payments whose `nextCheckAt` has come and moves it to `leaseUntil`, so that no other worker takes them meanwhile. */
  claimDuePayments(scope: Scope, claim: { now: number; leaseUntil: number; limit: number }): Promise<PaymentRow[]>;
  /** Incidents are unique on (kind, Payme id): a second one is left out. Returns those that were written. */
  appendEvents(events: readonly NewEvent[]): Promise<EventRow[]>;
  /** Leases messages that are due: the oldest undelivered of each subject, oldest first. */
  claimEvents(
    scope: Scope,
    claim: { now: number; leaseUntil: number; token: string; limit: number },
  ): Promise<EventRow[]>;
  closeEvent(scope: Scope, id: number, result: EventResult): Promise<Outcome<EventRow>>;
}

export interface Verbs extends ReadVerbs, WriteVerbs {}

// The same verbs by what they are about: an adapter is written in these three parts.

export type TransactionVerbs = Pick<
  Verbs,
  | "findTransaction"
  | "findLiveByOrder"
  | "addTransaction"
  | "changeTransaction"
  | "saveFiscalData"
  | "listTransactions"
  | "listExpired"
>;

export type PaymentVerbs = Pick<
  Verbs,
  | "addPayment"
  | "findPayment"
  | "changePayment"
  | "attachReceipt"
  | "requestCancel"
  | "withdrawCancel"
  | "noteNotification"
  | "scheduleCheck"
  | "claimDuePayments"
  | "listPending"
  | "listPaid"
  | "paymentStatistics"
  | "paymentTotals"
>;

export type EventVerbs = Pick<Verbs, "appendEvents" | "claimEvents" | "closeEvent" | "listEvents">;

/**
 * Where the books are kept. `Tx` is the handle that hooks get, so that your rows and ours commit together.
 *
 * An adapter MUST:
 * - make each write verb atomic, also among processes: of any number of equal calls at once exactly one is `applied`;
 * - decide by the row as it stands when the change is made, never by one read before;
 * - make wrong states impossible in the database itself: a unique Payme id, one live transaction for each one-time order,
 *   one open payment for each reference, one incident for each kind and Payme id;
 * - acknowledge a transaction only when it is durable, and show its rows to no one before;
 * - hand out copies: changing a row that was read or given changes nothing;
 * - never call a hook (`ledger/complete` does) and never read a clock (`now` is an argument).
 *
 * `storageSuite` from `payme-kit/testing` proves these.
 */
export interface Storage<Tx> extends Verbs {
  /**
   * Runs `work` in one database transaction: commits when it returns, rolls back when it throws. It may run more than
   * once where the database asks for that, and commits at most once. Inside, use `using(tx)`: calling the storage
   * itself there is refused, since it would wait for itself.
   */
  transaction<R>(work: (tx: Tx) => Promise<R>): Promise<R>;
  /** The same verbs inside a transaction, also one that you opened yourself. */
  using(tx: Tx): Verbs;
  /** Makes and updates our tables. Safe to call at every start, by several processes at once. */
  migrate(): Promise<void>;
  /** Releases connections that the storage opened itself. */
  close(): Promise<void>;
}
