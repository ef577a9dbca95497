import { PaymeValidationError } from "../kit/errors";
import { isRecord } from "../kit/json";
import { isTiyin } from "../kit/money";
import {
  type ImportedRow,
  isExpired,
  isMoment,
  membersThatDiffer,
  newTransaction,
  type Reference,
  requireAll,
  type Scope,
  storedReference,
  type TransactionRow,
  type Verbs,
} from "../ledger";
import { CancelReason, TRANSACTION_LIFETIME_MS, TransactionState } from "../protocol/states";
import { type MerchantContext, transactionEvent } from "./method";
import { asTransaction } from "./order";

/** A transaction as the endpoint that was here before answered it to Payme. Times are in ms. */
export type ImportedTransaction = Pick<
  TransactionRow,
  "paymeId" | "state" | "transaction" | "amount" | "account" | "time" | "createTime"
> &
  Partial<Pick<TransactionRow, "performTime" | "cancelTime" | "reason" | "receivers" | "oneTime">> & {
    /** Your own id of what is paid, as `find` gives it. */
    readonly reference: Reference;
    /** True for an open one whose order your tables hold reserved already: `onReserved` does not run. Default false. */
    readonly reserved?: boolean | undefined;
  };

/** Writes one old transaction as it was. An open one reserves its order; nothing else runs, and nobody is told. */
export async function importTransaction<Tx>(
  context: MerchantContext<Tx>,
  scope: Scope,
  given: ImportedTransaction,
  { verbs, tx }: { readonly verbs: Verbs; readonly tx: Tx },
): Promise<ImportedRow> {
  const row = rowOf(context, scope, given);
  const kept = isExpired(row, context.now()) ? endedByTime(row) : row;
  const added = await verbs.addTransaction(kept);
  if (added.outcome === "order_busy") {
    throw new PaymeValidationError(`the transaction ${added.row.paymeId} holds the order ${row.reference}`, {
      hint: "An order has one open or paid transaction. Where it was paid twice, give one of the two oneTime: false.",
    });
  }
  if (added.outcome === "already_applied") return differing(row, added.row);
  if (kept.state === TransactionState.CREATED) await reserve(context, kept, given.reserved === true, tx);
  await verbs.appendEvents([transactionEvent("transaction.imported", kept)]);
  return "imported";
}

function rowOf<Tx>({ orderSpace }: MerchantContext<Tx>, scope: Scope, given: ImportedTransaction): TransactionRow {
  const { reference, reserved, ...members } = given;
  const row = newTransaction({
    ...members,
    ...scope,
    ...storedReference(reference),
    source: "merchant",
    orderSpace: orderSpace.name,
  });
  const { state, performTime, cancelTime } = row;
  const isPaid = state === TransactionState.PERFORMED || state === TransactionState.REFUNDED;
  const isEnded = state === TransactionState.CANCELLED || state === TransactionState.REFUNDED;
  requireAll({
    "paymeId: give Payme's id, 1 to 128 characters": isText(row.paymeId),
    "state: give 1, 2, -1 or -2": isPaid || isEnded || state === TransactionState.CREATED,
    "transaction: give your id, as Payme was told it: a text": isText(row.transaction),
    "amount: give whole tiyin above 0": isTiyin(row.amount) && row.amount > 0,
    "account: give the object that Payme sent": isRecord(row.account),
    "time: give Payme's time in ms": isMoment(row.time),
    "createTime: give ms, as Payme was told": isMoment(row.createTime),
    "performTime: give ms for the states 2 and -2, else 0": isPaid ? isMoment(performTime) : performTime === 0,
    "cancelTime: give ms for the states -1 and -2, else 0": isEnded ? isMoment(cancelTime) : cancelTime === 0,
    "reason: give a whole number or null": row.reason === null || Number.isSafeInteger(row.reason),
  });
  return row;
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.length >= 1 && value.length <= 128;
}

/** Its 12 hours were over: it holds nothing, and ended when they did. The same in each run. */
function endedByTime(row: TransactionRow): TransactionRow {
  const cancelTime = Math.max(row.time + TRANSACTION_LIFETIME_MS, row.createTime);
  return { ...row, state: TransactionState.CANCELLED, cancelTime, reason: CancelReason.TIMEOUT };
}

async function reserve<Tx>(context: MerchantContext<Tx>, row: TransactionRow, isDone: boolean, tx: Tx): Promise<void> {
  const read = await context.readAccount(row.account);
  if ("badField" in read) throw new PaymeValidationError(`account: ${read.badField} does not fit this endpoint`);
  const isReserved = isDone || (await context.hooks.onReserved?.(asTransaction(row, read.account), tx));
  if (isReserved !== false) return;
  throw new PaymeValidationError("onReserved did not reserve its order", {
    hint: "Give reserved: true where your tables hold it reserved already; else cancel it at the old endpoint first.",
  });
}

/** That a transaction has gone on here since is no difference. */
function differing(given: TransactionRow, here: TransactionRow): readonly string[] {
  const isRefunded = given.state === TransactionState.PERFORMED && here.state === TransactionState.REFUNDED;
  const hasGoneOn = isRefunded || given.state === TransactionState.CREATED;
  const ends = hasGoneOn ? [] : (["state", "performTime", "cancelTime", "reason"] as const);
  const fixed = ["reference", "amount", "transaction", "account", "time", "createTime"] as const;
  return membersThatDiffer(given, here, [...fixed, ...ends]);
}
