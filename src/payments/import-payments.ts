import { PaymeValidationError } from "../kit/errors";
import { isTiyin } from "../kit/money";
import {
  type ImportedRow,
  isKind,
  isMoment,
  membersThatDiffer,
  newPayment,
  type PaymentRow,
  paymentArrows,
  requireAll,
  type Scope,
  type Verbs,
} from "../ledger";
import { CancelReason, TransactionState } from "../protocol/states";
import { endsAt, hasClient, nextCheckAt, type PaymentsContext, paymentEvent } from "./context";
import { transactionOf } from "./record-paid";

/**
 * A payment of the books that were here before; what is left out has its default. CANCELLED with `paidAt` is a refund: `done` where
 * Payme cannot be asked or the Merchant API was its way, else `queued`. `paidBy` is its receipt's id, and `paidSource` is `gateway`
 * where a notification came, else `receipt`.
 */
export type ImportedPayment = Pick<PaymentRow, "id" | "amount" | "status" | "createdAt"> &
  Partial<Omit<PaymentRow, keyof Scope | "refundedAt" | "nextCheckAt">>;

/** Writes one old payment as it was, and the receipt that paid it. No hook runs, and nobody is told. */
export async function importPayment<Tx>(
  context: PaymentsContext<Tx>,
  given: ImportedPayment,
  verbs: Verbs,
): Promise<ImportedRow> {
  const row = rowOf(context, given);
  const added = await verbs.addPayment(row);
  if (added.row.id !== row.id) throw new PaymeValidationError(`reference: the open payment ${added.row.id} has it`);
  if (added.outcome === "already_applied") return differing(row, added.row);
  const { amount, paidBy, paidAt, paidSource: source, cancelledAt } = row;
  if (paidBy !== null && paidAt !== null && source !== null && source !== "merchant") {
    const receipt = transactionOf(row, { paymeId: paidBy, amount, paidAt, source });
    const refunded = { state: TransactionState.REFUNDED, cancelTime: cancelledAt ?? 0, reason: CancelReason.REFUND };
    const kept = await verbs.addTransaction(cancelledAt === null ? receipt : { ...receipt, ...refunded });
    if (kept.outcome !== "applied") throw new PaymeValidationError(`paidBy: it has paid ${kept.row.reference} already`);
  }
  await verbs.appendEvents([paymentEvent("payment.imported", row, row.updatedAt, { status: row.status })]);
  return "imported";
}

function rowOf<Tx>(context: PaymentsContext<Tx>, given: ImportedPayment): PaymentRow {
  const { status, paidAt = null, cancelledAt = null, transactionId = null, webhookReceivedAt = null } = given;
  const isPaid = paidAt !== null;
  const notified = webhookReceivedAt === null ? "receipt" : "gateway";
  const paidSource = isPaid ? (given.paidSource ?? notified) : null;
  const knowsEnd = paidSource === "merchant" || !hasClient(context);
  const refund = isPaid && cancelledAt !== null ? (given.refund ?? (knowsEnd ? "done" : "queued")) : "none";
  const row = newPayment({
    ...given,
    ...context.scope,
    updatedAt: given.updatedAt ?? Math.max(given.createdAt, paidAt ?? 0, cancelledAt ?? 0, webhookReceivedAt ?? 0),
    chequeId: given.chequeId ?? transactionId,
    paidBy: isPaid ? (given.paidBy ?? transactionId) : null,
    paidSource,
    refund,
    refundedAt: refund === "done" ? cancelledAt : null,
  });
  requireAll({
    "id: give a text": typeof row.id === "string" && row.id !== "",
    "amount: give whole tiyin above 0": isTiyin(row.amount) && row.amount > 0,
    "status: give PENDING, PAID, CANCELLED or FAILED": Object.hasOwn(paymentArrows, status),
    "kind: use small letters, digits and -": isKind(row.kind),
    "createdAt, updatedAt: give ms": isMoment(row.createdAt) && isMoment(row.updatedAt),
    "paidAt: give ms for PAID and what was refunded, else null": isPaid ? isMoment(paidAt) : status !== "PAID",
    "paidAt: its status says that it was not paid": !isPaid || status === "PAID" || status === "CANCELLED",
    "paidBy: give the Payme id that paid it": !isPaid || Boolean(row.paidBy),
    "cancelledAt: give ms for CANCELLED, else null":
      status === "CANCELLED" ? isMoment(cancelledAt) : cancelledAt === null,
  });
  if (status !== "PENDING") return { ...row, nextCheckAt: refund === "queued" ? context.now() : null };
  // As if it had been made here.
  return { ...row, nextCheckAt: hasClient(context) ? nextCheckAt(context, row) : endsAt(context, row) };
}

/** That a payment has gone on here since is no difference. */
function differing(given: PaymentRow, here: PaymentRow): readonly string[] {
  const isPaidSince = given.paidAt === null && here.paidAt !== null;
  const isRefundedSince = given.status === "PAID" && here.status === "CANCELLED";
  const hasGoneOn = given.status === "PENDING" || isPaidSince || isRefundedSince;
  const laterMembers = (["paidAt", "cancelledAt", "transactionId", "paidBy"] as const).filter(
    (member) => given[member],
  );
  const members = [
    "amount",
    "userId",
    "kind",
    "createdAt",
    ...laterMembers,
    ...(hasGoneOn ? [] : (["status"] as const)),
  ] as const;
  return membersThatDiffer(given, here, members);
}
