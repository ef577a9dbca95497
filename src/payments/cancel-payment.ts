import { PaymeAPIError, PaymeConnectionError, PaymeValidationError } from "../errors";
import type { PaymentRow } from "../ledger";
import type { Receipt } from "../protocol/receipt";
import { ReceiptState } from "../protocol/states";
import type { PaymentsClient, PaymentsContext } from "./context";
import { requirePayment } from "./find-payment";
import { closePending } from "./record-cancelled";
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
  await context.storage.requestCancel(context.scope, payment.id, { at, nextCheckAt: at + CHECK_LEASE_MS });
  const cancelled = await cancelReceipt(context, client, payment, payment.transactionId);
  if (cancelled.payment.status !== "CANCELLED") throw notCancelled(cancelled.state);
  return { payment: cancelled.payment, refund: cancelled.state === ReceiptState.CANCEL_QUEUED ? "queued" : "done" };
}

/**
 * Asks Payme to cancel a receipt and books what its answer says: cancelled, or still paid. Where it is not cancelled, a
 * wish to cancel is taken back.
 */
export async function cancelReceipt<Tx>(
  context: PaymentsContext<Tx>,
  client: PaymentsClient,
  payment: PaymentRow,
  transactionId: string,
): Promise<{ readonly payment: PaymentRow; readonly state: number }> {
  const receipt = await askToCancel(context, client, payment, transactionId);
  const settled = await settleByState(context, payment, receipt);
  if (endOf(receipt.state) !== "cancelled") await withdraw(context, settled);
  return { payment: settled, state: receipt.state };
}

async function askToCancel<Tx>(
  context: PaymentsContext<Tx>,
  client: PaymentsClient,
  payment: PaymentRow,
  transactionId: string,
): Promise<Receipt> {
  try {
    return await client.receipts.cancel(transactionId);
  } catch (error) {
    // Refused or never reached: nothing happened, so the wish is taken back. Otherwise it stands, and reconcile goes on.
    const didNothing = error instanceof PaymeAPIError || error instanceof PaymeConnectionError;
    if (didNothing) await withdraw(context, payment);
    throw error;
  }
}

async function withdraw<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<void> {
  const at = context.now();
  const nextCheckAt = payment.status === "PENDING" ? at + CHECK_LEASE_MS : null;
  await context.storage.withdrawCancel(context.scope, payment.id, { at, nextCheckAt });
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

/** Nothing at Payme to cancel: the payment is closed in our own book. */
async function closeUnasked<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<CancelledPayment> {
  const closed = await closePending(context, payment, payment.id);
  if (closed.outcome === "applied" || closed.outcome === "already_applied")
    return { payment: closed.row, refund: "done" };
  throw new PaymeValidationError("the payment cannot be cancelled now: it is being paid, or its creation failed", {
    code: "CONFLICT",
  });
}
