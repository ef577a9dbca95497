import type { Tiyin } from "../kit/money";
import type { Receiver, TransactionRow } from "../ledger";
import type { FiscalDetail } from "../protocol/fiscal";
import type { Refusal } from "./refusal";

/** An order: paid once, with exactly its amount. */
export interface Order {
  amount: Tiyin;
  /** Your own id of the order, as text, where the account has none: two accounts with one key are one order. */
  key?: string | undefined;
  /** The sold items, for the fiscal receipt. */
  detail?: FiscalDetail | undefined;
  /** Shown to the payer or the agent. Your Payme technician must know of it. */
  additional?: Readonly<Record<string, unknown>> | undefined;
  /** The cashboxes that share the amount. */
  receivers?: readonly Receiver[] | undefined;
}

/** A balance: paid any number of times. */
export interface Balance {
  /** The smallest and the largest amount. Default: any. */
  min?: Tiyin | undefined;
  max?: Tiyin | undefined;
  key?: string | undefined;
  /** As for an order; a function where it depends on the amount, called after the amount was found right. */
  detail?: FiscalDetail | ((amount: Tiyin) => FiscalDetail) | undefined;
  additional?: Readonly<Record<string, unknown>> | undefined;
  /** As for an order; a function where the shares depend on the amount. */
  receivers?: readonly Receiver[] | ((amount: Tiyin) => readonly Receiver[]) | undefined;
}

/** What the shop finds: an order, which has an amount, or a balance, which may have bounds. */
export type Payable = Balance & Pick<Partial<Order>, "amount">;

/** The order or balance of an account, or a refusal. */
export type FindResult<Thing> = Thing | Refusal | Promise<Thing | Refusal>;

/** A transaction as hooks get it. */
export interface MerchantTransaction<Account> {
  /** Payme's id. */
  readonly id: string;
  /** The account, with the type that the option `account` describes. */
  readonly account: Account;
  readonly amount: Tiyin;
  /** The key of your order. */
  readonly orderKey: string;
  /** True for the test key: no real money. */
  readonly test: boolean;
  /** When Payme created it, and when we performed or cancelled it; 0: not yet. In ms. */
  readonly time: number;
  readonly performTime: number;
  readonly cancelTime: number;
  /** The reason of the cancel, as Payme sent it. */
  readonly reason: number | null;
}

/** Returns the row as hooks get it. */
export function asTransaction<Account>(row: TransactionRow, account: Account): MerchantTransaction<Account> {
  const { paymeId: id, amount, orderKey, mode, time, performTime, cancelTime, reason } = row;
  return { id, account, amount, orderKey, test: mode === "test", time, performTime, cancelTime, reason };
}

/** The hooks of the shop. Written as methods, so that each shop's account type fits. */
export interface MerchantHooks<Tx, Account> {
  /** Create: the order is reserved. */
  onReserved?(transaction: MerchantTransaction<Account>, tx: Tx): unknown;
  /** Perform: the order is paid. */
  onPaid?(transaction: MerchantTransaction<Account>, tx: Tx): unknown;
  /** Cancelled before it was paid, by Payme or after 12 hours: the order is free again. */
  onReleased?(transaction: MerchantTransaction<Account>, tx: Tx): unknown;
  /** Cancelled after it was paid: the money goes back. */
  onRefunded?(transaction: MerchantTransaction<Account>, tx: Tx): unknown;
  /** False: the goods are delivered and cannot be taken back (-31007). Default: refunds are taken. */
  canRefund?(transaction: MerchantTransaction<Account>, tx: Tx): boolean | Promise<boolean>;
  /** A fiscal receipt was issued or refused: see `accepted`. */
  onFiscalData?(
    fiscal: { type: "PERFORM" | "CANCEL"; accepted: boolean; data: Readonly<Record<string, unknown>> },
    transaction: MerchantTransaction<Account>,
    tx: Tx,
  ): unknown;
}
