import type { Tiyin } from "../kit/money";
import type { Receiver, TransactionRow } from "../ledger";
import type { FiscalDetail } from "../protocol/fiscal";
import type { Refusal } from "./refusal";

/** An order that can be paid once, with exactly its amount. */
export interface Order {
  amount: Tiyin;
  /** Your own id of it, as text, where the account does not say it: two accounts with one key are one order. */
  key?: string | undefined;
  /** What was sold, for the fiscal receipt. */
  detail?: FiscalDetail | undefined;
  /** Shown to the payer or the agent; tell your Payme technician of it. */
  additional?: Readonly<Record<string, unknown>> | undefined;
  /** Cashboxes among which the amount is split. */
  receivers?: readonly Receiver[] | undefined;
}

/** A balance that can be paid any number of times. */
export interface Balance {
  /** The smallest and the largest amount it takes. Default: any. */
  min?: Tiyin | undefined;
  max?: Tiyin | undefined;
  key?: string | undefined;
  /** As an order's; a function of the amount that is paid, once that is found right, where it depends on it. */
  detail?: FiscalDetail | ((amount: Tiyin) => FiscalDetail) | undefined;
  additional?: Readonly<Record<string, unknown>> | undefined;
  /** As an order's; a function where the parts depend on the amount. */
  receivers?: readonly Receiver[] | ((amount: Tiyin) => readonly Receiver[]) | undefined;
}

/** What is found by an account, or why it cannot be paid. */
export type FindResult<Thing> = Thing | Refusal | Promise<Thing | Refusal>;

/** A transaction as your hooks see it. */
export interface MerchantTransaction<Account> {
  /** Payme's id of it. */
  readonly id: string;
  /** The account as `account` says it, typed. */
  readonly account: Account;
  readonly amount: Tiyin;
  /** Your order's key. */
  readonly orderKey: string;
  /** True where the test key was used: no real money. */
  readonly test: boolean;
  /** When Payme made it, and when we performed or cancelled it; 0: not yet. In ms. */
  readonly time: number;
  readonly performTime: number;
  readonly cancelTime: number;
  /** Why it was cancelled, as Payme sent it. */
  readonly reason: number | null;
}

/** The row as hooks see it. */
export function asTransaction<Account>(row: TransactionRow, account: Account): MerchantTransaction<Account> {
  const { paymeId: id, amount, orderKey, mode, time, performTime, cancelTime, reason } = row;
  return { id, account, amount, orderKey, test: mode === "test", time, performTime, cancelTime, reason };
}
