import { isPaymeError } from "../kit/errors";
import { type PaymentRow, rowAfter } from "../ledger";
import { SubscribeErrorCode } from "../protocol/codes";
import { ReceiptState } from "../protocol/states";
import { cancelReceipt, wishToCancel } from "./cancel-payment";
import {
  ABANDONED_AFTER_MS,
  CHECK_LEASE_MS,
  type ClientContext,
  endsAt,
  hasClient,
  MINUTE_MS,
  nextCheckAt,
  OUTCOME_UNKNOWN,
  type PaymentsContext,
} from "./context";
import { failPayment, findLostReceipt } from "./create-payment";
import { followHold, isHold, mayBeHeld } from "./follow-hold";
import { followQueuedCancel } from "./follow-queued-cancel";
import { followRefund, isRefunding, waitForRefund } from "./follow-refund";
import { closePending } from "./record-cancelled";
import { endFor, settleReceipt, unlessUnknown, warnOfUnpublished } from "./settle-receipt";
import { isWaiting, TELL_AFTER_MS } from "./waiting-money";

/** Bounds of a run. */
export interface ReconcileOptions {
  /** Only payments whose check has been due for at least this long. Default 0. */
  readonly olderThanMs?: number | undefined;
  /** The most payments to check. Default 100. */
  readonly limit?: number | undefined;
}

/** Results of a run. */
export interface ReconcileReport {
  /** Payments looked at. */
  readonly checked: number;
  /** How many of them are now paid, cancelled, failed. */
  readonly paid: number;
  readonly cancelled: number;
  readonly failed: number;
  /** How many are still open. */
  readonly pending: number;
  /** How many met an error; they come again later. */
  readonly errors: number;
}

/**
 * Asks Payme about each payment whose check is due, and records what it answers. Any number of workers may run it at once:
 * each claims payments in a short transaction and asks outside of it. Errors are counted and logged, never thrown.
 */
export async function reconcile<Tx>(context: PaymentsContext<Tx>, options: ReconcileOptions): Promise<ReconcileReport> {
  const { olderThanMs = 0, limit = 100 } = options;
  const now = context.now();
  const leaseUntil = now + CHECK_LEASE_MS;
  const claim = {
    now: now - olderThanMs,
    leaseUntil,
    limit,
    // Payments of other kinds are left to those who fulfil them, receipts to those who can ask Payme about them. What nobody
    // takes is looked at here.
    kinds: [...context.fulfillers.keys()],
    asks: hasClient(context),
    othersBefore: now - Math.max(olderThanMs, TELL_AFTER_MS),
  };
  const claimed = await context.storage.claimDuePayments(context.scope, claim);
  const report = { checked: 0, paid: 0, cancelled: 0, failed: 0, pending: 0, errors: 0 };
  for (const payment of claimed) {
    // The lease is over: another worker may have the rest.
    if (context.now() >= leaseUntil) break;
    const end = await reconcileOne(context, payment);
    report[end] += 1;
    report.checked += 1;
  }
  return report;
}

/** After an error nothing was learnt: an old payment is not left for hours. */
const RETRY_MS = 15 * MINUTE_MS;

const COUNTED = { PAID: "paid", CANCELLED: "cancelled", FAILED: "failed", PENDING: "pending" } as const;

async function reconcileOne<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow) {
  try {
    const { id, status, transactionId } = await askPayme(context, payment);
    const ids = { payment_id: id, transaction_id: transactionId };
    if (status !== payment.status) context.logger.info(`reconcile settled a payment: it is ${status}`, ids);
    return COUNTED[status];
  } catch (error) {
    context.logger.warn("reconcile could not settle a payment; it comes again", {
      payment_id: payment.id,
      transaction_id: payment.transactionId,
      error: isPaymeError(error) ? error.code : error instanceof Error ? error.message : String(error),
    });
    await scheduleNext(context, payment, payment.held, context.now() + RETRY_MS).catch(() => {});
    return "errors";
  }
}

/**
 * Brings an open payment to what Payme says of it: paid, cancelled, unknown to Payme, or still open and due again later. A
 * receipt whose creation was never answered is looked for first.
 */
export async function askPayme<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<PaymentRow> {
  try {
    return await bringUpToDate(context, payment);
  } catch (error) {
    if (!isWaiting(error)) throw error;
    return (await context.storage.findPayment(context.scope, { id: payment.id })) ?? payment;
  }
}

async function bringUpToDate<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<PaymentRow> {
  if (!hasClient(context)) return closeExpired(context, payment);
  const { receipts } = context.client;
  const lost = payment.transactionId === null ? await findLostReceipt(context, payment) : undefined;
  const known = lost ?? payment;
  const receiptId = receiptToAsk(known);
  if (receiptId === null) return giveUpUnmade(context, known);
  const state = (await unlessUnknown(receipts.check(receiptId)))?.state;
  // What Payme does not find today may be found tomorrow: a refund ends at 50 only.
  if (isRefunding(known) && known.paidBy === receiptId) return followRefund(context, known, state);
  if (state === undefined) return failUnknown(context, known);
  warnOfUnpublished(context, receiptId, state);
  const after = await actOn(context, known, receiptId, state);
  if (after.nextCheckAt === null || isRefunding(after)) return after;
  const end = endFor(after, receiptId, state);
  const isSettled = end !== "open" && after.status !== "PENDING" && !hasRefundWish(after);
  if (isSettled) return stopAsking(context, after);
  const isHeld = state === ReceiptState.HELD && after.cancelRequestedAt === null && after.status !== "PAID";
  return isHeld ? followHold(context, after) : scheduleNext(context, after, false);
}

