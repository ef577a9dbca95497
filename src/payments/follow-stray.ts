import { closingBy, type IncidentKind, type PaymentRow, recordIncident, tellWritten } from "../ledger";
import type { Receipt } from "../protocol/receipt";
import { ReceiptState } from "../protocol/states";
import { type ClientContext, HOLD_MS, HOUR_MS, type PaymentsContext } from "./context";
import { STUCK_AFTER_MS } from "./follow-refund";
import { isAttempt } from "./record-paid";
import { unlessUnknown } from "./settle-receipt";
import { wasTold } from "./was-told";

/**
 * Money that no other look sees: held on a receipt that nobody asks about, or on a second one of a creation that was sent twice; a
 * cancel that does not end; a refund that our books call done, and that Payme refused or does not end. A person is told, and no longer once it has ended.
 */
export async function followStray<Tx>(
  context: ClientContext<Tx>,
  payment: PaymentRow,
  receipt: Receipt,
): Promise<void> {
  const { client, storage, scope, now } = context;
  const { _id: paymeId, amount } = receipt;
  const isPaying = await isMoneyOf(context, payment, paymeId);
  const told = strayOf(payment, receipt, isPaying, now());
  if (told === undefined) return closeEnded(context, payment, receipt, isPaying);
  const { kind, data } = told;
  if (await wasTold(context, payment, paymeId, [kind])) return;
  // A page of receipts is read long before the last of them is looked at: all may have ended well meanwhile.
  const state = (await unlessUnknown(client.receipts.check(paymeId)))?.state ?? receipt.state;
  const row = await storage.findPayment(scope, { id: payment.id });
  if (row === undefined || strayOf(row, { ...receipt, state }, isPaying, now())?.kind !== kind) return;
  const about = { ...scope, subject: payment.id, paymeId };
  await recordIncident(context, { ...about, kind, at: now(), data: { amount, ...data } });
}

type StrayBooks<Tx> = Pick<PaymentsContext<Tx>, "storage" | "scope">;

/** The receipt of a payment's money of which a person is told that Payme has it, although our books say that it is back. */
export async function deniedReceipt<Tx>(books: StrayBooks<Tx>, payment: PaymentRow): Promise<string | null> {
  const { storage, scope } = books;
  const denied = await storage.listEvents(scope, { subject: payment.id, kinds: DENIED, open: true, limit: 100 });
  for (const { paymeId } of denied) {
    if (paymeId !== null && (await isMoneyOf(books, payment, paymeId))) return paymeId;
  }
  return null;
}

const DENIED: readonly IncidentKind[] = ["refund_refused", "refund_stuck"];

/** True for the receipt that paid the payment, by its own id or by that of a later attempt. */
async function isMoneyOf<Tx>({ storage, scope }: StrayBooks<Tx>, payment: PaymentRow, paymeId: string) {
  if (payment.paidBy === paymeId || payment.paidSource !== "merchant") return payment.paidBy === paymeId;
  const own = await storage.findTransaction(scope, paymeId);
  return own !== undefined && isAttempt(payment, own);
}

interface Stray {
  readonly kind: IncidentKind;
  readonly data?: object;
}

function strayOf(payment: PaymentRow, receipt: Receipt, isPaying: boolean, at: number): Stray | undefined {
  const { _id: paymeId, state, pay_time: payTime = 0, create_time: heldAt = at } = receipt;
  const { paidBy, refund, transactionId, cancelRequestedAt, cancelledAt } = payment;
  if (isPaying && refund === "done") {
    if (state === ReceiptState.PAID) return { kind: "refund_refused" };
    const isLate = at - (cancelledAt ?? at) > STUCK_AFTER_MS;
    if (state === ReceiptState.CANCEL_QUEUED) return isLate ? { kind: "refund_stuck" } : undefined;
  }
  if (paidBy === paymeId) return undefined;
  if (isWatched(payment, receipt, at)) return undefined;
  if (state === ReceiptState.HELD) return { kind: "hold_expiring", data: { heldAt, endsAt: heldAt + HOLD_MS } };
  const endedAt = transactionId === paymeId ? (cancelRequestedAt ?? cancelledAt) : null;
  const isStuck = state === ReceiptState.CANCEL_QUEUED && at - (endedAt ?? (payTime || heldAt)) > STUCK_AFTER_MS;
  return isStuck ? { kind: "refund_stuck" } : undefined;
}

/** True for a payment's own receipt while `reconcile` tells what becomes of it, or where none of its money was ever held. */
function isWatched(payment: PaymentRow, { _id: paymeId, state, pay_time: payTime = 0 }: Receipt, at: number): boolean {
  const { transactionId, status, hold, heldAt, nextCheckAt, cancelRequestedAt, cancelledAt } = payment;
  if (transactionId !== paymeId || payTime !== 0) return false;
  if (!hold && heldAt === null) return true;
  // A hold that is to be let go is not followed as one that is to be taken; it is soon at its end.
  const isLetGo = status === "PAID" || status === "CANCELLED" || cancelRequestedAt !== null;
  const isLate = at - (cancelRequestedAt ?? cancelledAt ?? 0) > HOUR_MS;
  return nextCheckAt !== null && !(state === ReceiptState.HELD && isLetGo && isLate);
}

/** Closes what a person was told of a receipt that has ended. */
async function closeEnded<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  receipt: Receipt,
  isPaying: boolean,
): Promise<void> {
  const { storage, scope, now } = context;
  const { _id: paymeId, state } = receipt;
  const kinds = endedKinds(payment, receipt, isPaying, now());
  if (kinds.length === 0) return;
  // A read for each receipt of a day, and no write.
  const open = await storage.listEvents(scope, { subject: payment.id, kinds, open: true, limit: 100 });
  if (!open.some((event) => event.paymeId === paymeId)) return;
  const closing = { ...scope, subject: payment.id, paymeId };
  const reason = { kind: `the end of its receipt (${state})`, at: now() };
  tellWritten(context, await storage.appendEvents([], closingBy(closing, { kinds }, reason)));
}

function endedKinds(payment: PaymentRow, receipt: Receipt, isPaying: boolean, at: number): readonly IncidentKind[] {
  const isBack = receipt.state === ReceiptState.CANCELLED;
  if (isPaying && payment.refund === "done") return isBack ? [...DENIED, "hold_expiring"] : [];
  if (payment.paidBy === receipt._id) return [];
  if (isWatched(payment, receipt, at)) return [];
  if (isBack) return ["hold_expiring", "refund_stuck"];
  return receipt.state === ReceiptState.PAID ? ["hold_expiring"] : [];
}
