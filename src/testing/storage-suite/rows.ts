import { tiyin } from "../../kit/money";
import {
  type NewEvent,
  newPayment,
  newTransaction,
  type PaymentChange,
  type PaymentRow,
  type Scope,
  type TransactionChange,
  type TransactionRow,
} from "../../ledger";
import { TransactionState } from "../../protocol/states";

/** A time that does not fit into 32 bits. */
export const NOW = 1_760_000_000_000;

export const SCOPE: Scope = { cashbox: "default", mode: "test" };

/** Scopes that share no row with {@link SCOPE}, even where all else is equal. */
export const OTHER_SCOPES: readonly Scope[] = [
  { cashbox: "second", mode: "test" },
  { cashbox: "default", mode: "live" },
];

/** Text that breaks SQL, JSON or encodings that are made by hand. */
export const HOSTILE_TEXT = ` '"; DROP TABLE payment; -- \\ <b>Ўзбек o‘zbek 😀\n$1 ?1 :a`;

/** The largest amount in tiyin. */
export const MOST = tiyin(Number.MAX_SAFE_INTEGER);

/** An open payment for an order of 50,000 som. */
export function paymentRow(row: Partial<PaymentRow> = {}): PaymentRow {
  return newPayment({
    ...SCOPE,
    id: "payment-1",
    userId: "user-1",
    amount: tiyin(5_000_000),
    createdAt: NOW,
    updatedAt: NOW,
    ...row,
  });
}

/** A payment with a value in every column. */
export const FULL_PAYMENT: PaymentRow = paymentRow({
  kind: "gift-card-2",
  userId: HOSTILE_TEXT,
  reference: HOSTILE_TEXT,
  status: "PAID",
  description: HOSTILE_TEXT,
  data: { text: HOSTILE_TEXT, list: [1, null, { deep: true }], empty: {}, half: 0.5 },
  createdAt: NOW,
  updatedAt: NOW + 1,
  paidAt: NOW + 2,
  cancelledAt: NOW + 3,
  refund: "refused",
  refundedAt: NOW + 31,
  refundDoubtedAt: NOW + 32,
  transactionId: "receipt-1",
  chequeId: "cheque-1",
  payUrl: "https://checkout.paycom.uz/receipt-1",
  paidBy: "payme-1",
  paidSource: "gateway",
  unfulfilled: true,
  hold: true,
  held: true,
  heldAt: NOW + 33,
  errorCode: "-31630",
  errorMessage: HOSTILE_TEXT,
  webhookReceivedAt: NOW + 4,
  cancelRequestedAt: NOW + 5,
  nextCheckAt: NOW + 6,
  checks: 7,
  chargeUntil: NOW + 8,
});

/** A Merchant transaction in state 1 that holds the order `order-1`. */
export function transactionRow(row: Partial<TransactionRow> = {}): TransactionRow {
  return newTransaction({
    ...SCOPE,
    paymeId: "payme-1",
    source: "merchant",
    transaction: "1",
    reference: "order-1",
    amount: tiyin(5_000_000),
    account: { order_id: row.reference ?? "order-1" },
    time: NOW,
    createTime: NOW,
    ...row,
  });
}

/** A transaction with a value in every column. */
export const FULL_TRANSACTION: TransactionRow = transactionRow({
  transaction: HOSTILE_TEXT,
  state: TransactionState.REFUNDED,
  reference: HOSTILE_TEXT,
  referenceType: "bigint",
  orderSpace: HOSTILE_TEXT,
  account: { order_id: "197", name: HOSTILE_TEXT, nested: { list: [1, null] } },
  time: NOW - 1,
  performTime: NOW + 1,
  cancelTime: NOW + 2,
  reason: 5,
  receivers: [{ id: HOSTILE_TEXT, amount: tiyin(5_000_000) }],
  fiscalPerform: { receipt_id: 1, qr_code_url: HOSTILE_TEXT },
  fiscalCancel: { receipt_id: 2 },
});

/** An event of `payment-1`. */
export function newEvent(event: Partial<NewEvent> = {}): NewEvent {
  return { ...SCOPE, kind: "payment.paid", subject: "payment-1", at: NOW, ...event };
}

/** The change that pays a payment. */
export function paying(change: Partial<PaymentChange> = {}): PaymentChange {
  return {
    from: ["PENDING", "FAILED"],
    to: "PAID",
    at: NOW + 10,
    paidBy: "payme-1",
    paidSource: "gateway",
    paidAt: NOW + 9,
    ...change,
  };
}

/** The guard of a wish to cancel what is unpaid. */
export const UNPAID = ["PENDING", "FAILED"] as const;

/** A payment with a receipt: it can be charged. */
export function chargeable(row: Partial<PaymentRow> = {}): PaymentRow {
  return paymentRow({ transactionId: `receipt-${row.id ?? "1"}`, nextCheckAt: NOW, ...row });
}

/** The change that performs a transaction. */
export function performing(change: Partial<TransactionChange> = {}): TransactionChange {
  return { from: TransactionState.CREATED, to: TransactionState.PERFORMED, at: NOW + 10, ...change };
}

/** The change that cancels a transaction before Perform. */
export function cancelling(change: Partial<TransactionChange> = {}): TransactionChange {
  return { from: TransactionState.CREATED, to: TransactionState.CANCELLED, at: NOW + 10, reason: 3, ...change };
}

/** One column of rows. */
export function column<Row, Name extends keyof Row>(rows: readonly Row[], name: Name): Row[Name][] {
  return rows.map((row) => row[name]);
}
