import { commitChange, isExpired, type Outcome, type PaymentRow, type Verbs } from "../ledger";
import { CancelReason, TransactionState } from "../protocol/states";
import { type PaymentsContext, paymentEvent } from "./context";
import { findReportedPayment } from "./find-reported-payment";
import { noteNotification } from "./note-notification";
import type { RecordOutcome } from "./record-paid";

/** Somebody says that a receipt was cancelled: before it was paid, or afterwards (a refund). */
export interface CancelledReport {
  readonly paymeId: string;
  readonly cancelledAt: number;
  readonly source: "gateway" | "receipt";
  readonly chequeId?: string | null | undefined;
}

/** How often the books are read anew when another report changed them in between. */
const MAX_ATTEMPTS = 3;

/**
 * Books a cancelled receipt: PENDING → CANCELLED, or PAID → CANCELLED with the owner's refund hook, once. A receipt that
 * did not pay its payment takes nothing back. `conflict`: a Merchant transaction of the payment is still under way.
 */
export async function recordCancelled<Tx>(
  context: PaymentsContext<Tx>,
  report: CancelledReport,
): Promise<RecordOutcome> {
  const reported = await findReportedPayment(context, { paymeId: report.paymeId, amount: null });
  if (reported === undefined) return { outcome: "not_found" };
  let payment = await noteNotification(context, reported, report);
  for (let attempt = 1; ; attempt += 1) {
    const recorded = await cancelAsItStands(context, payment, report.paymeId);
    const hasMoved = recorded.outcome === "conflict" && recorded.row.status !== payment.status;
    if (!hasMoved || attempt === MAX_ATTEMPTS) return recorded;
    payment = recorded.row;
  }
}

/**
 * Closes a payment in our own book. A receipt of it, also one that is being made just now, can still be paid: reconcile
 * cancels it at Payme, and records money that came first.
 */
export function closePayment<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<Outcome<PaymentRow>> {
  return closePending(context, payment, payment.id, context.client === undefined ? undefined : context.now());
}

/** Closes a payment that nobody paid: PENDING → CANCELLED, unless a Merchant transaction of it is live. */
export function closePending<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  paymeId: string,
  nextCheckAt?: number | undefined,
): Promise<Outcome<PaymentRow>> {
  const { scope, now } = context;
  return commitChange(context.ledger, {
    ...scope,
    subject: payment.id,
    paymeId,
    guard: async (verbs) => {
      const change = { from: ["PENDING"], to: "CANCELLED", at: now(), nextCheckAt } as const;
      const closed = await verbs.changePayment(scope, payment.id, change);
      if (closed.outcome !== "applied") return closed;
      // Looked for after the payment is locked by its change: a Create that comes now waits for us, and finds it closed.
      const live = await verbs.findLiveByOrder(scope, payment.id);
      return live === undefined || isExpired(live, now()) ? closed : { outcome: "conflict", row: payment };
    },
    events: (row) => [paymentEvent("payment.cancelled", row, row.updatedAt)],
  });
}

function cancelAsItStands<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  paymeId: string,
): Promise<Outcome<PaymentRow>> {
  if (payment.status === "PENDING") return closePending(context, payment, paymeId);
  if (payment.status === "PAID" && payment.paidBy === paymeId) return refund(context, payment, paymeId);
  return endReceipt(context, payment);
}

function refund<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow, paymeId: string): Promise<Outcome<PaymentRow>> {
  const { scope, now, onRefunded } = context;
  return commitChange(context.ledger, {
    ...scope,
    subject: payment.id,
    paymeId,
    guard: async (verbs) => {
      const cancelled = await verbs.changePayment(scope, payment.id, { from: ["PAID"], to: "CANCELLED", at: now() });
      if (cancelled.outcome !== "applied") return cancelled;
      // Rolled back where it misses: then the row is as it was.
      return (await unbookTransaction(verbs, cancelled.row, paymeId))
        ? cancelled
        : { outcome: "conflict", row: payment };
    },
    hook: onRefunded,
    events: (row) => [paymentEvent("payment.refunded", row, row.updatedAt)],
  });
}

async function unbookTransaction(verbs: Verbs, payment: PaymentRow, paymeId: string): Promise<boolean> {
  const refunded = await verbs.changeTransaction(payment, paymeId, {
    from: TransactionState.PERFORMED,
    to: TransactionState.REFUNDED,
    at: payment.updatedAt,
    reason: CancelReason.REFUND,
  });
  return refunded.outcome === "applied";
}

/** The receipt has ended and took no part in how the payment ended: there is nothing left to ask about it. */
async function endReceipt<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<Outcome<PaymentRow>> {
  if (payment.nextCheckAt === null) return { outcome: "already_applied", row: payment };
  const { scope, storage } = context;
  const { id, status } = payment;
  const at = context.now();
  // A cancel that was under way has come to its end, too: what paid is not this receipt's to give back.
  const ended =
    status === "PAID" && payment.cancelRequestedAt !== null
      ? await storage.withdrawCancel(scope, id, { at, nextCheckAt: null })
      : await storage.changePayment(scope, id, { from: [status], to: status, at });
  return ended.outcome === "applied" ? { outcome: "already_applied", row: ended.row } : ended;
}
