import type { PaymentRow, TransactionSource } from "../ledger";
import type { PaymentsContext } from "./context";

/** Keeps that a notification of a payment came, and its cheque id, where that is news. */
export async function noteNotification<Tx>(
  context: PaymentsContext<Tx>,
  payment: PaymentRow,
  report: { readonly source: TransactionSource; readonly chequeId?: string | null | undefined },
): Promise<PaymentRow> {
  const chequeId = report.chequeId ?? undefined;
  const isNews = payment.webhookReceivedAt === null || (chequeId !== undefined && chequeId !== payment.chequeId);
  if (report.source !== "gateway" || !isNews) return payment;
  const noted = await context.storage.noteNotification(context.scope, payment.id, { at: context.now(), chequeId });
  return noted.outcome === "not_found" ? payment : noted.row;
}
