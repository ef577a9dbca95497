import type { EventQuery, EventResult, EventRow, IncidentClosing, NewEvent } from "./event";
import type { Outcome, Scope } from "./outcome";
import type { PaymentChange, PaymentKey, PaymentRow, ReceiptAttachment } from "./payment";
import type { DayTotals, PaymentTotals } from "./totals";
import type { TransactionChange, TransactionRow } from "./transaction";

/** The result of adding a transaction. The row is the new one, the same one, or the one that holds the order. */
export interface AddedTransaction {
  readonly outcome: "applied" | "already_applied" | "order_busy";
  readonly row: TransactionRow;
}

/**
 * The result of adding a payment. `already_applied` brings the open payment with the same reference (or the same id). For
 * `too_many_open` nothing was changed, and the row is the given one.
 */
export interface AddedPayment {
  readonly outcome: "applied" | "already_applied" | "too_many_open";
  readonly row: PaymentRow;
}

/** A wish to cancel (from PENDING or FAILED) or to refund (from PAID), and when reconcile looks whether it has ended. */
export interface CancelRequest {
  readonly from: PaymentChange["from"];
  readonly at: number;
  readonly nextCheckAt: number;
}

/** The result of moving orders to another space of references: all, or none where others stand in the way. */
export type MovedOrders =
  | { readonly outcome: "applied" }
  /** At most ten transactions of the cashbox that cannot move: another live one has their reference there. */
  | { readonly outcome: "conflict"; readonly rows: readonly TransactionRow[] };

/** The payments to take for a check. */
export interface CheckClaim {
  readonly now: number;
  readonly leaseUntil: number;
  readonly limit: number;
  /** The kinds that this process fulfils: see `isKind`. */
  readonly kinds?: readonly string[] | undefined;
  /** False: this process cannot ask Payme, so all but PENDING payments without a receipt are left to others, too. Default true. */
  readonly asks?: boolean | undefined;
  /** What is left to others is taken only where its check was due by then. Default `now`: all of it. */
  readonly othersBefore?: number | undefined;
}

/** A position in a list that is ordered by time, then id. A page begins after it. */
export interface Cursor {
  readonly time: number;
  readonly id: string;
}

