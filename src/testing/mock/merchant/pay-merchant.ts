import { SubscribeErrorCode } from "../../../protocol/codes";
import { CancelReason, TransactionState } from "../../../protocol/states";
import { isUndecided, type MerchantMethodName, type MerchantRefusal } from "./answer";
import type { MerchantCaller, MerchantOrder, MerchantPayment } from "./caller";

/** Check → Create: the merchant reserves the order. */
export async function begin(caller: MerchantCaller, order: MerchantOrder): Promise<MerchantPayment> {
  const checked = await caller.check(order);
  if (checked.outcome !== "result") return checked;
  if (checked.result.allow !== true) return misbehaves(checked.method);
  const { id, ...created } = await caller.create(order);
  const transaction = caller.transaction(id);
  if (created.outcome !== "result") return { ...created, transaction };
  if (transaction === undefined || created.result.state !== TransactionState.CREATED) {
    return { ...misbehaves(created.method), transaction };
  }
  return { outcome: "begun", transaction };
}

/** Perform, after the card was charged. If the merchant refuses, Payme returns the money and cancels. */
export async function finish(caller: MerchantCaller, id: string): Promise<MerchantPayment> {
  const performed = await caller.perform(id);
  const transaction = caller.transaction(id);
  const isDone = performed.outcome === "result" && performed.result.state === TransactionState.PERFORMED;
  if (isDone && transaction !== undefined) return { outcome: "paid", transaction };
  if (isUndecided(performed)) return { outcome: "unknown", method: performed.method, transaction };
  await closeRefused(caller, id);
  const refused = performed.outcome === "refused" ? performed : misbehaves(performed.method);
  return { ...refused, transaction: caller.transaction(id) };
}

/** Cancels after a declined card: nothing was taken, and the merchant may sell to another payer. */
export async function decline(caller: MerchantCaller, id: string): Promise<MerchantPayment> {
  const cancelled = await caller.cancel(id, { reason: CancelReason.DEBIT_FAILED });
  const transaction = caller.transaction(id);
  if (isUndecided(cancelled)) return { outcome: "unknown", method: cancelled.method, transaction };
  if (cancelled.outcome === "refused") return { ...cancelled, transaction };
  return transaction === undefined ? misbehaves(cancelled.method) : { outcome: "cancelled", transaction };
}

/** Cancels where a merchant refused Perform but keeps the transaction open, or says that it is paid. */
async function closeRefused(caller: MerchantCaller, id: string): Promise<void> {
  const checked = await caller.checkTransaction(id);
  const state = checked.outcome === "result" ? checked.result.state : undefined;
  const isLive = state === TransactionState.CREATED || state === TransactionState.PERFORMED;
  if (isLive) await caller.cancel(id, { reason: CancelReason.EXECUTION_ERROR });
}

function misbehaves(method: MerchantMethodName): MerchantRefusal {
  const message = "Сервис мерчанта работает некорректно";
  return { outcome: "refused", method, code: SubscribeErrorCode.MERCHANT_MISBEHAVES, message, data: null };
}
