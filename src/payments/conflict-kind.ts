import type { Tiyin } from "../kit/money";
import type { IncidentKind, PaymentRow } from "../ledger";

/** What money is that came for a payment and cannot be booked on it. */
export function conflictKind(payment: PaymentRow, amount: Tiyin): IncidentKind {
  if (payment.amount !== amount) return "amount_mismatch";
  return payment.paidBy === null && payment.status === "CANCELLED" ? "paid_after_cancel" : "double_payment";
}
