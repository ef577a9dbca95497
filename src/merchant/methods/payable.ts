import type { Receiver } from "../../ledger";
import type { Tiyin } from "../../money";
import { MerchantErrorCode, merchantErrorText } from "../../protocol/codes";
import type { Mode } from "../../protocol/hosts";
import { orderKeyOf } from "../account";
import type { MerchantContext } from "../context";
import type { Balance, Order } from "../order";
import { Refusal, refusalOf } from "../refusal";

/** What a payer may pay, once account and amount are found right. */
export interface Accepted {
  readonly account: unknown;
  readonly orderKey: string;
  /** At most one live transaction. */
  readonly oneTime: boolean;
  readonly receivers: readonly Receiver[] | null;
  readonly thing: Order | Balance;
  /** The account's first field: what a busy order is blamed on. */
  readonly field: string;
}

/** The account, read. @throws Refusal -31050 naming the first field that does not fit; the shop is not asked. */
export async function readAccount<Tx>(
  context: MerchantContext<Tx>,
  account: unknown,
): Promise<{ account: unknown; field: string }> {
  const read = await context.readAccount(account);
  if ("badField" in read) throw refusalOf(MerchantErrorCode.ACCOUNT_NOT_FOUND, read.badField);
  const [field = "account"] = Object.keys(typeof read.account === "object" ? (read.account ?? {}) : {});
  return { account: read.account, field };
}

/** What the shop has for the account, with the amount judged. @throws Refusal: account first, then amount. */
export async function findPayable<Tx>(
  context: MerchantContext<Tx>,
  read: { account: unknown; field: string },
  amount: Tiyin,
  tx: Tx,
  mode: Mode,
): Promise<Accepted> {
  const found = await context.find(read.account, tx, mode);
  if (found instanceof Refusal) throw found;
  const common = { ...read, orderKey: orderKeyOf(read.account) };
  if ("order" in found) {
    const { order } = found;
    if (order.amount !== amount) throw refusalOf(MerchantErrorCode.WRONG_AMOUNT);
    const orderKey = order.key ?? common.orderKey;
    return { ...common, orderKey, oneTime: true, receivers: order.receivers ?? null, thing: order };
  }
  const { balance } = found;
  const isWithin = amount >= (balance.min ?? 0) && amount <= (balance.max ?? Number.MAX_SAFE_INTEGER);
  if (!isWithin) throw refusalOf(MerchantErrorCode.WRONG_AMOUNT);
  return { ...common, orderKey: balance.key ?? common.orderKey, oneTime: false, receivers: null, thing: balance };
}

/** Another transaction holds the order. */
export function orderBusy<Tx>(context: MerchantContext<Tx>, field: string): Refusal {
  return new Refusal(context.busyCode, merchantErrorText[MerchantErrorCode.ORDER_BUSY], field);
}
