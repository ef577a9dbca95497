import { PaymeAPIError, PaymeConnectionError, PaymeValidationError } from "../kit/errors";
import type { PaymentRow } from "../ledger";
import type { Receipt } from "../protocol/receipt";
import { ReceiptState } from "../protocol/states";
import type { PaymentsClient, PaymentsContext } from "./context";
import { requirePayment } from "./find-payment";
import { closePayment } from "./record-cancelled";
import { CHECK_LEASE_MS } from "./schedule";
import { endOf, settleByState } from "./settle-receipt";

/** How a cancel ended. */
export interface CancelledPayment {
  readonly payment: PaymentRow;
  /** `queued`: Payme will give the money back. `done`: nothing was taken, or it is given back already. */
  readonly refund: "queued" | "done";
}

/**
 * Cancels an unpaid payment or refunds a paid one, at Payme. (1) The wish is committed, (2) Payme is asked outside any
 * transaction, (3) what its answer says is booked. A crash or a lost answer in between is mended by `reconcile`.
 */
export async function cancelPayment<Tx>(context: PaymentsContext<Tx>, id: string): Promise<CancelledPayment> {
  const payment = await requirePayment(context, id);
  if (payment.status === "CANCELLED") return { payment, refund: "done" };
  refuseMerchantRefund(payment);
  const { client } = context;
  if (client === undefined || payment.transactionId === null) return closeUnasked(context, payment);
  const at = context.now();
  const wish = await context.storage.requestCancel(context.scope, payment.id, { at, nextCheckAt: at + CHECK_LEASE_MS });
  const isNewWish = wish.outcome === "applied";
  const cancelled = await cancelReceipt(context, client, payment, payment.transactionId, isNewWish);
  if (!isCancelled(cancelled)) throw notCancelled(cancelled.state);
  return { payment: cancelled.payment, refund: cancelled.state === ReceiptState.CANCEL_QUEUED ? "queued" : "done" };
}

/** A payment whose creation failed stays FAILED: that its receipt is cancelled is all that was asked for. */
function isCancelled({ payment, state }: { payment: PaymentRow; state: number }): boolean {
  return payment.status === "CANCELLED" || (payment.status === "FAILED" && endOf(state) === "cancelled");
}

/**
 * Asks Payme to cancel a receipt and books what its answer says: cancelled, or still paid. Where it is not cancelled, a
 * wish to cancel is taken back. An earlier wish (`isNewWish` false) may have been carried out unheard: that Payme cannot be
 * reached now says nothing about it, so it stands.
 */
export async function cancelReceipt<Tx>(
  context: PaymentsContext<Tx>,
  client: PaymentsClient,
  payment: PaymentRow,
  transactionId: string,
  isNewWish: boolean,
): Promise<{ readonly payment: PaymentRow; readonly state: number }> {
  const receipt = await askToCancel(context, client, payment, transactionId, isNewWish);
  const settled = await settleByState(context, payment, receipt);
  const isEnded = endOf(receipt.state) === "cancelled";
  return { payment: isEnded ? settled : await withdraw(context, settled), state: receipt.state };
}

async function askToCancel<Tx>(
  context: PaymentsContext<Tx>,
  client: PaymentsClient,
  payment: PaymentRow,
  transactionId: string,
  isNewWish: boolean,
): Promise<Receipt> {
  try {
    return await client.receipts.cancel(transactionId);
  } catch (error) {
    if (error instanceof PaymeAPIError) return cancelledAllTheSame(context, client, payment, transactionId, error);
    if (error instanceof PaymeConnectionError && isNewWish) await withdraw(context, payment);
    // No answer: the wish stands, and reconcile goes on.
    throw error;
  }
}

/**
 * Payme refuses: perhaps because it has cancelled the receipt before, and only its answer was lost. The receipt tells; where
 * it is not cancelled the wish is taken back, and where it cannot be read the wish stands.
 */
async function cancelledAllTheSame<Tx>(
  context: PaymentsContext<Tx>,
  client: PaymentsClient,
  payment: PaymentRow,
  transactionId: string,
  refusal: PaymeAPIError,
): Promise<Receipt> {
  const receipt = await client.receipts.get(transactionId).catch(() => undefined);
  if (receipt === undefined) throw refusal;
  if (endOf(receipt.state) === "cancelled") return receipt;
  await withdraw(context, await settleByState(context, payment, receipt));
  throw refusal;
}

async function withdraw<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<PaymentRow> {
  const at = context.now();
  const nextCheckAt = payment.status === "PAID" ? null : at + CHECK_LEASE_MS;
  const withdrawn = await context.storage.withdrawCancel(context.scope, payment.id, { at, nextCheckAt });
  return withdrawn.outcome === "not_found" ? payment : withdrawn.row;
}

function notCancelled(state: number): PaymeAPIError {
  return new PaymeAPIError(`Payme answered the cancel with state ${state}: the payment is not cancelled`, {
    responseData: { state },
    hint:
      endOf(state) === "paid"
        ? "It stays paid: refund it in the Payme cabinet."
        : "Look again in a few minutes: Payme or a Merchant transaction is still at work on it.",
  });
}

function refuseMerchantRefund(payment: PaymentRow): void {
  if (payment.status !== "PAID" || payment.paidSource !== "merchant") return;
  throw new PaymeValidationError("a payment made through the Merchant API is refunded in the Payme cabinet", {
    code: "CONFLICT",
    hint: "Refund it there: Payme will then call CancelTransaction.",
  });
}

/** Nothing at Payme to cancel that we know of: the payment is closed in our own book. */
async function closeUnasked<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<CancelledPayment> {
  const closed = await closePayment(context, payment);
  if (closed.outcome === "applied" || closed.outcome === "already_applied")
    return { payment: closed.row, refund: "done" };
  throw new PaymeValidationError("the payment cannot be cancelled now: it is being paid, or its creation failed", {
    code: "CONFLICT",
  });
}
