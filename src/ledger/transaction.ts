import type { Tiyin } from "../kit/money";
import { TRANSACTION_LIFETIME_MS, TransactionState } from "../protocol/states";
import type { Outcome, Scope } from "./outcome";
import type { StoredReference } from "./reference";

/** The source of a transaction: a Merchant API call, our own query of a receipt, or a notification of the gateway. */
export type TransactionSource = "merchant" | "receipt" | "gateway";

/** A share of a split payment, as in the Merchant API. */
export interface Receiver {
  /** The receiving cashbox. */
  id: string;
  amount: Tiyin;
}

/** A Payme transaction or receipt as stored, by its Payme id. Times are in ms; 0: not happened, as on the wire. */
export interface TransactionRow extends Scope, StoredReference {
  readonly paymeId: string;
  readonly source: TransactionSource;
  /** Our own id, the same in every reply. */
  readonly transaction: string;
  readonly state: TransactionState;
  /** The name of the space in which the reference is unique: the cashbox, or one that several cashboxes share. */
  readonly orderSpace: string;
  /** True: at most one live transaction (state 1 or 2) of this order. False: an accumulative account. */
  readonly oneTime: boolean;
  readonly amount: Tiyin;
  /** The account as received: for GetStatement, never for a search. */
  readonly account: Readonly<Record<string, unknown>>;
  /** Payme's time of creation. The 12 hours and GetStatement count from it. */
  readonly time: number;
  readonly createTime: number;
  readonly performTime: number;
  readonly cancelTime: number;
  /** The reason of the cancel, as Payme sent it. */
  readonly reason: number | null;
  readonly receivers: readonly Receiver[] | null;
  /** SetFiscalData of type PERFORM and CANCEL, each as received. */
  readonly fiscalPerform: Readonly<Record<string, unknown>> | null;
  readonly fiscalCancel: Readonly<Record<string, unknown>> | null;
}

/** The members of a transaction that have no default, and any others. */
export type NewTransactionRow = Scope &
  Pick<
    TransactionRow,
    "paymeId" | "source" | "transaction" | "reference" | "amount" | "account" | "time" | "createTime"
  > &
  Partial<TransactionRow>;

/** Returns a transaction in state 1 with its defaults. */
export function newTransaction(row: NewTransactionRow): TransactionRow {
  // Member by member: each Create makes one, and a spread costs five times as much.
  return {
    cashbox: row.cashbox,
    mode: row.mode,
    paymeId: row.paymeId,
    source: row.source,
    transaction: row.transaction,
    state: row.state ?? TransactionState.CREATED,
    reference: row.reference,
    referenceType: row.referenceType ?? "string",
    orderSpace: row.orderSpace ?? row.cashbox,
    oneTime: row.oneTime ?? true,
    amount: row.amount,
    account: row.account,
    time: row.time,
    createTime: row.createTime,
    performTime: row.performTime ?? 0,
    cancelTime: row.cancelTime ?? 0,
    reason: row.reason ?? null,
    receivers: row.receivers ?? null,
    fiscalPerform: row.fiscalPerform ?? null,
    fiscalCancel: row.fiscalCancel ?? null,
  };
}

/** A change of state and its guard. */
export interface TransactionChange {
  readonly from: TransactionState;
  readonly to: TransactionState;
  /** Now. Raised where a clock ran back: cancel_time >= perform_time >= create_time. */
  readonly at: number;
  readonly reason?: number | null | undefined;
  /** What Payme took, where it differs. */
  readonly amount?: Tiyin | undefined;
  /** Part of the guard: the `time` of the transaction is not before this (the 12 hours). */
  readonly notBefore?: number | undefined;
}

/** True while a transaction holds its one-time order. */
export function isLive(row: Pick<TransactionRow, "state">): boolean {
  return row.state === TransactionState.CREATED || row.state === TransactionState.PERFORMED;
}

/** Returns the earliest `time` of a transaction whose 12 hours are not over. */
export function earliestLive(now: number): number {
  return now - TRANSACTION_LIFETIME_MS;
}

/** True for an unpaid transaction whose 12 hours, counted from Payme's time, are over: it holds no order, swept or not. */
export function isExpired({ state, time }: Pick<TransactionRow, "state" | "time">, now: number): boolean {
  return state === TransactionState.CREATED && time < earliestLive(now);
}

/** True where the guard of the change lets the row through. SQL statements have the same guard. */
export function transactionGuardHolds(row: TransactionRow, change: TransactionChange): boolean {
  return row.state === change.from && row.time >= (change.notBefore ?? 0);
}

/** Returns the row after a change that its guard let through. */
export function changedTransaction(row: TransactionRow, change: TransactionChange): TransactionRow {
  const performs = change.to === TransactionState.PERFORMED;
  return {
    ...row,
    state: change.to,
    performTime: performs ? Math.max(change.at, row.createTime) : row.performTime,
    cancelTime: performs ? 0 : Math.max(change.at, row.performTime, row.createTime),
    reason: performs ? null : (change.reason ?? row.reason),
    amount: change.amount ?? row.amount,
  };
}

/** Returns the outcome of a change that its guard held back, judged by the row as it stands. */
export function judgeTransaction(row: TransactionRow | undefined, change: TransactionChange): Outcome<TransactionRow> {
  if (row === undefined) return { outcome: "not_found" };
  return { outcome: row.state === change.to ? "already_applied" : "conflict", row };
}
