/** A text in the three languages of Payme. Uzbek is in Latin script. */
export interface LocalizedText {
  ru: string;
  uz: string;
  en: string;
}

/** States of a Merchant API transaction. Source: developer.help.paycom.uz, "Типы данных". */
export const TransactionState = {
  /** Created: it waits for PerformTransaction. */
  CREATED: 1,
  /** Performed: paid. */
  PERFORMED: 2,
  /** Cancelled before it was performed. */
  CANCELLED: -1,
  /** Cancelled after it was performed: refunded. */
  REFUNDED: -2,
} as const;
export type TransactionState = (typeof TransactionState)[keyof typeof TransactionState];

/** Reasons of a cancel. Payme may send others: keep them. Same source. */
export const CancelReason = {
  RECEIVER_NOT_FOUND: 1,
  DEBIT_FAILED: 2,
  EXECUTION_ERROR: 3,
  TIMEOUT: 4,
  REFUND: 5,
  UNKNOWN: 10,
} as const;

/** A transaction that is not performed within 12 hours of Payme's `time` is cancelled with reason 4. */
export const TRANSACTION_LIFETIME_MS = 43_200_000;

/** States of a Subscribe API receipt. Source: developer.help.paycom.uz, "Состояния чека". */
export const ReceiptState = {
  CREATED: 0,
  CHECKING: 1,
  DEBITING: 2,
  CLOSING: 3,
  PAID: 4,
  HELD: 5,
  HOLDING: 6,
  PAUSED: 20,
  CANCEL_QUEUED: 21,
  CLOSE_QUEUED: 30,
  CANCELLED: 50,
} as const;
export type ReceiptState = (typeof ReceiptState)[keyof typeof ReceiptState];