/** Its own receipt; of money that goes back, the receipt that took it: a person may have accepted another one. */
function receiptToAsk(payment: PaymentRow): string | null {
  const { paidBy, paidSource, transactionId } = payment;
  const goesBack = isRefunding(payment) || hasRefundWish(payment);
  return goesBack && paidSource !== "merchant" ? paidBy : transactionId;
}

/** Records how a receipt ended, or cancels one that should no longer be paid. */
async function actOn<Tx>(
  context: ClientContext<Tx>,
  payment: PaymentRow,
  transactionId: string,
  state: number,
): Promise<PaymentRow> {
  const end = endFor(payment, transactionId, state);
  // Its cancel is queued: Payme is asked on, and not told again.
  if (state === ReceiptState.CANCEL_QUEUED && end === "open") {
    await followQueuedCancel(context, payment, transactionId);
    return payment;
  }
  if (end !== "open" && !(end === "paid" && hasRefundWish(payment))) {
    return settleReceipt(context, payment, await context.client.receipts.get(transactionId));
  }
  // While Payme works on it, it may be the very payment that a Merchant transaction paid: it is left until it waits.
  const isIdle = state === ReceiptState.CREATED || state === ReceiptState.HELD;
  const isPaidOtherwise = payment.status === "PAID" && payment.paidBy !== transactionId && isIdle;
  const isOver =
    payment.cancelRequestedAt !== null ||
    payment.status === "CANCELLED" ||
    isPaidOtherwise ||
    // What is unpaid at its end is cancelled by a wish, so that no charge of it begins meanwhile.
    (hasExpired(context, payment) &&
      !mayBeHeld(payment, state) &&
      (payment.status === "PAID" || (await wishToCancel(context, payment))));
  return isOver ? (await cancelReceipt(context, payment, transactionId, false)).payment : payment;
}

/** True while a refund that was asked for has no end: it is never dropped in silence, whatever Payme says today. */
function hasRefundWish({ status, cancelRequestedAt }: PaymentRow): boolean {
  return status === "PAID" && cancelRequestedAt !== null;
}

function hasExpired<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): boolean {
  return context.now() >= endsAt(context, payment);
}

/** Puts off the next question about an open payment, to `latest` at the latest. */
async function scheduleNext<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  held: boolean,
  latest = Number.POSITIVE_INFINITY,
): Promise<PaymentRow> {
  const scheduled = await context.storage.scheduleCheck(context.scope, payment.id, {
    at: context.now(),
    nextCheckAt: Math.min(nextCheckAt(context, payment, payment.checks + 1), latest),
    held,
  });
  return rowAfter(scheduled, payment);
}

async function stopAsking<Tx>({ scope, storage, now }: PaymentsContext<Tx>, payment: PaymentRow): Promise<PaymentRow> {
  const { id, status } = payment;
  const stopped = await storage.changePayment(scope, id, { from: [status], to: status, at: now() });
  return rowAfter(stopped, payment);
}

/** Without a client there is nothing to ask. At its end a payment is closed, unless it is being paid just now. */
async function closeExpired<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<PaymentRow> {
  if (isRefunding(payment)) return waitForRefund(context, payment);
  if (payment.status === "PENDING" && hasExpired(context, payment) && !payment.hold && !isHold(payment)) {
    // A receipt may still be paid: a process with a client ends it.
    const nextCheckAt = payment.transactionId === null ? undefined : context.now();
    const closed = await closePending(context, payment, payment.id, nextCheckAt);
    if (closed.outcome === "applied") return closed.row;
  }
  return scheduleNext(context, payment, payment.held);
}

/**
 * Payme lists no receipt for the payment. At first its creation may still be under way. Later it counts as failed, and its
 * receipt is looked for until its end, unless it was closed.
 */
async function giveUpUnmade<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<PaymentRow> {
  const isAbandoned = context.now() >= payment.createdAt + ABANDONED_AFTER_MS;
  const isOver = hasExpired(context, payment) || (isAbandoned && payment.status === "CANCELLED");
  if (payment.status === "PENDING" && (isAbandoned || isOver)) {
    return failPayment(context, payment, {
      errorCode: OUTCOME_UNKNOWN,
      errorMessage: "Payme lists no receipt for this payment",
      nextCheckAt: isOver ? null : nextCheckAt(context, payment),
    });
  }
  return isOver ? stopAsking(context, payment) : scheduleNext(context, payment, false);
}

/**
 * Payme says -31602 of the receipt: "not found or already paid". A pending payment then counts as failed. Payme is asked
 * for as long again as the payment could be paid: one wrong answer must not hide money that came in.
 */
async function failUnknown<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<PaymentRow> {
  // Payme has held its money: it does not count as failed, and is asked about until Payme says how it ended.
  if (isHold(payment)) return scheduleNext(context, payment, payment.held);
  const isOver = context.now() >= endsAt(context, payment) + context.pendingTtlMs;
  if (payment.status === "PENDING") {
    return failPayment(context, payment, {
      errorCode: String(SubscribeErrorCode.RECEIPT_NOT_FOUND_OR_PAID),
      errorMessage: "Payme does not know the receipt of this payment",
      nextCheckAt: isOver ? null : nextCheckAt(context, payment),
    });
  }
  return isOver && !hasRefundWish(payment) ? stopAsking(context, payment) : scheduleNext(context, payment, false);
}
