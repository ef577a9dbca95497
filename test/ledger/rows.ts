import { tiyin } from "../../src/kit/money";
import type { PaymentRow, Scope, TransactionRow } from "../../src/ledger";

export const scope: Scope = { cashbox: "default", mode: "test" };

/** A PENDING payment of 50,000 som, made at 1. */
export function paymentRow(row: Partial<PaymentRow> = {}): PaymentRow {
  return {
    ...scope,
    id: "payment-1",
    userId: "user-1",
    reference: null,
    amount: tiyin(5_000_000),
    status: "PENDING",
    description: null,
    tariffId: null,
    data: null,
    createdAt: 1,
    updatedAt: 1,
    paidAt: null,
    cancelledAt: null,
    transactionId: null,
    chequeId: null,
    payUrl: null,
    paidBy: null,
    paidSource: null,
    held: false,
    errorCode: null,
    errorMessage: null,
    webhookReceivedAt: null,
    cancelRequestedAt: null,
    nextCheckAt: null,
    checks: 0,
    ...row,
  };
}

/** A Merchant transaction in state 1 for the order `order-1`. */
export function transactionRow(row: Partial<TransactionRow> = {}): TransactionRow {
  return {
    ...scope,
    paymeId: "payme-1",
    source: "merchant",
    transaction: "1",
    state: 1,
    orderKey: "order-1",
    oneTime: true,
    amount: tiyin(5_000_000),
    account: { order_id: 1 },
    time: 1,
    createTime: 1,
    performTime: 0,
    cancelTime: 0,
    reason: null,
    receivers: null,
    fiscalPerform: null,
    fiscalCancel: null,
    ...row,
  };
}
