import type { Clock, IdSource } from "../kit/clock";
import { after, type Eventual } from "../kit/eventual";
import { isRecord } from "../kit/json";
import type { Logger } from "../kit/logger";
import type { HookSubject, Ledger, NewEvent, Reference, Scope, Storage, TransactionRow } from "../ledger";
import { MerchantErrorCode } from "../protocol/codes";
import type { TransactionState } from "../protocol/states";
import type { ReadAccount } from "./account";
import type { ClockWatch } from "./clock-watch";
import type { FindResult, MerchantHooks } from "./order";
import type { OrderSpace } from "./order-space";
import { type Refusal, refusalOf } from "./refusal";

/** The storage, hooks and options that every method gets. */
export interface MerchantContext<Tx> {
  readonly storage: Storage<Tx>;
  readonly ledger: Ledger<Tx>;
  readonly now: Clock;
  readonly newId: IdSource;
  readonly logger: Logger;
  readonly hooks: MerchantHooks<Tx, unknown, Reference>;
  /** The space in which a reference is one order. */
  readonly orderSpace: OrderSpace;
  /** The code for an order that another transaction holds. */
  readonly busyCode: number;
  /** True where the cashbox rounds amounts up to whole som. */
  readonly roundsToSom: boolean;
  /** Compares Payme's clock with ours. */
  readonly clockWatch: ClockWatch;
  readAccount(account: unknown): Eventual<ReadAccount<unknown>>;
  /** Asks the shop. */
  find(account: unknown, tx: Tx, mode: Scope["mode"]): FindResult<Reference>;
  /** True where the other mode has this key. */
  isKeyOfOtherMode(mode: Scope["mode"], key: string): boolean;
  /** Keeps a key that Payme sets, and uses it from now on. */
  readonly changeKey: ((key: string, mode: Scope["mode"]) => Promise<void>) | undefined;
}

/** An admitted call: the scope of its rows, and its parameters. */
export interface MerchantCall {
  readonly scope: Scope;
  readonly params: Params;
}

type Params = Readonly<Record<string, unknown>>;

/**
 * The result of a method, or its JSON in pieces where it may be long. Made from stored rows, never from the moment: Payme
 * sends each call twice and compares the answers.
 */
export type MethodResult = { readonly result: object } | { readonly pieces: AsyncIterable<string> };

/** A method of the Merchant API. Refuses by throwing a Refusal. */
export type MerchantMethod = <Tx>(context: MerchantContext<Tx>, call: MerchantCall) => Promise<MethodResult>;

/** Returns the subject of a hook that runs for a transaction. */
export function subjectOf({ cashbox, mode, reference, paymeId }: TransactionRow): HookSubject {
  return { cashbox, mode, subject: reference, paymeId };
}

/** The same for a change of a stored transaction, from this state. Where another call has changed it meanwhile, no failure is recorded. */
export function changeOf(row: TransactionRow, state: TransactionState = row.state): HookSubject {
  const { cashbox, mode, reference, paymeId, amount } = row;
  return {
    cashbox,
    mode,
    subject: reference,
    paymeId,
    data: { source: "merchant", amount },
    keepEvidence: async (verbs) => (await verbs.findTransaction(row, paymeId, { lock: true }))?.state === state,
  };
}

/** Returns an event of a transaction. */
export function transactionEvent(kind: string, row: TransactionRow): NewEvent {
  const { cashbox, mode, reference, paymeId, state, amount, reason } = row;
  const at = Math.max(row.createTime, row.performTime, row.cancelTime);
  return { cashbox, mode, kind, subject: reference, paymeId, at, data: { state, amount, reason } };
}

/** The times and state of a transaction, as CheckTransaction and GetStatement tell them. */
export function stateOf(row: TransactionRow) {
  return {
    create_time: row.createTime,
    perform_time: row.performTime,
    cancel_time: row.cancelTime,
    transaction: row.transaction,
    state: row.state,
    reason: row.reason,
  };
}

/** Reads the account of a stored transaction again: hooks get it with the type that `find` got. */
export function storedAccount<Tx>(context: MerchantContext<Tx>, row: TransactionRow): Eventual<unknown> {
  return after(context.readAccount(row.account), (read) => ("account" in read ? read.account : row.account));
}

function invalid(field: string): Refusal {
  return refusalOf(MerchantErrorCode.INVALID_REQUEST, field);
}

/** Payme's id of a transaction: 24 characters in its docs; here any text up to 128. */
export function requireId({ id }: Params): string {
  if (typeof id === "string" && id.length > 0 && id.length <= 128) return id;
  throw invalid("id");
}

/** A whole number: an amount, or the reason of a cancel, stored as it comes. Zero and less are wrong amounts, not wrong types: see findPayable. */
export function requireInteger(params: Params, field: "amount" | "reason"): number {
  const value = params[field];
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw invalid(field);
}

/** A time in ms. */
export function requireTime(params: Params, field: "time" | "from" | "to"): number {
  const value = params[field];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(field);
}

/** The account as it came, for GetStatement. */
export function accountAsReceived({ account }: Params): Record<string, unknown> {
  return isRecord(account) ? account : {};
}
