import { SubscribeErrorCode } from "../../../protocol/codes";
import { CancelReason, TransactionState } from "../../../protocol/states";
import { isUndecided, type MerchantAnswer, type MerchantMethodName, type MerchantRefusal } from "./answer";
import type { MerchantCaller, MerchantOrder, MerchantPayment } from "./caller";

/** The steps that a payment is made of. */
export type PaymentSteps = Pick<
  MerchantCaller,
  "check" | "create" | "perform" | "cancel" | "checkTransaction" | "transaction"
>;

/** Check → Create: the merchant has reserved what is to be paid. */
export async function begin(steps: PaymentSteps, order: MerchantOrder): Promise<MerchantPayment> {
  const checked = await steps.check(order);
  if (checked.outcome !== "result") return checked;
  if (checked.result.allow !== true) return misbehaves(checked.method);
  const { id, ...created } = await steps.create(order);
  const transaction = steps.transaction(id);
  if (created.outcome !== "result") return { ...created, transaction };
  if (transaction === undefined || created.result.state !== TransactionState.CREATED) {
    return { ...misbehaves(created.method), transaction };
  }
  return { outcome: "begun", transaction };
}

/** Perform, once the card was charged. Told no, Payme gives the money back and cancels. */
export async function finish(steps: PaymentSteps, id: string): Promise<MerchantPayment> {
  const performed = await steps.perform(id);
  const transaction = steps.transaction(id);
  const isDone = performed.outcome === "result" && performed.result.state === TransactionState.PERFORMED;
  if (isDone && transaction !== undefined) return { outcome: "paid", transaction };
  if (isUndecided(performed)) return { outcome: "unknown", method: performed.method, transaction };
  await closeRefused(steps, id);
  const refused = performed.outcome === "refused" ? performed : misbehaves(performed.method);
  return { ...refused, transaction: steps.transaction(id) };
}

/** The card was declined: nothing was taken, and the merchant may sell to another. */
export async function decline(steps: PaymentSteps, id: string): Promise<MerchantPayment> {
  const cancelled = await steps.cancel(id, { reason: CancelReason.DEBIT_FAILED });
  const transaction = steps.transaction(id);
  if (isUndecided(cancelled)) return { outcome: "unknown", method: cancelled.method, transaction };
  if (cancelled.outcome === "refused") return { ...cancelled, transaction };
  return transaction === undefined ? misbehaves(cancelled.method) : { outcome: "cancelled", transaction };
}

/** Where a merchant that refused to perform still holds the transaction open, or says that it is paid, it is cancelled. */
async function closeRefused(steps: PaymentSteps, id: string): Promise<MerchantAnswer | undefined> {
  const standing = await steps.checkTransaction(id);
  const { CREATED, PERFORMED } = TransactionState;
  const isLive =
    standing.outcome === "result" && (standing.result.state === CREATED || standing.result.state === PERFORMED);
  return isLive ? steps.cancel(id, { reason: CancelReason.EXECUTION_ERROR }) : undefined;
}

function misbehaves(method: MerchantMethodName): MerchantRefusal {
  const message = "Сервис мерчанта работает некорректно";
  return { outcome: "refused", method, code: SubscribeErrorCode.MERCHANT_MISBEHAVES, message, data: null };
}
