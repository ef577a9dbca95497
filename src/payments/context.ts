import type { Clock, IdSource, Sleep } from "../kit/clock";
import type { Logger } from "../kit/logger";
import type { Tiyin } from "../kit/money";
import type { Ledger, NewEvent, PaymentRow, Scope, Storage } from "../ledger";
import type { Mode } from "../protocol/hosts";
import type { Receipt } from "../protocol/receipt";

/** What payments ask of a Payme client; `createPaymeClient` gives it. */
export interface PaymentsClient {
  readonly mode: Mode;
  readonly receipts: {
    create(params: {
      amount: Tiyin;
      account: Record<string, string>;
      description?: string | undefined;
    }): Promise<Receipt>;
    get(id: string): Promise<Receipt>;
    check(id: string): Promise<{ state: number }>;
    cancel(id: string): Promise<Receipt>;
    getAll(params: { from: number; to: number; count: number; offset: number }): Promise<Receipt[]>;
  };
  /** The page on which the receipt is paid. */
  receiptUrl(receipt: Receipt): string;
}

/** What every part of this room works with. */
export interface PaymentsContext<Tx> {
  readonly scope: Scope;
  readonly storage: Storage<Tx>;
  readonly ledger: Ledger<Tx>;
  /** None for cashboxes that have the Merchant API only. */
  readonly client: PaymentsClient | undefined;
  /** Where a payment is paid that has no receipt. */
  readonly payUrl: ((payment: PaymentRow) => string) | undefined;
  readonly now: Clock;
  readonly newId: IdSource;
  readonly sleep: Sleep;
  readonly logger: Logger;
  readonly pendingTtlMs: number;
  readonly onPaid: PaymentHook<Tx> | undefined;
  readonly onRefunded: PaymentHook<Tx> | undefined;
}

/**
 * What is to happen with a payment's change, in the same transaction: database work through `tx` only. It may run more
 * than once (a database may run a transaction again) and commits at most once. A throw undoes everything.
 */
export type PaymentHook<Tx> = (payment: PaymentRow, tx: Tx) => unknown;

/** The account field in which a receipt carries our payment's id. */
export const PAYMENT_ID_FIELD = "order_id";

/** The error code of a payment whose receipt may or may not have been made: the answer never came. */
export const OUTCOME_UNKNOWN = "outcome_unknown";

/** An event of a payment's story. */
export function paymentEvent(kind: string, payment: PaymentRow, at: number, data?: unknown): NewEvent {
  const { cashbox, mode, id, paidBy, transactionId } = payment;
  return { cashbox, mode, kind, subject: id, paymeId: paidBy ?? transactionId, at, data };
}
