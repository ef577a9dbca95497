import { CancelReason, TRANSACTION_LIFETIME_MS, TransactionState } from "../../../protocol/states";
import type { MerchantMethodName } from "./answer";

/** A transaction as Payme's books have it, with the times that the merchant answered. */
export interface MockTransaction {
  /** Payme's id. */
  readonly id: string;
  /** When Payme made it: from here its 12 hours count. */
  readonly time: number;
  readonly amount: number;
  readonly account: Readonly<Record<string, unknown>>;
  /** 0: the merchant has not confirmed it. */
  readonly state: number;
  readonly reason: number | null;
  /** The merchant's times; 0: not happened, or not told. */
  readonly createTime: number;
  readonly performTime: number;
  readonly cancelTime: number;
  /** The merchant's id. */
  readonly transaction: string | null;
  /** Calls about it whose outcome is not known. */
  readonly undecided: readonly MerchantMethodName[];
}

/** A transaction in the book, and what must be remembered of its calls. */
export type BookEntry = { -readonly [Member in keyof MockTransaction]: MockTransaction[Member] } & {
  undecided: MerchantMethodName[];
  /** The reasons with which it was cancelled: parallel calls may differ, and the merchant keeps the first. */
  reasons: number[];
  /** How many calls about it wait for their answer. */
  underway: number;
  /** Perform was sent: even where it was refused in the end, an earlier attempt may have been done. */
  isPerformSent: boolean;
  /** The merchant has said which of them it keeps. */
  isReasonTold: boolean;
  /** How many changes were begun and decided. */
  changes: number;
};

/** A transaction that nobody has been told of. */
export function newEntry(made: Pick<MockTransaction, "id" | "time" | "amount" | "account">): BookEntry {
  return {
    ...structuredClone(made),
    state: 0,
    reason: null,
    createTime: 0,
    performTime: 0,
    cancelTime: 0,
    transaction: null,
    undecided: [],
    reasons: [],
    underway: 0,
    isPerformSent: false,
    isReasonTold: false,
    changes: 0,
  };
}

/** Who answers Perform or Cancel has the transaction: a Create whose answer was lost was done. */
export function createdAfterAll(entry: BookEntry): void {
  if (entry.state === 0) entry.state = TransactionState.CREATED;
  entry.undecided = entry.undecided.filter((method) => method !== "CreateTransaction");
}

/** What the merchant may have kept as its reason: what it was sent, or that it found the 12 hours over. */
export function possibleReasons(entry: BookEntry, now: number): number[] {
  const mayHaveExpired = entry.state === TransactionState.CANCELLED && isExpired(entry, now);
  return mayHaveExpired && !entry.isReasonTold ? [...entry.reasons, CancelReason.TIMEOUT] : entry.reasons;
}

/** True where the answers do not tell which reason the merchant has kept, or when it was created or performed. */
export function isInDoubt(entry: BookEntry, now: number): boolean {
  if (entry.state === 0) return false;
  const isUntold = entry.state === TransactionState.REFUNDED && entry.performTime === 0;
  const mayHaveOtherReason = isCancelled(entry) && new Set(possibleReasons(entry, now)).size > 1;
  return isUntold || mayHaveOtherReason || entry.createTime === 0;
}

/** True when the 12 hours of a transaction are over. */
export function isExpired({ time }: Pick<MockTransaction, "time">, now: number): boolean {
  return now - time > TRANSACTION_LIFETIME_MS;
}

export function isCancelled({ state }: Pick<MockTransaction, "state">): boolean {
  return state === TransactionState.CANCELLED || state === TransactionState.REFUNDED;
}

/** Cancelled, and the merchant has said when: what comes later changes nothing. */
export function isClosed(entry: Pick<MockTransaction, "state" | "cancelTime">): boolean {
  return isCancelled(entry) && entry.cancelTime !== 0;
}

/** A transaction as a caller may keep it. */
export function copyOf(entry: BookEntry): MockTransaction {
  const { id, time, amount, account, state, reason, createTime, performTime, cancelTime, transaction } = entry;
  const undecided = [...new Set(entry.undecided)];
  const times = { time, createTime, performTime, cancelTime };
  return { id, amount, account: structuredClone(account), state, reason, ...times, transaction, undecided };
}
