import type { Eventual } from "../kit/eventual";
import type { Tiyin } from "../kit/money";
import { type Receiver, type Reference, referenceOf, type TransactionRow } from "../ledger";
import type { FiscalDetail } from "../protocol/fiscal";
import type { Refusal } from "./refusal";

/** What `find` gives of an order and of a balance. */
interface Found<Ref extends Reference> {
  /**
   * Your own id of what is paid, from the row that you found: a whole number, a bigint or a text, never empty. Hooks get it
   * in this type. An order is held and paid by its reference, however the account was written.
   */
  reference: Ref;
  /** Shown to the payer or the agent. Your Payme technician must know of it. */
  additional?: Readonly<Record<string, unknown>> | undefined;
}

/** An order: paid once, with exactly its amount. */
export interface Order<Ref extends Reference = Reference> extends Found<Ref> {
  amount: Tiyin;
  min?: undefined;
  max?: undefined;
  /** The sold items, for the fiscal receipt. */
  detail?: FiscalDetail | undefined;
  /**
   * The cashboxes that share the amount: their amounts sum to what is paid. A function where `roundsToSom` is on and the price
   * has tiyin.
   */
  receivers?: readonly Receiver[] | ((amount: Tiyin) => readonly Receiver[]) | undefined;
}

/** A balance: paid any number of times. It has no `amount`. */
export interface Balance<Ref extends Reference = Reference> extends Found<Ref> {
  amount?: undefined;
  /** The smallest amount. Required: a price that got lost must not become any amount. */
  min: Tiyin;
  /** The largest amount. Default: any. */
  max?: Tiyin | undefined;
  /** As for an order; a function where it depends on the amount, called after the amount was found right. */
  detail?: FiscalDetail | ((amount: Tiyin) => FiscalDetail) | undefined;
  /** As for an order; a function where the shares depend on the amount. */
  receivers?: readonly Receiver[] | ((amount: Tiyin) => readonly Receiver[]) | undefined;
}

/** What the shop finds: the found thing decides whether it is paid once or any number of times. */
export type Payable<Ref extends Reference = Reference> = Order<Ref> | Balance<Ref>;

/** The order or balance of an account, or a refusal. */
export type FindResult<Ref extends Reference = Reference> = Payable<Ref> | Refusal | Promise<Payable<Ref> | Refusal>;

/** A transaction as hooks get it. */
export interface MerchantTransaction<Account, Ref extends Reference = Reference> {
  /** Payme's id. */
  readonly id: string;
  /** Your own id of what is paid, in the type that `find` gave. */
  readonly reference: Ref;
  /** The account as the payer's side sent it, with the type that the option `account` describes. */
  readonly account: Account;
  readonly amount: Tiyin;
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
  const { paymeId: id, amount, mode, time, performTime, cancelTime, reason } = row;
  const reference = referenceOf(row);
  return { id, reference, account, amount, test: mode === "test", time, performTime, cancelTime, reason };
}

/** The hooks of the shop. Written as methods, so that each shop's types fit. */
export interface MerchantHooks<Tx, Account, Ref extends Reference = Reference> {
  /** Create: reserves the order. False: it cannot be reserved any more (-31050). */
  onReserved?(transaction: MerchantTransaction<Account, Ref>, tx: Tx): Eventual<boolean | undefined>;
  /**
   * Perform: fulfils the order. True where it was yours to change: a guarded write says so (`changes === 1`). False: it was
   * paid another way or is gone. Then everything is rolled back, Payme gets -31008 and gives the money back, and an incident
   * `paid_elsewhere` tells a person.
   */
  onPaid?(transaction: MerchantTransaction<Account, Ref>, tx: Tx): Eventual<boolean>;
  /** Cancelled before it was paid, by Payme or after 12 hours: the order is free again. */
  onReleased?(transaction: MerchantTransaction<Account, Ref>, tx: Tx): unknown;
  /**
   * Cancelled after it was paid: the money goes back, whatever you answer. False: the goods were not yours to take back. Then
   * what the hook wrote is rolled back, and an incident `not_taken_back` tells a person.
   */
  onRefunded?(transaction: MerchantTransaction<Account, Ref>, tx: Tx): Eventual<boolean>;
  /** Runs instead in the commit of a refund that `onRefunded` answered with false. */
  onNotTakenBack?(transaction: MerchantTransaction<Account, Ref>, tx: Tx): unknown;
  /** False: the goods are delivered and cannot be taken back (-31007). Default: refunds are taken. */
  canRefund?(transaction: MerchantTransaction<Account, Ref>, tx: Tx): boolean | Promise<boolean>;
  /** A fiscal receipt was issued or refused: see `accepted`. Undefined: the data has no `status_code`, so it is not said. */
  onFiscalData?(
    fiscal: { type: "PERFORM" | "CANCEL"; accepted: boolean | undefined; data: Readonly<Record<string, unknown>> },
    transaction: MerchantTransaction<Account, Ref>,
    tx: Tx,
  ): unknown;
}
