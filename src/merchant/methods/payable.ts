import type { Booking, Receiver, Scope, TransactionRow } from "../../ledger";
import { isTiyin, type Tiyin } from "../../money";
import { MerchantErrorCode, merchantErrorText } from "../../protocol/codes";
import { firstFieldOf, orderKeyOf } from "../account";
import type { MerchantContext } from "../context";
import { isExpired, releaseExpired } from "../expiry";
import type { Balance, Order } from "../order";
import { Refusal, refusalOf } from "../refusal";

/** An account as it was read. */
export interface AccountRead {
  readonly account: unknown;
  /** Its first field, as the cabinet has it and not as a schema may have renamed it: what a busy order is blamed on. */
  readonly field: string;
}

/** What a payer may pay, once account and amount are found right and nobody else is paying. */
export interface Accepted extends AccountRead {
  readonly amount: Tiyin;
  readonly orderKey: string;
  /** At most one live transaction. */
  readonly oneTime: boolean;
  readonly receivers: readonly Receiver[] | null;
  readonly thing: Order | Balance;
}

/** The account, read. @throws Refusal -31050 naming the first field that does not fit; the shop is not asked. */
export async function readAccount<Tx>(context: MerchantContext<Tx>, account: unknown): Promise<AccountRead> {
  const read = await context.readAccount(account);
  if ("badField" in read) throw refusalOf(MerchantErrorCode.ACCOUNT_NOT_FOUND, read.badField);
  const described = typeof read.account === "object" ? Object.keys(read.account ?? {}) : [];
  return { account: read.account, field: firstFieldOf(account, described) };
}

/**
 * What may be paid, asked by Check and by Create alike: the account, then the amount, then whether the order is free. A
 * holder whose 12 hours are over gives it up first, so that a shop that refuses reserved orders finds it free, too.
 *
 * @throws Refusal
 */
export async function findFree<Tx>(
  context: MerchantContext<Tx>,
  booking: Booking<Tx>,
  scope: Scope,
  read: AccountRead,
  amount: number,
): Promise<Accepted> {
  const usualKey = orderKeyOf(read.account);
  const usualHolder = context.oneTime ? await liveHolder(context, booking, scope, usualKey) : undefined;
  const accepted = await findPayable(context, booking.tx, scope, read, amount, usualKey);
  if (!accepted.oneTime) return accepted;
  const isUsual = accepted.orderKey === usualKey;
  const holder = isUsual ? usualHolder : await liveHolder(context, booking, scope, accepted.orderKey);
  if (holder !== undefined) throw orderBusy(context, accepted.field);
  return accepted;
}

/** Another transaction holds the order. */
export function orderBusy<Tx>(context: MerchantContext<Tx>, field: string): Refusal {
  return new Refusal(context.busyCode, merchantErrorText[MerchantErrorCode.ORDER_BUSY], field);
}

/** The transaction that holds an order and has time left; one that has none is cancelled. */
async function liveHolder<Tx>(
  context: MerchantContext<Tx>,
  booking: Booking<Tx>,
  scope: Scope,
  orderKey: string,
): Promise<TransactionRow | undefined> {
  const holder = await booking.verbs.findLiveByOrder(scope, orderKey);
  if (holder === undefined || !isExpired(holder, context.now())) return holder;
  await releaseExpired(context, booking, holder);
  return undefined;
}

/** What the shop has for the account, with the amount judged. @throws Refusal: account first, then amount. */
async function findPayable<Tx>(
  context: MerchantContext<Tx>,
  tx: Tx,
  { mode }: Scope,
  read: AccountRead,
  amount: number,
  usualKey: string,
): Promise<Accepted> {
  const found = await context.find(read.account, tx, mode);
  if (found instanceof Refusal) throw found;
  if (!isTiyin(amount) || amount === 0) throw refusalOf(MerchantErrorCode.WRONG_AMOUNT);
  const thing = "order" in found ? found.order : found.balance;
  const isRight = "order" in found ? requirePrice(found.order) === amount : isWithin(found.balance, amount);
  if (!isRight) throw refusalOf(MerchantErrorCode.WRONG_AMOUNT);
  return {
    account: read.account,
    field: read.field,
    amount,
    orderKey: thing.key ?? usualKey,
    oneTime: "order" in found,
    receivers: receiversOf(thing, amount),
    thing,
  };
}

function receiversOf({ receivers }: Order | Balance, amount: Tiyin): readonly Receiver[] | null {
  return (typeof receivers === "function" ? receivers(amount) : receivers) ?? null;
}

function isWithin({ min, max }: Balance, amount: Tiyin): boolean {
  return amount >= (min ?? 0) && amount <= (max ?? amount);
}

/** A database may give text for a number (pg does for BIGINT): without this, every amount would be a wrong one. */
function requirePrice({ amount }: Order): Tiyin {
  if (isTiyin(amount)) return amount;
  throw new TypeError(`findOrder gave the amount ${JSON.stringify(amount)}; use tiyin(Number(…)) or som(…)`);
}
