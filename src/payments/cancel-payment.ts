import { PaymeAPIError, PaymeConnectionError, PaymeValidationError } from "../kit/errors";
import type { PaymentRow } from "../ledger";
import type { Receipt } from "../protocol/receipt";
import { ReceiptState } from "../protocol/states";
import { CHECK_LEASE_MS, type ClientContext, hasClient, type PaymentsContext } from "./context";
import { closePayment } from "./record-cancelled";
import { endOf, settleReceipt } from "./settle-receipt";

/** How a cancel ended. */
export interface CancelledPayment {
  readonly payment: PaymentRow;
  /** `queued`: Payme will give the money back. `done`: nothing was taken, or it is given back already. */
  readonly refund: "queued" | "done";
}

/**
 * Cancels an unpaid payment or refunds a paid one, at Payme: (1) commits the wish, (2) asks Payme outside any transaction,
 * (3) records what its answer says. `reconcile` mends a crash or a lost answer in between.
 */
export async function cancelPayment<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<CancelledPayment> {
  if (payment.status === "CANCELLED") return { payment, refund: "done" };
  refuseMerchantRefund(payment);
  const { storage, scope } = context;
  if (!hasClient(context) || payment.transactionId === null) return closeUnasked(context, payment);
  const at = context.now();
  const wish = await storage.requestCancel(scope, payment.id, { at, nextCheckAt: at + CHECK_LEASE_MS });
  const isNewWish = wish.outcome === "applied";
  const { payment: after, state } = await cancelReceipt(context, payment, payment.transactionId, isNewWish);
  // A payment whose creation failed stays FAILED: the end of its receipt is enough.
  const isCancelled = after.status === "CANCELLED" || (after.status === "FAILED" && endOf(state) === "cancelled");
  if (!isCancelled) throw notCancelled(state);
  return { payment: after, refund: state === ReceiptState.CANCEL_QUEUED ? "queued" : "done" };
}

/**
 * Asks Payme to cancel a receipt and records what its answer says: cancelled, or still paid. Where it is not cancelled, the
 * wish to cancel is withdrawn. Without an answer the wish stands, and reconcile goes on.
 *
 * @param isNewWish false: an earlier call may have cancelled it while its answer was lost, so that wish always stands.
 */
export async function cancelReceipt<Tx>(
  context: ClientContext<Tx>,
  payment: PaymentRow,
  transactionId: string,
  isNewWish: boolean,
): Promise<{ readonly payment: PaymentRow; readonly state: number }> {
  const { receipts } = context.client;
  let receipt: Receipt | undefined;
  let refusal: PaymeAPIError | undefined;
  try {
    receipt = await receipts.cancel(transactionId);
  } catch (error) {
    if (error instanceof PaymeConnectionError && isNewWish) await withdraw(context, payment);
    if (!(error instanceof PaymeAPIError)) throw error;
    // Perhaps Payme refuses because it cancelled the receipt before, and its answer was lost: the receipt says so.
    refusal = error;
    receipt = await receipts.get(transactionId).catch(() => undefined);
    if (receipt === undefined) throw refusal;
  }
  const { state } = receipt;
  const settled = await settleReceipt(context, payment, receipt);
  if (endOf(state) === "cancelled") return { payment: settled, state };
  const withdrawn = await withdraw(context, settled);
  if (refusal !== undefined) throw refusal;
  return { payment: withdrawn, state };
}

async function withdraw<Tx>({ storage, scope, now }: PaymentsContext<Tx>, payment: PaymentRow): Promise<PaymentRow> {
  const at = now();
  const nextCheckAt = payment.status === "PAID" ? null : at + CHECK_LEASE_MS;
  const withdrawn = await storage.withdrawCancel(scope, payment.id, { at, nextCheckAt });
  return withdrawn.outcome === "not_found" ? payment : withdrawn.row;
}

function notCancelled(state: number): PaymeAPIError {
  return new PaymeAPIError(`Payme answered the cancel with state ${state}: the payment is not cancelled`, {
    responseData: { state },
    hint:
      endOf(state) === "paid"
        ? "It stays paid: refund it in the Payme cabinet."
        : "Look again in a few minutes: Payme or a Merchant transaction still works on it.",
  });
}

function refuseMerchantRefund(payment: PaymentRow): void {
  if (payment.status !== "PAID" || payment.paidSource !== "merchant") return;
  throw new PaymeValidationError("a payment made through the Merchant API is refunded in the Payme cabinet", {
    code: "CONFLICT",
    hint: "Refund it there: Payme will then call CancelTransaction.",
  });
}

/** Closes a payment in our books: it has no receipt that we know of. */
async function closeUnasked<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<CancelledPayment> {
  const closed = await closePayment(context, payment);
  if (closed.outcome === "applied" || closed.outcome === "already_applied") {
    return { payment: closed.row, refund: "done" };
  }
  throw new PaymeValidationError("the payment cannot be cancelled now: it is being paid, or its creation failed", {
    code: "CONFLICT",
  });
}
