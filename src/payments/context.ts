import type { PayOutcome, PayParams } from "../client/pay";
import type { IdSource, Sleep } from "../kit/clock";
import type { Tiyin } from "../kit/money";
import type { Ledger, NewEvent, PaymentRow, Scope } from "../ledger";
import type { Mode } from "../protocol/hosts";
import type { Receipt } from "../protocol/receipt";
import type { Fulfillers } from "./fulfiller";

/** The part of a Payme client that payments need; `createPaymeClient` gives it. */
export interface PaymentsClient {
  readonly mode: Mode;
  readonly receipts: {
    create(params: {
      amount: Tiyin;
      account: Record<string, string>;
      description?: string | undefined;
      detail?: Readonly<Record<string, unknown>> | undefined;
    }): Promise<Receipt>;
    get(id: string): Promise<Receipt>;
    check(id: string): Promise<{ state: number }>;
    cancel(id: string): Promise<Receipt>;
    getAll(params: { from: number; to: number; count: number; offset: number }): Promise<Receipt[]>;
  };
  /** Pays a receipt with a card. `charge` needs it. */
  pay(params: PayParams): Promise<PayOutcome>;
  /** The page on which the receipt is paid. */
  receiptUrl(receipt: Receipt): string;
}

/** The checked options of `createPayments`, which every verb gets. */
export interface PaymentsContext<Tx> extends Ledger<Tx> {
  readonly scope: Scope;
  /** None for cashboxes that have the Merchant API only. */
  readonly client: PaymentsClient | undefined;
  /** Where a payment without a receipt is paid. */
  readonly payUrl: ((payment: PaymentRow) => string) | undefined;
  readonly newId: IdSource;
  readonly sleep: Sleep;
  readonly pendingTtlMs: number;
  readonly fulfillers: Fulfillers<Tx>;
}

/** A context that can ask Payme. */
export interface ClientContext<Tx> extends PaymentsContext<Tx> {
  readonly client: PaymentsClient;
}

export function hasClient<Tx>(context: PaymentsContext<Tx>): context is ClientContext<Tx> {
  return context.client !== undefined;
}

/** The account field in which a receipt carries our payment's id. */
export const PAYMENT_ID_FIELD = "order_id";

/** The error code of a payment whose receipt may exist: the answer never came. */
export const OUTCOME_UNKNOWN = "outcome_unknown";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** The delays before the second, third, … question to Payme; the last one repeats. */
const DELAYS_MS = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS] as const;

/** How long a worker has for a payment that it claimed, before another may take it. */
export const CHECK_LEASE_MS = 2 * MINUTE_MS;

/** How long one call alone may charge a receipt: longer than a payment with its questions takes. */
export const CHARGE_LEASE_MS = 3 * MINUTE_MS;

/** Far longer than Payme has to answer: a call that is still making a payment then has died. */
export const ABANDONED_AFTER_MS = 2 * MINUTE_MS;

/** The moment from which an unpaid payment is cancelled. */
export function endsAt<Tx>(context: PaymentsContext<Tx>, { createdAt }: Pick<PaymentRow, "createdAt">): number {
  return createdAt + context.pendingTtlMs;
}

/** When to ask next about a payment that was asked about `checks` times; at its end at the latest. */
export function nextCheckAt<Tx>(context: PaymentsContext<Tx>, payment: PaymentRow, checks = payment.checks): number {
  const now = context.now();
  const end = endsAt(context, payment);
  const next = now + (DELAYS_MS[checks] ?? 6 * HOUR_MS);
  return end > now ? Math.min(next, end) : next;
}

/** An event of a payment's story. */
export function paymentEvent(kind: string, payment: PaymentRow, at: number, data?: unknown): NewEvent {
  const { cashbox, mode, id, paidBy, transactionId } = payment;
  return { cashbox, mode, kind, subject: id, paymeId: paidBy ?? transactionId, at, data };
}
