import {
  CLOSED_BY_CANCEL,
  commitChange,
  type GuardedChange,
  isExpired,
  type Outcome,
  type PaymentRow,
} from "../ledger";
import { CancelReason, TransactionState } from "../protocol/states";
import { type PaymentsContext, paymentEvent } from "./context";
import { takingHook } from "./fulfiller";
import { lockPayment, noteNotification } from "./note-notification";
import { findReportedPayment, type RecordOutcome } from "./record-paid";
import { fulfillerOf } from "./waiting-money";

/** A receipt that was cancelled, before it was paid or afterwards (a refund). */
export interface CancelledReport {
  readonly paymeId: string;
  readonly cancelledAt: number;
  readonly source: "gateway" | "receipt";
  readonly chequeId?: string | null | undefined;
}

/** How often the payment is read again when another call changed it in between. */
const MAX_ATTEMPTS = 3;

/**
 * Records a cancelled receipt: PENDING → CANCELLED, or PAID → CANCELLED with the owner's refund hook, once. A receipt that
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
    const recorded = await cancelAsItStands(context, payment, report);
    const hasMoved = recorded.outcome === "conflict" && recorded.row.status !== payment.status;
    if (!hasMoved || attempt === MAX_ATTEMPTS) return recorded;
    payment = recorded.row;
  }
}

/**
 * Closes a payment that has no receipt, unless it got one meanwhile that is charged. One that is just being made can still
 * be paid: reconcile cancels it at Payme, and records money that came first.
 */
export function closeUncharged<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<Outcome<PaymentRow>> {
  const { client, now } = context;
  return closePending(context, payment, payment.id, client === undefined ? undefined : now(), isCharged);
}

function isCharged({ chargeUntil }: PaymentRow, now: number): boolean {
  return chargeUntil !== null && chargeUntil > now;
}

/** Closes an unpaid payment: PENDING → CANCELLED, unless a Merchant transaction of it is live, or `isBusy` says so. */
export function closePending<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  paymeId: string,
  nextCheckAt?: number | undefined,
  isBusy: (row: PaymentRow, now: number) => boolean = () => false,
): Promise<Outcome<PaymentRow>> {
  const { scope, now } = context;
  return commitChange(context, {
    ...scope,
    subject: payment.id,
    paymeId,
    closes: CLOSED_BY_CANCEL,
    guard: async (verbs) => {
      const change = { from: ["PENDING"], to: "CANCELLED", at: now(), nextCheckAt } as const;
      const closed = await verbs.changePayment(scope, payment.id, change);
      if (closed.outcome !== "applied") return closed;
      // The change has locked the payment: a Create that comes now waits, and finds it closed.
      const live = await verbs.findLiveByOrder(scope, payment.id);
      const isFree = (live === undefined || isExpired(live, now())) && !isBusy(closed.row, now());
      return isFree ? closed : { outcome: "conflict", row: payment };
    },
    events: (row) => [paymentEvent("payment.cancelled", row, row.updatedAt)],
  });
}

function cancelAsItStands<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  report: CancelledReport,
): Promise<Outcome<PaymentRow>> {
  const { paymeId } = report;
  if (payment.status === "PENDING") return closePending(context, payment, paymeId);
  if (payment.status === "PAID" && payment.paidBy === paymeId) return refund(context, payment, report);
  return endReceipt(context, payment);
}

/** PAID → CANCELLED. The money goes back whatever the hook answers. */
async function refund<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  report: CancelledReport,
): Promise<Outcome<PaymentRow>> {
  const { scope, now } = context;
  const { paymeId } = report;
  const change: GuardedChange<Tx, PaymentRow> = {
    ...scope,
    subject: payment.id,
    paymeId,
    data: { amount: payment.amount, source: report.source },
    closes: CLOSED_BY_CANCEL,
    keepEvidence: async (verbs) => (await lockPayment(context, verbs, payment.id, report))?.status === "PAID",
    guard: async (verbs) => {
      const cancelled = await verbs.changePayment(scope, payment.id, { from: ["PAID"], to: "CANCELLED", at: now() });
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
    events: (row) => [paymentEvent("payment.refunded", row, row.updatedAt)],
  };
  // What was never given needs nobody who takes it back.
  const fulfiller = payment.unfulfilled
    ? undefined
    : await fulfillerOf(context, { payment, paymeId, moved: "refunded", report });
  const refunded = await commitChange(context, { ...change, hook: fulfiller && takingHook(fulfiller) });
  if (refunded.outcome !== "refused") return refunded;
  const data = { amount: payment.amount, source: payment.paidSource };
  return commitChange(context, {
    ...change,
    hook: undefined,
    events: (row) => [
      ...change.events(row),
      { ...scope, kind: "not_taken_back", subject: row.id, paymeId, at: row.updatedAt, data },
    ],
  });
}

/** The receipt has ended and did not pay the payment: there is nothing left to ask about it. */
async function endReceipt<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<Outcome<PaymentRow>> {
  const { scope, storage, now } = context;
  const { id, status, cancelRequestedAt, nextCheckAt } = payment;
  if (nextCheckAt === null) return { outcome: "already_applied", row: payment };
  const at = now();
  // A cancel under way ends, too: this receipt cannot give back what another one paid.
  const ended =
    status === "PAID" && cancelRequestedAt !== null
      ? await storage.withdrawCancel(scope, id, { at, nextCheckAt: null })
      : await storage.changePayment(scope, id, { from: [status], to: status, at });
  return ended.outcome === "applied" ? { outcome: "already_applied", row: ended.row } : ended;
}
