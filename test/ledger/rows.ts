import { tiyin } from "../../src/kit/money";
import {
  type EventRow,
  newPayment,
  newTransaction,
  type PaymentRow,
  type Scope,
  type TransactionRow,
} from "../../src/ledger";

export const scope: Scope = { cashbox: "default", mode: "test" };

/** A PENDING payment of 50,000 som, made at 1. */
export function paymentRow(row: Partial<PaymentRow> = {}): PaymentRow {
  return newPayment({
    ...scope,
    id: "payment-1",
    userId: "user-1",
    amount: tiyin(5_000_000),
    createdAt: 1,
    updatedAt: 1,
    ...row,
  });
}

/** A Merchant transaction in state 1 for the order `order-1`. */
export function transactionRow(row: Partial<TransactionRow> = {}): TransactionRow {
  return newTransaction({
    ...scope,
    paymeId: "payme-1",
    source: "merchant",
    transaction: "1",
    reference: "order-1",
    amount: tiyin(5_000_000),
    account: { order_id: 1 },
    time: 1,
    createTime: 1,
    ...row,
  });
}

/** The event that `payment-1` was paid by `payme-1`, at 1. */
export function eventRow(row: Partial<EventRow> = {}): EventRow {
  return {
    ...scope,
    id: 7,
    kind: "payment.paid",
    subject: "payment-1",
    paymeId: "payme-1",
    at: 1,
    data: null,
    deliverAt: null,
    attempts: 0,
    leaseToken: null,
    leaseUntil: null,
    deliveredAt: null,
    parkedAt: null,
    resolvedAt: null,
    resolvedBy: null,
    note: null,
    ...row,
  };
}
