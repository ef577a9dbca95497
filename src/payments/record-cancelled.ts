import {
  amountTaken,
  CLOSED_BY_CANCEL,
  CLOSED_BY_REFUND,
  type Closes,
  closingBy,
  commitChange,
  type EventRow,
  type GuardedChange,
  isExpired,
  isLive,
  type NewEvent,
  newTransaction,
  type Outcome,
  type PaymentRow,
  type TransactionRow,
  tellWritten,
} from "../ledger";
import { CancelReason, TransactionState } from "../protocol/states";
import { isCharged, PAYMENT_ID_FIELD, type PaymentsContext, paymentEvent } from "./context";
import { finishRefund, isRefunding, refundChange } from "./follow-refund";
import { takingHook } from "./fulfiller";
import { askAgain, lockPayment, noteNotification } from "./note-notification";
import { findReportedPayment, type RecordOutcome } from "./record-paid";
import { fulfillerOf } from "./waiting-money";

/** A receipt that was cancelled, before it was paid or afterwards (a refund). */
export interface CancelledReport {
  readonly paymeId: string;
  readonly cancelledAt: number;
  readonly source: "gateway" | "receipt" | "review";
  /** Of a paid receipt: whether the money is back, or Payme has only queued it. Default: `queued`, until Payme says more. */
  readonly refund?: "queued" | "done" | undefined;
  readonly chequeId?: string | null | undefined;
}

/**
 * Records a cancelled receipt: PENDING → CANCELLED, or PAID → CANCELLED with the owner's refund hook, once. A receipt that
 * did not pay its payment takes nothing back. That it ended is kept: money that comes under its id later is a conflict.
 *
 * `conflict`: a Merchant transaction is under way: of the same id, then Payme's Perform or Cancel decides; or of another id.
 */
export async function recordCancelled<Tx>(
  context: PaymentsContext<Tx>,
  report: CancelledReport,
): Promise<RecordOutcome> {
  const { storage, scope } = context;
  const reported = await findReportedPayment(context, { paymeId: report.paymeId, amount: null });
  if (reported === undefined) return { outcome: "not_found" };
  let payment = await noteNotification(context, reported, report);
  const own = await storage.findTransaction(scope, report.paymeId);
  if (own?.source === "merchant" && isLive(own)) return { outcome: "conflict", row: payment };
  for (;;) {
    const recorded = await cancelAsItStands(context, payment, report);
    if (recorded.outcome !== "conflict" || recorded.row.status === payment.status) return recorded;
    // Another call changed it in between. Only a person moves a status back (accept), so this ends.
    payment = recorded.row;
  }
}

/**
 * Closes a payment that has no receipt, unless it got one meanwhile that is charged. One that is just being made can still
 * be paid: reconcile cancels it at Payme, and records money that came first.
 */
export function closeUncharged<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  asked: readonly NewEvent[] = [],
): Promise<Outcome<PaymentRow>> {
  const { client, now } = context;
  const nextCheckAt = client === undefined && payment.transactionId === null ? undefined : now();
  return closePending(context, payment, payment.id, nextCheckAt, isCharged, undefined, asked);
}

/** Closes an unpaid payment: PENDING → CANCELLED, unless a Merchant transaction of it is live, or `isBusy` says so. */
export function closePending<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  paymeId: string,
  nextCheckAt?: number | undefined,
  isBusy: (row: PaymentRow, now: number) => boolean = () => false,
  ended?: CancelledReport,
  asked: readonly NewEvent[] = [],
): Promise<Outcome<PaymentRow>> {
  const { scope, now } = context;
  return commitChange(context, {
    ...scope,
    subject: payment.id,
    paymeId,
    closes: closedBy(ended?.refund),
    guard: async (verbs) => {
      const change = { from: ["PENDING"], to: "CANCELLED", at: now(), nextCheckAt } as const;
      const closed = await verbs.changePayment(scope, payment.id, change);
      if (closed.outcome !== "applied") return closed;
      // The change has locked the payment: a Create that comes now waits, and finds it closed.
      const live = await verbs.findLiveByOrder(scope, payment.id);
      const isFree = (live === undefined || isExpired(live, now())) && !isBusy(closed.row, now());
      if (!isFree) return { outcome: "conflict", row: payment };
      if (ended !== undefined) await verbs.addTransaction(endedTransaction(payment, ended));
      return closed;
    },
    events: (row) => [paymentEvent("payment.cancelled", row, row.updatedAt), ...asked],
  });
}

async function cancelAsItStands<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  report: CancelledReport,
): Promise<Outcome<PaymentRow>> {
  const { paymeId } = report;
  if (payment.paidBy === paymeId) return refundAsItStands(context, payment, report);
  if (payment.status !== "PENDING") return endReceipt(context, payment, report);
  const closed = await closePending(context, payment, paymeId, lookAfter(context, payment, report), undefined, report);
  // Where a Merchant transaction of another id holds the payment, that its receipt ended is kept all the same.
  if (closed.outcome === "conflict" && closed.row.status === "PENDING") {
    await endReceipt(context, payment, report);
  }
  return closed;
}

