import type { Tiyin } from "../kit/money";
import { TRANSACTION_LIFETIME_MS, TransactionState } from "../protocol/states";
import type { Outcome, Scope } from "./outcome";

/** How we learned of a transaction: a Merchant API call, our own question about a receipt, or a gateway's notification. */
export type TransactionSource = "merchant" | "receipt" | "gateway";

/** A share of a split payment, as the Merchant API takes it. */
export interface Receiver {
  /** The receiving cashbox. */
  id: string;
  amount: number;
}

/** One Payme transaction or receipt, keyed by its Payme id. Times are in ms; 0: not happened, as on the wire. */
export interface TransactionRow extends Scope {
  readonly paymeId: string;
  readonly source: TransactionSource;
  /** Our own id of it, the same in every reply. */
  readonly transaction: string;
  readonly state: TransactionState;
  /** The shop's own id of what is paid, as text. */
  readonly orderKey: string;
  /** True: at most one live transaction (state 1 or 2) of this order. False: an accumulative account. */
  readonly oneTime: boolean;
  readonly amount: Tiyin;
  /** The account as received: for GetStatement, never for finding. */
  readonly account: Readonly<Record<string, unknown>>;
  /** Payme's time of creation: what the 12 hours and GetStatement count from. */
  readonly time: number;
  readonly createTime: number;
  readonly performTime: number;
  readonly cancelTime: number;
  /** Why it was cancelled, as Payme sent it. */
  readonly reason: number | null;
  readonly receivers: readonly Receiver[] | null;
  /** SetFiscalData of type PERFORM and CANCEL, each as received. */
  readonly fiscalPerform: Readonly<Record<string, unknown>> | null;
  readonly fiscalCancel: Readonly<Record<string, unknown>> | null;
}

/** A change of state and its guard. */
export interface TransactionChange {
  readonly from: TransactionState;
  readonly to: TransactionState;
  /** Now. Lifted where a clock ran back: cancel_time >= perform_time >= create_time. */
  readonly at: number;
  readonly reason?: number | null | undefined;
  /** Part of the guard: only a transaction whose `time` is not before this (the 12 hours). */
  readonly notBefore?: number | undefined;
}

/** True while a transaction holds its one-time order. */
export function isLive(row: Pick<TransactionRow, "state">): boolean {
  return row.state === TransactionState.CREATED || row.state === TransactionState.PERFORMED;
}

/** The earliest `time` of a transaction that has not had its 12 hours. */
export function earliestLive(now: number): number {
  return now - TRANSACTION_LIFETIME_MS;
}

/** True for a transaction that waits for its money and has had its 12 hours, counted from Payme's time: it holds nothing any more, swept or not. */
export function isExpired({ state, time }: Pick<TransactionRow, "state" | "time">, now: number): boolean {
  return state === TransactionState.CREATED && time < earliestLive(now);
}

/** True where the change's guard lets the row through. The same in every adapter; databases say it in SQL. */
export function transactionGuardHolds(row: TransactionRow, change: TransactionChange): boolean {
  return row.state === change.from && row.time >= (change.notBefore ?? 0);
}

/** The row after a change that its guard let through. */
export function changedTransaction(row: TransactionRow, change: TransactionChange): TransactionRow {
  const performs = change.to === TransactionState.PERFORMED;
  return {
    ...row,
    state: change.to,
    performTime: performs ? Math.max(change.at, row.createTime) : row.performTime,
    cancelTime: performs ? row.cancelTime : Math.max(change.at, row.performTime, row.createTime),
    reason: change.reason ?? row.reason,
  };
}

/** What a change that its guard held back means, judged by the row as it stands. */
export function judgeTransaction(row: TransactionRow | undefined, change: TransactionChange): Outcome<TransactionRow> {
  if (row === undefined) return { outcome: "not_found" };
  return { outcome: row.state === change.to ? "already_applied" : "conflict", row };
}
