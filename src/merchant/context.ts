import type { Clock, IdSource } from "../kit/clock";
import { type Eventual, isThenable } from "../kit/eventual";
import type { Logger } from "../kit/logger";
import type { HookSubject, Ledger, Scope, Storage, TransactionRow } from "../ledger";
import type { ReadAccount } from "./account";
import type { Balance, FindResult, MerchantTransaction, Order } from "./order";

/** The shop's side: what it sells and what happens when. Written as methods, so that each shop's account type fits. */
export interface MerchantHooks<Tx, Account> {
  /** Create: the order is reserved. */
  onReserved?(transaction: MerchantTransaction<Account>, tx: Tx): unknown;
  /** Perform: it is paid. */
  onPaid?(transaction: MerchantTransaction<Account>, tx: Tx): unknown;
  /** Cancelled before it was paid, by Payme or by the 12 hours: the order is free again. */
  onReleased?(transaction: MerchantTransaction<Account>, tx: Tx): unknown;
  /** Cancelled after it was paid: the money goes back. */
  onRefunded?(transaction: MerchantTransaction<Account>, tx: Tx): unknown;
  /** False: what was paid for is delivered and cannot be taken back (-31007). Default: refunds are taken. */
  canRefund?(transaction: MerchantTransaction<Account>, tx: Tx): boolean | Promise<boolean>;
  /** A fiscal receipt was issued, or not: look at `accepted`. */
  onFiscalData?(
    fiscal: { type: "PERFORM" | "CANCEL"; accepted: boolean; data: Readonly<Record<string, unknown>> },
    transaction: MerchantTransaction<Account>,
    tx: Tx,
  ): unknown;
}

/** What the shop finds: an order, which has an amount, or a balance, which may have bounds. */
export type Payable = Balance & Pick<Partial<Order>, "amount">;

/** What methods work with. */
export interface MerchantContext<Tx> {
  readonly storage: Storage<Tx>;
  readonly ledger: Ledger<Tx>;
  readonly now: Clock;
  readonly newId: IdSource;
  readonly logger: Logger;
  readonly hooks: MerchantHooks<Tx, unknown>;
  /** True where accounts are paid once (`findOrder`), false where they are balances. */
  readonly oneTime: boolean;
  /** The code for an order that another transaction holds. */
  readonly busyCode: number;
  readAccount(account: unknown): Eventual<ReadAccount<unknown>>;
  /** Asks the shop; undefined where it forgot to answer. */
  find(account: unknown, tx: Tx, mode: Scope["mode"]): FindResult<Payable> | undefined;
  /** Keeps a key that Payme sets, and lets it count from now on. */
  readonly changeKey: ((key: string, mode: Scope["mode"]) => Promise<void>) | undefined;
}

/** A call that is let in: whose rows it may see, and its parameters. */
export interface MerchantCall {
  readonly scope: Scope;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What a method gives: a result, or its JSON in pieces where it may be long. */
export type MethodResult = { readonly result: object } | { readonly pieces: AsyncIterable<string> };

/** A method of the Merchant API. Refuses by throwing a Refusal. */
export type MerchantMethod = <Tx>(context: MerchantContext<Tx>, call: MerchantCall) => Promise<MethodResult>;

/** Whose hook it is that runs for a transaction. */
export function concernOf({ cashbox, mode, orderKey, paymeId }: TransactionRow): HookSubject {
  return { cashbox, mode, subject: orderKey, paymeId };
}

/** The account of a stored transaction, read again: hooks get it typed as `findOrder` did. */
export function storedAccount<Tx>(context: MerchantContext<Tx>, row: TransactionRow): Eventual<unknown> {
  const accountIn = (read: ReadAccount<unknown>) => ("account" in read ? read.account : row.account);
  const reading = context.readAccount(row.account);
  return isThenable(reading) ? reading.then(accountIn) : accountIn(reading);
}
