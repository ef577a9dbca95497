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