/** The payments to count: those made with `from <= createdAt < to`, of a user. Default: all. */
export interface StatisticsFilter {
  readonly userId?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Counts of payments. */
export interface PaymentStatistics {
  readonly total: number;
  readonly paid: number;
  readonly pending: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Payments with at least one notification. */
  readonly notified: number;
  readonly errorCodes: readonly { readonly code: string; readonly count: number }[];
  /** Open incidents, always all of them. */
  readonly incidents: number;
  /** Refunds that have begun and whose money is not back, always all of them. */
  readonly refunding: number;
  /** When the oldest of them began; null: there is none. */
  readonly oldestRefundAt: number | null;
}

/** Options of a search for one row. */
export interface FindOptions {
  /** Inside a transaction, by id: nobody changes the row before this transaction ends. */
  readonly lock?: true | undefined;
}

/** The end of a transaction: nothing follows the statement, so it may go to the database together with the COMMIT. */
export interface LastStep {
  readonly ends: true;
}

/** Options of a transaction that waits for others of its process. */
export interface TurnOptions {
  /** True for Payme's calls: their turn comes before that of others, where the storage lets writers take turns (SQLite, memory). */
  readonly first?: boolean | undefined;
}

/** The queries of a storage: outside a transaction, and inside one through `using(tx)`. */
export interface ReadVerbs {
  findTransaction(scope: Scope, paymeId: string, options?: FindOptions): Promise<TransactionRow | undefined>;
  /** Those of these Payme ids, ascending by (time, Payme id). */
  findTransactions(scope: Scope, paymeIds: readonly string[]): Promise<TransactionRow[]>;
  /**
   * The live transaction (state 1 or 2, source merchant) that holds the order of this reference. `orderSpace`: of any cashbox
   * in that space. Default: the space of the cashbox alone.
   */
  findLiveByOrder(
    scope: Scope,
    reference: string,
    orderSpace?: string,
    last?: LastStep,
  ): Promise<TransactionRow | undefined>;
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
  findPayment(scope: Scope, key: PaymentKey, options?: FindOptions): Promise<PaymentRow | undefined>;
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
  /** Payments whose `nextCheckAt` is before `before`, ascending by (nextCheckAt, id), in pages: those that `reconcile` owes. */
  listDue(scope: Scope, range: { before: number; after?: Cursor | undefined; limit: number }): Promise<PaymentRow[]>;
  /** Payments whose id, Payme id, reference or user is this text, descending by (createdAt, id). */
  searchPayments(scope: Scope, search: { text: string; limit: number }): Promise<PaymentRow[]>;
  paymentStatistics(scope: Scope, filter?: StatisticsFilter): Promise<PaymentStatistics>;
  /** Payments paid, and refunds begun and made, with `from <= time < to`: by source, ascending, only sources that have any. */
  paymentTotals(scope: Scope, period: { from: number; to: number }): Promise<PaymentTotals[]>;
  /** The same for each day: day 0 begins at `from`. Ascending by (day, source), only days that have any. */
  paymentDays(scope: Scope, period: { from: number; to: number }): Promise<DayTotals[]>;
  /** Ascending by id. */
  listEvents(scope: Scope, query: EventQuery): Promise<EventRow[]>;
}

/** The changes of a storage. Each verb is one atomic step with its guard inside; the outcome says how it ended. */
export interface WriteVerbs {
  addTransaction(row: TransactionRow): Promise<AddedTransaction>;
  /** Moves a transaction from one state to another. Guard: see `transactionGuardHolds`. `unlessApplied`: its end, where the guard lets nothing through. */
  changeTransaction(
    scope: Scope,
    paymeId: string,
    change: TransactionChange,
    unlessApplied?: LastStep,
  ): Promise<Outcome<TransactionRow>>;
  /**
   * Moves the live transactions of one-time orders (source merchant) into another space of references. Guard: there, no
   * two live ones are of one order; else `conflict`, and none is moved.
   */
  moveOrders(scope: Scope, orderSpace: string): Promise<MovedOrders>;
  /** Keeps PERFORM and CANCEL apart. Other data of the same type replaces it; the same data is `already_applied`. */
  saveFiscalData(
    scope: Scope,
    paymeId: string,
    type: "PERFORM" | "CANCEL",
    data: Readonly<Record<string, unknown>>,
  ): Promise<Outcome<TransactionRow>>;
  /**
   * @param options.freeReferenceBefore an open payment with the same reference that was made before this loses its
   * reference, so that a new one can be made. One that is charged or was held, or whose charge has no known end, keeps it.
   * @param options.mostOpen guard: the user has fewer payments than this that count as open (`countsAsOpen`). Else
   * `too_many_open`, also of any number of calls at once. A payment that is there already stays `already_applied`, and at the bound
   * no reference is freed.
   */
  addPayment(
    row: PaymentRow,
    options?: { freeReferenceBefore?: number | undefined; mostOpen?: number | undefined },
  ): Promise<AddedPayment>;
  /** Moves a payment from one status to another. Guard: see `paymentGuardHolds`. */
  changePayment(scope: Scope, id: string, change: PaymentChange): Promise<Outcome<PaymentRow>>;
  /** Guard: no receipt is attached. Where another one is: `conflict`. The status stays. */
  attachReceipt(scope: Scope, id: string, receipt: ReceiptAttachment): Promise<Outcome<PaymentRow>>;
  /** Guard: a status of `from`, no wish is under way, and no unpaid charge. Where a wish is: `already_applied`. */
  requestCancel(scope: Scope, id: string, request: CancelRequest): Promise<Outcome<PaymentRow>>;
  /** Ends a cancel that failed: the payment goes on as it was. Guard: a cancel is under way. */
  withdrawCancel(
    scope: Scope,
    id: string,
    withdrawal: { at: number; nextCheckAt: number | null },
  ): Promise<Outcome<PaymentRow>>;
  /**
   * Lets one call alone charge or capture a receipt until then. Guard: PENDING, or FAILED and held; with a receipt, no wish to
   * cancel, and no other charge under way at `at`; else `conflict`. Moves `nextCheckAt` to `until`.
   */
  claimCharge(scope: Scope, id: string, claim: { at: number; until: number }): Promise<Outcome<PaymentRow>>;
  /** Ends a charge that took nothing. Guard: it is the one until `until`; else `conflict`. */
  releaseCharge(
    scope: Scope,
    id: string,
    release: { at: number; until: number; nextCheckAt: number },
  ): Promise<Outcome<PaymentRow>>;
  /** Records a notification that changes no status: keeps the time of the first one, and the newest cheque id. */
  noteNotification(
    scope: Scope,
    id: string,
    note: { at: number; chequeId?: string | undefined },
  ): Promise<Outcome<PaymentRow>>;
  /** Sets when to ask Payme again, and whether the money is held. An earlier `heldAt` is kept. Guard: `nextCheckAt` is not null. */
  scheduleCheck(
    scope: Scope,
    id: string,
    schedule: { at: number; nextCheckAt: number; held: boolean; heldAt?: number | undefined },
  ): Promise<Outcome<PaymentRow>>;
  /** Takes payments whose `nextCheckAt` has come and moves it to `leaseUntil`, so that no other worker takes them until then. */
  claimDuePayments(scope: Scope, claim: CheckClaim): Promise<PaymentRow[]>;
  /**
   * Incidents are unique on (kind, Payme id) while they are open: a second one is left out. Then closes open incidents: see
   * {@link IncidentClosing}. Returns the events that were written, and after them the incidents that were closed.
   */
  appendEvents(events: readonly NewEvent[], closing?: IncidentClosing, last?: LastStep): Promise<EventRow[]>;
  /** Leases due messages: the oldest undelivered one of each subject, oldest first. */
  claimEvents(
    scope: Scope,
    claim: { now: number; leaseUntil: number; token: string; limit: number },
  ): Promise<EventRow[]>;
  closeEvent(scope: Scope, id: number, result: EventResult): Promise<Outcome<EventRow>>;
}

export interface Verbs extends ReadVerbs, WriteVerbs {}

// The same verbs in three parts, by table: an adapter is written in these.

/** The verbs of the table of transactions. */
export type TransactionVerbs = Pick<
  Verbs,
  | "findTransaction"
  | "findTransactions"
  | "findLiveByOrder"
  | "addTransaction"
  | "changeTransaction"
  | "moveOrders"
  | "saveFiscalData"
  | "listTransactions"
  | "listExpired"
>;

/** The verbs of the table of events. */
export type EventVerbs = Pick<Verbs, "appendEvents" | "claimEvents" | "closeEvent" | "listEvents">;

/** The verbs of the table of payments. */
export type PaymentVerbs = Omit<Verbs, keyof TransactionVerbs | keyof EventVerbs>;

/**
 * A storage keeps the books. `Tx` is the handle that hooks get, so that your rows and ours commit together.
 *
 * An adapter MUST:
 * - make each write verb atomic, also among processes: of any number of equal calls at once, exactly one is `applied`;
 * - decide by the row as it stands at the moment of the change, never by a row read before;
 * - make wrong states impossible in the database itself: a unique Payme id, one live transaction for each one-time order
 *   of a space of references (of any cashbox), one open payment for each reference, one open incident for each kind and
 *   Payme id;
 * - acknowledge a transaction only when it is durable, and show its rows to no one before;
 * - give and take copies: a change to a row that was read or given changes nothing in the books;
 * - never call a hook (`commitChange` does) and never read a clock (the time is an argument).
 *
 * `storageSuite` from `payme-kit/testing` proves these rules.
 */
export interface Storage<Tx> extends Verbs {
  /**
   * Runs `work` in one database transaction: commits when it returns, rolls back when it throws. `work` may run more than
   * once where the database asks for that, and commits at most once. Inside, use `using(tx)`: a call of the storage itself
   * would wait for its own transaction, and is refused.
   */
  transaction<R>(work: (tx: Tx) => Promise<R>, options?: TurnOptions): Promise<R>;
  /**
   * Runs `work` on committed rows with a handle that cannot write: it takes no write lock, and waits for no writer where the
   * database can do so. Inside, use `using(tx)`: its write verbs are refused with STORAGE_MISUSE, and so is every other write
   * through the handle. `work` may run more than once.
   */
  read<R>(work: (tx: Tx) => Promise<R>): Promise<R>;
  /** Returns the same verbs inside a transaction, also one that you opened yourself. */
  using(tx: Tx): Verbs;
  /** Creates and updates our tables. Safe at every start, by several processes at once. */
  migrate(): Promise<void>;
  /** Closes connections that the storage opened itself. */
  close(): Promise<void>;
}
