import { type Eventual, isThenable } from "../kit/eventual";
import { isTiyin, type Tiyin } from "../kit/money";
import { isExpired, type LedgerTransaction, type Receiver, type Scope, type TransactionRow } from "../ledger";
import { MerchantErrorCode, merchantErrorText } from "../protocol/codes";
import { firstFieldOf, orderKeyOf, type ReadAccount } from "./account";
import { releaseExpired } from "./expiry";
import type { MerchantContext } from "./method";
import type { Payable } from "./order";
import { Refusal, refusalOf } from "./refusal";

/** An account as it was read. */
export interface AccountRead {
  readonly account: unknown;
  /** Its first field, named as in the cabinet even where a schema renames it: the field of a busy order. */
  readonly field: string;
}

/** An account and amount that may be paid: both are right, and the order is free. */
export interface Accepted extends AccountRead {
  readonly amount: Tiyin;
  readonly orderKey: string;
  /** At most one live transaction. */
  readonly oneTime: boolean;
  readonly receivers: readonly Receiver[] | null;
  readonly thing: Payable;
}

/** Reads the account. @throws Refusal -31050 with the first field that does not fit; the shop is not asked. */
export function readAccount<Tx>(context: MerchantContext<Tx>, account: unknown): Eventual<AccountRead> {
  const required = (read: ReadAccount<unknown>) => requireAccount(read, account);
  const reading = context.readAccount(account);
  return isThenable(reading) ? reading.then(required) : required(reading);
}

function requireAccount(read: ReadAccount<unknown>, account: unknown): AccountRead {
  if ("badField" in read) throw refusalOf(MerchantErrorCode.ACCOUNT_NOT_FOUND, read.badField);
  const described = typeof read.account === "object" ? Object.keys(read.account ?? {}) : [];
  return { account: read.account, field: firstFieldOf(account, described) };
}

/**
 * Checks what may be paid, for Check and Create: the account, then the amount, then whether the order is free. A holder whose
 * 12 hours are over is cancelled first, so that a shop that refuses reserved orders finds the order free, too.
 *
 * @throws Refusal
 */
export async function findFree<Tx>(
  context: MerchantContext<Tx>,
  booking: LedgerTransaction<Tx>,
  scope: Scope,
  read: AccountRead,
  amount: number,
): Promise<Accepted> {
  const usualKey = orderKeyOf(read.account);
  const usualHolder = context.oneTime ? await booking.verbs.findLiveByOrder(scope, usualKey) : undefined;
  const isUsualBusy = usualHolder !== undefined && (await keepsOrder(context, booking, usualHolder));
  const finding = context.find(read.account, booking.tx, scope.mode);
  const found = isThenable(finding) ? await finding : finding;
  const accepted = acceptFound(context, read, amount, usualKey, found);
  if (!accepted.oneTime) return accepted;
  const isUsual = accepted.orderKey === usualKey;
  const holder = isUsual ? undefined : await booking.verbs.findLiveByOrder(scope, accepted.orderKey);
  const isBusy = isUsual ? isUsualBusy : holder !== undefined && (await keepsOrder(context, booking, holder));
  if (isBusy) throw orderBusy(context, accepted.field);
  return accepted;
}

/** Returns the refusal of an order that another transaction holds. */
export function orderBusy<Tx>(context: MerchantContext<Tx>, field: string): Refusal {
  return new Refusal(context.busyCode, merchantErrorText[MerchantErrorCode.ORDER_BUSY], field);
}

/** True for a holder that has time left; one that has none is cancelled. */
async function keepsOrder<Tx>(
  context: MerchantContext<Tx>,
  booking: LedgerTransaction<Tx>,
  holder: TransactionRow,
): Promise<boolean> {
  if (!isExpired(holder, context.now())) return true;
  await releaseExpired(context, booking, holder);
  return false;
}

/** Judges what the shop found, and the amount. @throws Refusal: account first, then amount. */
function acceptFound<Tx>(
  context: MerchantContext<Tx>,
  read: AccountRead,
  amount: number,
  usualKey: string,
  thing: Payable | Refusal | undefined,
): Accepted {
  if (!thing) throw new TypeError("findOrder and findBalance must return an order, a balance or a refusal");
  if (thing instanceof Refusal) throw thing;
  if (!isTiyin(amount) || amount === 0) throw refusalOf(MerchantErrorCode.WRONG_AMOUNT);
  const isRight = context.oneTime ? requirePrice(thing) === amount : isWithin(thing, amount);
  if (!isRight) throw refusalOf(MerchantErrorCode.WRONG_AMOUNT);
  return {
    account: read.account,
    field: read.field,
    amount,
    orderKey: thing.key ?? usualKey,
    oneTime: context.oneTime,
    receivers: receiversOf(thing, amount),
    thing,
  };
}

function receiversOf({ receivers }: Payable, amount: Tiyin): readonly Receiver[] | null {
  const given = (typeof receivers === "function" ? receivers(amount) : receivers) ?? null;
  // What is stored here is read back by every later call of the transaction.
  for (const { amount: share } of given ?? []) {
    if (!isTiyin(share))
      throw new TypeError(`a receiver has the amount ${JSON.stringify(share)}; use tiyin(…) or som(…)`);
  }
  return given;
}

function isWithin({ min, max }: Payable, amount: Tiyin): boolean {
  return amount >= (min ?? 0) && amount <= (max ?? amount);
}

/** A database may give text for a number (pg does for BIGINT): then each amount would be a wrong one. */
function requirePrice({ amount }: Payable): Tiyin {
  if (isTiyin(amount)) return amount;
  throw new TypeError(`findOrder gave the amount ${JSON.stringify(amount)}; use tiyin(…) or som(…)`);
}
