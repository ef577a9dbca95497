import { isThenable } from "../../kit/eventual";
import { closingBy, isExpired, newTransaction, type Scope, type TransactionRow, withHooks } from "../../ledger";
import { MerchantErrorCode } from "../../protocol/codes";
import { TransactionState } from "../../protocol/states";
import { accountText } from "../account";
import { expire, releaseExpired } from "../expiry";
import {
  accountAsReceived,
  type MerchantContext,
  type MerchantMethod,
  requireId,
  requireInteger,
  requireTime,
  storedAccount,
  subjectOf,
  transactionEvent,
} from "../method";
import { asTransaction } from "../order";
import { type Accepted, type AccountRead, findPayable, orderBusy, readAccount } from "../payable";
import { notReserved, Refusal, refusalOf } from "../refusal";

/** The transaction that Payme wants. */
interface Wanted {
  readonly id: string;
  readonly time: number;
  readonly amount: number;
  readonly account: Readonly<Record<string, unknown>>;
}

/** The transaction that holds the order: made by this call, or by an equal one at the same time. */
interface Reserved {
  readonly row: TransactionRow;
  readonly isNew: boolean;
}

/** Reserves an order for a transaction. Looks for Payme's id first: a repeat gets the same answer. */
export const createTransaction: MerchantMethod = async (context, { scope, params }) => {
  const wanted = {
    id: requireId(params),
    time: requireTime(params, "time"),
    amount: requireInteger(params, "amount"),
    account: accountAsReceived(params),
  };
  const known = await context.storage.findTransaction(scope, wanted.id);
  if (known !== undefined) return replay(context, known, wanted);
  const reading = readAccount(context, params.account);
  const read = isThenable(reading) ? await reading : reading;
  if (context.clockWatch.isTooOld(wanted.id, wanted.time)) throw refusalOf(MerchantErrorCode.CANNOT_PERFORM);
  await context.orderSpace.enter(scope);
  let reserved: Reserved;
  try {
    reserved = await reserve(context, scope, wanted, read);
  } catch (refused) {
    // An equal call at the same time may hold the order, and has the answer for both.
    const equal = refused instanceof Refusal ? await context.storage.findTransaction(scope, wanted.id) : undefined;
    if (equal === undefined) throw refused;
    reserved = { row: equal, isNew: false };
  }
  return reserved.isNew ? replyOf(reserved.row) : replay(context, reserved.row, wanted);
};

function reserve<Tx>(context: MerchantContext<Tx>, scope: Scope, wanted: Wanted, read: AccountRead): Promise<Reserved> {
  return withHooks(context.ledger, async (transaction) => {
    const { verbs, tx, hook, append } = transaction;
    const { hooks } = context;
    const finding = findPayable(context, tx, scope, read, wanted.amount);
    const accepted = isThenable(finding) ? await finding : finding;
    const row = newRow(context, scope, wanted, accepted);
    let added = await verbs.addTransaction(row);
    // Its 12 hours are over, and nothing has cancelled it yet.
    if (added.outcome === "order_busy" && isExpired(added.row, context.now())) {
      await releaseExpired(context, transaction, added.row);
      added = await verbs.addTransaction(row);
    }
    if (added.outcome === "order_busy") throw orderBusy(context, accepted.field);
    if (added.outcome === "applied") {
      const reserved = asTransaction(added.row, accepted.account);
      const answer = hooks.onReserved && (await hook(subjectOf(added.row), () => hooks.onReserved?.(reserved, tx)));
      if (answer === false) throw notReserved(accepted.field);
      const created = transactionEvent("transaction.created", added.row);
      const closing = closingBy(subjectOf(added.row), { kinds: ["effect_failed"] }, created);
      await append([created], closing, { ends: true });
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
    reference: accepted.reference,
    referenceType: accepted.referenceType,
    orderSpace: context.orderSpace.name,
    oneTime: accepted.oneTime,
    amount: accepted.amount,
    account: wanted.account,
    time: wanted.time,
    createTime: context.now(),
    receivers: accepted.receivers,
  });
}

/** Returns the stored answer, with another `time` too; -31008 for a transaction that has ended, another amount or account. */
async function replay<Tx>(context: MerchantContext<Tx>, row: TransactionRow, wanted: Wanted) {
  if (isExpired(row, context.now())) {
    await expire(context, row);
    throw refusalOf(MerchantErrorCode.CANNOT_PERFORM);
  }
  if (row.state !== TransactionState.CREATED) throw refusalOf(MerchantErrorCode.CANNOT_PERFORM);
  const { paymeId, time } = row;
  if (row.amount !== wanted.amount || !(await sameAccount(context, row, wanted))) {
    context.logger.warn("CreateTransaction came again with another amount or account", { transaction_id: paymeId });
    throw refusalOf(MerchantErrorCode.CANNOT_PERFORM);
  }
  if (time !== wanted.time)
    context.logger.warn("CreateTransaction came again with another time", {
      transaction_id: paymeId,
      time,
      given: wanted.time,
    });
  return replyOf(row);
}

function replyOf({ createTime, transaction, state, receivers }: TransactionRow) {
  return { result: { create_time: createTime, transaction, state, ...(receivers === null ? {} : { receivers }) } };
}

async function sameAccount<Tx>(context: MerchantContext<Tx>, row: TransactionRow, wanted: Wanted): Promise<boolean> {
  const [stored, given] = [await storedAccount(context, row), await context.readAccount(wanted.account)];
  return "account" in given && accountText(given.account) === accountText(stored);
}
