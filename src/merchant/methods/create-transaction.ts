import { earliestLive, isExpired, newTransaction, type Scope, type TransactionRow, withHooks } from "../../ledger";
import { MerchantErrorCode } from "../../protocol/codes";
import { TransactionState } from "../../protocol/states";
import { orderKeyOf } from "../account";
import { concernOf, type MerchantContext, type MerchantMethod, storedAccount } from "../context";
import { expire, transactionEvent } from "../expiry";
import { asTransaction } from "../order";
import { accountAsReceived, requireAmount, requireId, requireTime } from "../params";
import { Refusal, refusalOf } from "../refusal";
import { createReply } from "../reply";
import { type Accepted, type AccountRead, findFree, orderBusy, readAccount } from "./payable";

/** What Payme asks to be created. */
interface Wanted {
  readonly id: string;
  readonly time: number;
  readonly amount: number;
  readonly account: Readonly<Record<string, unknown>>;
}

/** The transaction that holds the order: made by this call, or by an equal one that ran beside it. */
interface Reserved {
  readonly row: TransactionRow;
  readonly isNew: boolean;
}

/** Reserves an order for a transaction. By Payme's id first: the same again is the same answer. */
export const createTransaction: MerchantMethod = async (context, { scope, params }) => {
  const wanted = {
    id: requireId(params),
    time: requireTime(params, "time"),
    amount: requireAmount(params),
    account: accountAsReceived(params),
  };
  const known = await context.storage.findTransaction(scope, wanted.id);
  if (known !== undefined) return replay(context, known, wanted);
  const read = await readAccount(context, params.account);
  if (wanted.time < earliestLive(context.now())) throw refusalOf(MerchantErrorCode.CANNOT_PERFORM);
  const reserved = await reserveOnce(context, scope, wanted, read);
  return reserved.isNew ? { result: createReply(reserved.row) } : replay(context, reserved.row, wanted);
};

/** A refused call looks once more: an equal one that ran beside it may hold the order, and has the answer for both. */
async function reserveOnce<Tx>(
  context: MerchantContext<Tx>,
  scope: Scope,
  wanted: Wanted,
  read: AccountRead,
): Promise<Reserved> {
  try {
    return await reserve(context, scope, wanted, read);
  } catch (refused) {
    const equal = refused instanceof Refusal ? await context.storage.findTransaction(scope, wanted.id) : undefined;
    if (equal === undefined) throw refused;
    return { row: equal, isNew: false };
  }
}

function reserve<Tx>(context: MerchantContext<Tx>, scope: Scope, wanted: Wanted, read: AccountRead): Promise<Reserved> {
  return withHooks(context.ledger, async (booking) => {
    const { verbs, tx, hook } = booking;
    const { hooks } = context;
    const accepted = await findFree(context, booking, scope, read, wanted.amount);
    const added = await verbs.addTransaction(newRow(context, scope, wanted, accepted));
    // Where writers do not take turns, another may have come in between: the database decides.
    if (added.outcome === "order_busy") throw orderBusy(context, accepted.field);
    if (added.outcome === "applied") {
      const reserved = asTransaction(added.row, accepted.account);
      if (hooks.onReserved) await hook(concernOf(added.row), () => hooks.onReserved?.(reserved, tx));
      await verbs.appendEvents([transactionEvent("transaction.created", added.row)]);
    }
    return { row: added.row, isNew: added.outcome === "applied" };
  });
}

function newRow<Tx>(context: MerchantContext<Tx>, scope: Scope, wanted: Wanted, accepted: Accepted): TransactionRow {
  return newTransaction({
    cashbox: scope.cashbox,
    mode: scope.mode,
    paymeId: wanted.id,
    source: "merchant",
    transaction: context.newId(),
    orderKey: accepted.orderKey,
    oneTime: accepted.oneTime,
    amount: accepted.amount,
    account: wanted.account,
    time: wanted.time,
    createTime: context.now(),
    receivers: accepted.receivers,
  });
}

/** The stored answer; -31008 for a transaction that has ended, or whose parameters are suddenly others. */
async function replay<Tx>(context: MerchantContext<Tx>, row: TransactionRow, wanted: Wanted) {
  if (isExpired(row, context.now())) {
    await expire(context, row);
    throw refusalOf(MerchantErrorCode.CANNOT_PERFORM);
  }
  if (row.state !== TransactionState.CREATED) throw refusalOf(MerchantErrorCode.CANNOT_PERFORM);
  const isSame = row.amount === wanted.amount && row.time === wanted.time && (await sameAccount(context, row, wanted));
  if (isSame) return { result: createReply(row) };
  context.logger.warn("CreateTransaction came again with other parameters", { paymeId: row.paymeId });
  throw refusalOf(MerchantErrorCode.CANNOT_PERFORM);
}

async function sameAccount<Tx>(context: MerchantContext<Tx>, row: TransactionRow, wanted: Wanted): Promise<boolean> {
  const [stored, given] = [await storedAccount(context, row), await context.readAccount(wanted.account)];
  return "account" in given && orderKeyOf(given.account) === orderKeyOf(stored);
}
