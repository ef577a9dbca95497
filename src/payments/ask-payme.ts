import type { PaymentRow } from "../ledger";
import { SubscribeErrorCode } from "../protocol/codes";
import { ReceiptState } from "../protocol/states";
import { cancelReceipt } from "./cancel-payment";
import { OUTCOME_UNKNOWN, type PaymentsClient, type PaymentsContext } from "./context";
import { failPayment } from "./fail-payment";
import { attachFoundReceipt, findLostReceipt } from "./receipt-of-payment";
import { closePending } from "./record-cancelled";
import { ABANDONED_AFTER_MS, nextCheckAt } from "./schedule";
import { endOf, settleByState, warnOfUnpublished } from "./settle-receipt";
import { unlessUnknown } from "./unknown-receipt";

/**
 * Brings a payment whose end is not known to what Payme says of it: paid, cancelled, unknown to Payme, or still open and
 * due again later. A receipt whose creation was never answered is looked for first.
 */
export async function askPayme<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<PaymentRow> {
  const { client } = context;
  if (client === undefined) return closeExpired(context, payment);
  const known = payment.transactionId === null ? await findReceipt(context, client, payment) : payment;
  if (known.transactionId === null) return giveUpUnmade(context, known);
  const state = (await unlessUnknown(client.receipts.check(known.transactionId)))?.state;
  if (state === undefined) return failUnknown(context, known);
  warnOfUnpublished(context, known.transactionId, state);
  const after = await actOn(context, client, known, known.transactionId, state);
  if (after.nextCheckAt === null) return after;
  const isRefundOpen = after.status === "PAID" && after.cancelRequestedAt !== null;
  const isSettled = endOf(state) !== "open" && after.status !== "PENDING" && !isRefundOpen;
  return isSettled ? stopAsking(context, after) : scheduleNext(context, after, state === ReceiptState.HELD);
}

/** Books how a receipt ended, or cancels one that should no longer be paid. */
async function actOn<Tx>(
  context: PaymentsContext<Tx>,
  client: PaymentsClient,
  payment: PaymentRow,
  transactionId: string,
  state: number,
): Promise<PaymentRow> {
  const isRefundWanted = payment.status === "PAID" && payment.cancelRequestedAt !== null && endOf(state) === "paid";
  if (endOf(state) !== "open" && !isRefundWanted) {
    return settleByState(context, payment, await client.receipts.get(transactionId));
  }
  // One that Payme is working on may be the very payment that a Merchant transaction told us of: hands off until it waits.
  const isIdle = state === ReceiptState.CREATED || state === ReceiptState.HELD;
  const isPaidOtherwise = payment.status === "PAID" && payment.paidBy !== transactionId && isIdle;
  const isOver =
    payment.cancelRequestedAt !== null ||
    payment.status === "CANCELLED" ||
    isPaidOtherwise ||
    hasExpired(context, payment);
  return isOver ? (await cancelReceipt(context, client, payment, transactionId, false)).payment : payment;
}

/** Puts off the next question about a payment that has no end yet. */
export async function scheduleNext<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  held: boolean,
): Promise<PaymentRow> {
  const at = context.now();
  const scheduled = await context.storage.scheduleCheck(context.scope, payment.id, {
    at,
    nextCheckAt: nextCheckAt(at, payment.checks + 1, endsAt(context, payment)),
    held,
  });
  return scheduled.outcome === "not_found" ? payment : scheduled.row;
}

function endsAt<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): number {
  return payment.createdAt + context.pendingTtlMs;
}

function hasExpired<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): boolean {
  return context.now() >= endsAt(context, payment);
}

async function findReceipt<Tx>(
  context: PaymentsContext<Tx>,
  client: PaymentsClient,
  payment: PaymentRow,
): Promise<PaymentRow> {
  const receipt = await findLostReceipt(client, payment, context.now());
  const attached = receipt === undefined ? undefined : await attachFoundReceipt(context, payment, receipt);
  return attached ?? payment;
}

/** Paid by a checkout link only, so there is nothing to ask: at its end it is closed, unless it is being paid just now. */
async function closeExpired<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<PaymentRow> {
  if (payment.status === "PENDING" && hasExpired(context, payment)) {
    const closed = await closePending(context, payment, payment.id);
    if (closed.outcome === "applied" || closed.outcome === "already_applied") return closed.row;
  }
  return scheduleNext(context, payment, false);
}

/**
 * Payme lists no receipt for the payment. At first its creation may still be under way; later it counts as failed, and is
 * looked for until its end all the same, unless it was closed.
 */
async function giveUpUnmade<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<PaymentRow> {
  const isAbandoned = context.now() >= payment.createdAt + ABANDONED_AFTER_MS;
  const isOver = hasExpired(context, payment) || (isAbandoned && payment.status === "CANCELLED");
  if (payment.status === "PENDING" && (isAbandoned || isOver)) {
    const next = isOver ? null : nextCheckAt(context.now(), payment.checks, endsAt(context, payment));
    return failPayment(context, payment, {
      errorCode: OUTCOME_UNKNOWN,
      errorMessage: "Payme lists no receipt for this payment",
      nextCheckAt: next,
    });
  }
  return isOver ? stopAsking(context, payment) : scheduleNext(context, payment, false);
}

/**
 * Payme says -31602 of the receipt: "not found or already paid". A pending payment then counts as failed, and any is asked
 * about for as long again as it could be paid: one wrong answer of Payme's must not hide money that came in.
 */
async function failUnknown<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<PaymentRow> {
  // A refund that was asked for is never dropped in silence, whatever Payme says today.
  const isRefundOpen = payment.status === "PAID" && payment.cancelRequestedAt !== null;
  const isOver = context.now() >= endsAt(context, payment) + context.pendingTtlMs;
  if (payment.status === "PENDING") {
    return failPayment(context, payment, {
      errorCode: String(SubscribeErrorCode.RECEIPT_NOT_FOUND_OR_PAID),
      errorMessage: "Payme does not know the receipt of this payment",
      nextCheckAt: isOver ? null : nextCheckAt(context.now(), payment.checks, endsAt(context, payment)),
    });
  }
  return isOver && !isRefundOpen ? stopAsking(context, payment) : scheduleNext(context, payment, false);
}

async function stopAsking<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<PaymentRow> {
  const { scope, storage, now } = context;
  const stopped = await storage.changePayment(scope, payment.id, {
    from: [payment.status],
    to: payment.status,
    at: now(),
  });
  return stopped.outcome === "not_found" ? payment : stopped.row;
}