/** Held money is let go at 50 only, and a notification does not say how far Payme is: then Payme is asked on. */
function lookAfter<Tx>(
  context: PaymentsContext<Tx>,
  { hold, heldAt }: PaymentRow,
  { source }: CancelledReport,
): number | undefined {
  return source === "gateway" && (hold || heldAt !== null) ? context.now() : undefined;
}

/** What the end of a receipt puts right: a refund that is stuck or refused only where the money is back. */
function closedBy(refund: CancelledReport["refund"]): Closes {
  return refund === "done" ? CLOSED_BY_REFUND : CLOSED_BY_CANCEL;
}

async function refundAsItStands<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  report: CancelledReport,
): Promise<Outcome<PaymentRow>> {
  if (payment.status === "PAID") return refund(context, payment, report);
  const isDone = isRefunding(payment) && report.refund === "done";
  return { outcome: "already_applied", row: isDone ? await finishRefund(context, payment) : payment };
}

/** A receipt that ended and never paid its payment, as it is kept: money under its id is a conflict from now on. */
function endedTransaction(
  { cashbox, mode, id, amount, createdAt }: PaymentRow,
  report: CancelledReport,
): TransactionRow {
  return newTransaction({
    cashbox,
    mode,
    paymeId: report.paymeId,
    source: report.source === "gateway" ? "gateway" : "receipt",
    transaction: id,
    state: TransactionState.CANCELLED,
    reference: id,
    amount,
    account: { [PAYMENT_ID_FIELD]: id },
    time: createdAt,
    createTime: createdAt,
    cancelTime: Math.max(report.cancelledAt, createdAt),
    reason: CancelReason.UNKNOWN,
  });
}

/** PAID → CANCELLED. The money goes back whatever the hook answers. */
async function refund<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  report: CancelledReport,
): Promise<Outcome<PaymentRow>> {
  const { scope, now } = context;
  const { paymeId, source, refund: said = "queued" } = report;
  const change: GuardedChange<Tx, PaymentRow> = {
    ...scope,
    subject: payment.id,
    paymeId,
    data: { amount: amountTaken(payment), source: report.source },
    closes: closedBy(said),
    keepEvidence: async (verbs) => {
      const row = await lockPayment(context, verbs, payment.id, report);
      if (row?.status !== "PAID") return false;
      await askAgain(context, row, verbs);
      return true;
    },
    guard: async (verbs) => {
      const cancelled = await verbs.changePayment(scope, payment.id, refundChange(payment, said, now()));
      if (cancelled.outcome !== "applied") return cancelled;
      const refunded = await verbs.changeTransaction(cancelled.row, paymeId, {
        from: TransactionState.PERFORMED,
        to: TransactionState.REFUNDED,
        at: cancelled.row.updatedAt,
        reason: CancelReason.REFUND,
      });
      // A conflict is rolled back: the row is as it was.
      return refunded.outcome === "applied" ? cancelled : { outcome: "conflict", row: payment };
    },
    events: (row) => [
      paymentEvent("payment.refunded", row, row.updatedAt, { source }),
      ...(said === "done" ? [paymentEvent("payment.refund_done", row, row.updatedAt)] : []),
    ],
  };
  // What was never given needs nobody who takes it back.
  const fulfiller = payment.unfulfilled
    ? undefined
    : await fulfillerOf(context, { payment, paymeId, moved: "refunded", report });
  const refunded = await commitChange(context, { ...change, hook: fulfiller && takingHook(fulfiller) });
  if (refunded.outcome !== "refused") return refunded;
  const data = { amount: amountTaken(payment), source: payment.paidSource };
  return commitChange(context, {
    ...change,
    hook: undefined,
    events: (row) => [
      ...change.events(row),
      { ...scope, kind: "not_taken_back", subject: row.id, paymeId, at: row.updatedAt, data },
    ],
  });
}

/** The receipt has ended and did not pay the payment: that is kept, and nothing is left to ask about it. */
async function endReceipt<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  report: CancelledReport,
): Promise<Outcome<PaymentRow>> {
  const { scope, storage, now } = context;
  const { id, status, cancelRequestedAt, nextCheckAt } = payment;
  let written: readonly EventRow[] = [];
  const kept = await storage.transaction<Outcome<PaymentRow>>(async (tx) => {
    const verbs = storage.using(tx);
    await verbs.addTransaction(endedTransaction(payment, report));
    const reason = { kind: "the end of its receipt", at: now() };
    const about = { ...scope, subject: id, paymeId: report.paymeId };
    written = await verbs.appendEvents([], closingBy(about, closedBy(report.refund), reason));
    // A Merchant transaction works on a pending payment, and Payme on a refund of the receipt that paid: both go on.
    const goesOn = nextCheckAt === null || status === "PENDING" || isRefunding(payment);
    if (goesOn) return { outcome: "already_applied", row: payment };
    // A cancel under way ends, too: this receipt cannot give back what another one paid.
    const ended =
      status === "PAID" && cancelRequestedAt !== null
        ? await verbs.withdrawCancel(scope, id, { at: now(), nextCheckAt: null })
        : await verbs.changePayment(scope, id, {
            from: [status],
            to: status,
            at: now(),
            nextCheckAt: status === "PAID" ? null : lookAfter(context, payment, report),
          });
    return ended.outcome === "applied" ? { outcome: "already_applied", row: ended.row } : ended;
  });
  tellWritten(context, written);
  return kept;
}
