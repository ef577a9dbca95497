import {
  amountTaken,
  CLOSED_BY_REFUND,
  type Closes,
  commitChange,
  type IncidentKind,
  type NewEvent,
  type PaymentChange,
  type PaymentRow,
  rowAfter,
} from "../ledger";
import { ReceiptState } from "../protocol/states";
import { HOUR_MS, MINUTE_MS, type PaymentsContext, paymentEvent } from "./context";

/** When a refund that Payme has queued is asked about, counted from then; later every six hours. */
const LOOKS_MS = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS] as const;
/** A refund that is queued for longer needs a person. */
export const STUCK_AFTER_MS = 48 * HOUR_MS;
/** Payme says "paid" at two looks that are so far apart: then it has refused the refund. */
const REFUSED_AFTER_MS = HOUR_MS;

/** True for a refund that Payme has taken and not ended. */
export function isRefunding({ refund }: PaymentRow): boolean {
  return refund !== "none" && refund !== "done";
}

/** The change that records a refund of a paid payment: at 21 Payme has queued it, at 50 the money is back. */
export function refundChange(payment: PaymentRow, refund: "queued" | "done", at: number) {
  const end = refund === "done" ? doneChange(payment, at) : { nextCheckAt: at + LOOKS_MS[0] };
  return { from: ["PAID"], to: "CANCELLED", at, refund, ...end } as const satisfies PaymentChange;
}

/** Records what Payme says of a refund that it has queued; undefined: it knows no such receipt. It ends at 50 only. */
export async function followRefund<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  state: number | undefined,
): Promise<PaymentRow> {
  const at = context.now();
  const queuedFor = at - (payment.cancelledAt ?? at);
  if (state === ReceiptState.CANCELLED) return finishRefund(context, payment);
  if (state === ReceiptState.CANCEL_QUEUED) {
    const refund = queuedFor > STUCK_AFTER_MS ? "stuck" : "queued";
    const incident = refund === "stuck" && payment.refund !== "stuck" ? "refund_stuck" : undefined;
    return mark(context, payment, { refund, refundDoubtedAt: null }, incident);
  }
  if (state !== ReceiptState.PAID) return mark(context, payment, {});
  const { refundDoubtedAt: doubtedAt } = payment;
  if (doubtedAt === null) return mark(context, payment, { refundDoubtedAt: at, nextCheckAt: at + REFUSED_AFTER_MS });
  if (at < doubtedAt + REFUSED_AFTER_MS) return mark(context, payment, { nextCheckAt: doubtedAt + REFUSED_AFTER_MS });
  return mark(context, payment, { refund: "refused" }, payment.refund === "refused" ? undefined : "refund_refused");
}

/** Without a client nobody hears of its end. After two days a person is told; a process with a client asks soon, if there is one. */
export function waitForRefund<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<PaymentRow> {
  const { refund, refundDoubtedAt, cancelledAt } = payment;
  const at = context.now();
  if (refund !== "queued" || at - (cancelledAt ?? at) <= STUCK_AFTER_MS) return mark(context, payment, {});
  const change = { refund: refundDoubtedAt === null ? "stuck" : "refused", nextCheckAt: at + MINUTE_MS } as const;
  return mark(context, payment, change, `refund_${change.refund}`);
}

/** Where other money than that of its own receipt paid it, that receipt may still be open: it is not forgotten. */
function doneChange({ paidBy, paidSource, transactionId, nextCheckAt }: PaymentRow, at: number) {
  if (paidSource === "merchant") return { refundedAt: at, nextCheckAt };
  return { refundedAt: at, nextCheckAt: transactionId === null || transactionId === paidBy ? null : at };
}

/** The money is back: the end of a refund. */
export function finishRefund<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow): Promise<PaymentRow> {
  const at = context.now();
  const change = { refund: "done", refundDoubtedAt: null, ...doneChange(payment, at) } as const;
  const events = (row: PaymentRow) => [paymentEvent("payment.refund_done", row, at)];
  return changeRefund(context, payment, change, events, CLOSED_BY_REFUND);
}

function mark<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  change: Partial<PaymentChange>,
  incident?: IncidentKind,
): Promise<PaymentRow> {
  const { refund } = payment;
  const nextCheckAt = nextLook(payment, context.now());
  return changeRefund(context, payment, { refund, nextCheckAt, ...change }, (row) =>
    incident === undefined ? [] : [paymentEvent(incident, row, row.updatedAt, { amount: amountTaken(row) })],
  );
}

function nextLook({ cancelledAt }: PaymentRow, now: number): number {
  const since = cancelledAt ?? now;
  const next = LOOKS_MS.find((delay) => since + delay > now);
  return next === undefined ? now + 6 * HOUR_MS : since + next;
}

async function changeRefund<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  change: Partial<PaymentChange>,
  events: (row: PaymentRow) => readonly NewEvent[],
  closes?: Closes,
): Promise<PaymentRow> {
  const { scope, now } = context;
  const changed = await commitChange(context, {
    ...scope,
    subject: payment.id,
    paymeId: payment.paidBy ?? payment.id,
    guard: (verbs) =>
      verbs.changePayment(scope, payment.id, { ...change, from: ["CANCELLED"], to: "CANCELLED", at: now() }),
    events,
    closes,
  });
  return rowAfter(changed, payment);
}
