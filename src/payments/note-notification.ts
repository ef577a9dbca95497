import { type PaymentRow, rowAfter, type TransactionSource, type Verbs } from "../ledger";
import type { PaymentsContext } from "./context";

/** How a change of money became known. */
export interface Notice {
  readonly source: TransactionSource | "review";
  readonly chequeId?: string | null | undefined;
}

/** Keeps the first notification of a payment, and a new cheque id. */
export async function noteNotification<Tx>(
  { storage, scope, now }: PaymentsContext<Tx>,
  payment: PaymentRow,
  report: Notice,
  verbs: Verbs = storage,
): Promise<PaymentRow> {
  const chequeId = report.chequeId ?? undefined;
  const isNew = payment.webhookReceivedAt === null || (chequeId !== undefined && chequeId !== payment.chequeId);
  if (report.source !== "gateway" || !isNew) return payment;
  const noted = await verbs.noteNotification(scope, payment.id, { at: now(), chequeId });
  return rowAfter(noted, payment);
}

/**
 * Lets `reconcile` and `check` ask Payme about a payment whose money moved and could not be booked: it may be one of which nothing was
 * left to ask.
 */
export async function askAgain<Tx>(
  { storage, scope, now }: PaymentsContext<Tx>,
  { id, status, nextCheckAt }: PaymentRow,
  verbs: Verbs = storage,
): Promise<void> {
  if (nextCheckAt !== null) return;
  await verbs.changePayment(scope, id, { from: [status], to: status, at: now(), nextCheckAt: now() });
}

/** Keeps the notification inside a transaction, and lets nobody change the payment before that ends. */
export async function lockPayment<Tx>(
  context: PaymentsContext<Tx>,
  verbs: Verbs,
  id: string,
  notice: Notice,
): Promise<PaymentRow | undefined> {
  const row = await verbs.findPayment(context.scope, { id }, { lock: true });
  return row && noteNotification(context, row, notice, verbs);
}
