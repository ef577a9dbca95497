import { PaymeConfigError } from "../kit/errors";
import { after, type Eventual } from "../kit/eventual";
import { isTiyin, roundUpToSom, type Tiyin } from "../kit/money";
import { type Receiver, type Scope, type StoredReference, storedReference } from "../ledger";
import { MerchantErrorCode, merchantErrorText } from "../protocol/codes";
import { firstFieldOf, type ReadAccount } from "./account";
import type { MerchantContext } from "./method";
import type { Payable } from "./order";
import { receiversOf } from "./receivers";
import { Refusal, refusalOf } from "./refusal";

/** An account as it was read. */
export interface AccountRead {
  readonly account: unknown;
  /** Its first field, named as in the cabinet even where a schema renames it: the field of a busy order. */
  readonly field: string;
}

/** An account and amount that are right. */
export interface Accepted extends AccountRead, StoredReference {
  readonly amount: Tiyin;
  /** At most one live transaction. */
  readonly oneTime: boolean;
  readonly receivers: readonly Receiver[] | null;
  readonly thing: Payable;
}

/** Reads the account. @throws Refusal -31050 with the first field that does not fit; the shop is not asked. */
export function readAccount<Tx>(context: MerchantContext<Tx>, account: unknown): Eventual<AccountRead> {
  return after(context.readAccount(account), (read) => requireAccount(read, account));
}

function requireAccount(read: ReadAccount<unknown>, account: unknown): AccountRead {
  if ("badField" in read) throw refusalOf(MerchantErrorCode.ACCOUNT_NOT_FOUND, read.badField);
  const described = typeof read.account === "object" ? Object.keys(read.account ?? {}) : [];
  return { account: read.account, field: firstFieldOf(account, described) };
}

/**
 * Asks the shop what may be paid, for Check and Create: the account, then the amount.
 *
 * @throws Refusal
 */
export function findPayable<Tx>(
  context: MerchantContext<Tx>,
  tx: Tx,
  scope: Scope,
  read: AccountRead,
  amount: number,
): Eventual<Accepted> {
  return after(context.find(read.account, tx, scope.mode), (found) => acceptFound(context, read, amount, found));
}

/** Returns the refusal of an order that another transaction holds. */
export function orderBusy<Tx>(context: MerchantContext<Tx>, field: string): Refusal {
  return new Refusal(context.busyCode, merchantErrorText[MerchantErrorCode.ORDER_BUSY], field);
}

/** Judges what the shop found, and the amount. @throws Refusal: account first, then amount. */
function acceptFound<Tx>(
  { roundsToSom }: MerchantContext<Tx>,
  read: AccountRead,
  amount: number,
  thing: Payable | Refusal,
): Accepted {
  if (thing instanceof Refusal) throw thing;
  if (typeof thing !== "object" || thing === null) {
    throw new PaymeConfigError(`find gave ${String(thing)}`, {
      hint: "Return an order ({ reference, amount }), a balance ({ reference, min }) or refuse.notFound(field).",
    });
  }
  const { reference, referenceType } = storedReference(thing.reference);
  if (!isTiyin(amount) || amount === 0) throw refusalOf(MerchantErrorCode.WRONG_AMOUNT);
  if (!isRight(thing, amount, roundsToSom)) throw refusalOf(MerchantErrorCode.WRONG_AMOUNT);
  const oneTime = thing.amount !== undefined;
  const receivers = receiversOf(thing, amount);
  // Member by member: two spreads cost more than all else here.
  return { account: read.account, field: read.field, reference, referenceType, amount, oneTime, receivers, thing };
}

function isRight(thing: Payable, amount: Tiyin, roundsToSom: boolean): boolean {
  // Payme rounds up, so the shop never gets less than its price.
  const isPrice = (price: Tiyin) => amount === price || (roundsToSom && amount === roundUpToSom(price));
  if (thing.amount !== undefined) return isPrice(requireMoney("amount", thing.amount));
  // A balance says so with `min`: an order whose amount got lost must not take any amount.
  if (thing.min === undefined) throw wrongMoney("neither an amount (an order) nor a min (a balance)");
  if (amount < requireMoney("min", thing.min)) return false;
  const max = thing.max === undefined ? undefined : requireMoney("max", thing.max);
  return max === undefined || amount <= max || isPrice(max);
}

/** A database may give text for a number (pg does for BIGINT): then each amount would be a wrong one. */
function requireMoney(member: string, amount: unknown): Tiyin {
  if (isTiyin(amount)) return amount;
  throw wrongMoney(`the ${member} ${typeof amount === "string" ? JSON.stringify(amount) : String(amount)}`);
}

function wrongMoney(seen: string): PaymeConfigError {
  return new PaymeConfigError(`find gave ${seen}`, { hint: "Money is a Tiyin: use tiyin(…) or som(…)." });
}
