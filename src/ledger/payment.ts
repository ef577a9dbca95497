import type { Tiyin } from "../kit/money";
import type { Outcome, Scope } from "./outcome";
import type { TransactionSource } from "./transaction";

/**
 * What a payment can be. PENDING → PAID, CANCELLED, FAILED · FAILED → PAID (its creation looked failed, yet Payme took
 * the money) · PAID → CANCELLED (refunded). Nothing else.
 */
export type PaymentStatus = "PENDING" | "PAID" | "CANCELLED" | "FAILED";

/** The arrows of {@link PaymentStatus}. */
export const paymentArrows: Readonly<Record<PaymentStatus, readonly PaymentStatus[]>> = {
  PENDING: ["PAID", "CANCELLED", "FAILED"],
  FAILED: ["PAID"],
  PAID: ["CANCELLED"],
  CANCELLED: [],
};

/** One thing to be paid, of which we keep the book. Times are in ms, null: not happened. */
export interface PaymentRow extends Scope {
  readonly id: string;
  /** Whose payment it is; `""` where nobody's. */
  readonly userId: string;
  /** What it is for, unique among open (PENDING) payments. */
  readonly reference: string | null;
  readonly amount: Tiyin;
  readonly status: PaymentStatus;
  readonly description: string | null;
  /** The tariff it buys; null for other things. */
  readonly tariffId: number | null;
  /** What its owner wants to remember with it, JSON: a tariff's price and days at the time of purchase, say. */
  readonly data: unknown;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly paidAt: number | null;
  readonly cancelledAt: number | null;
  /** The id of its receipt at Payme; null until there is one, and for checkout links. */
  readonly transactionId: string | null;
  readonly chequeId: string | null;
  readonly payUrl: string | null;
  /** The Payme id with which it was paid: what tells a repeat from a second payment. Kept after a refund. */
  readonly paidBy: string | null;
  readonly paidSource: TransactionSource | null;
  /** The money is held on the card and not yet taken. */
  readonly held: boolean;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  /** When the first notification of it came. */
  readonly webhookReceivedAt: number | null;
  /** A cancel or refund was asked for and has no end yet. */
  readonly cancelRequestedAt: number | null;
  /** When Payme should next be asked about it; null: its end is known. */
  readonly nextCheckAt: number | null;
  /** How often Payme was asked. */
  readonly checks: number;
}

/** How a payment is found. `paymeId`: its receipt's id or the Payme id that paid it. `reference`: the newest with it. */
export type PaymentKey = { readonly id: string } | { readonly paymeId: string } | { readonly reference: string };

/** A change of status and its guard. Members that are not given stay as they are. */
export interface PaymentChange {
  readonly from: readonly [PaymentStatus] | readonly [PaymentStatus, PaymentStatus];
  readonly to: PaymentStatus;
  readonly at: number;
  /** Part of the guard where given: the payment's own amount. */
  readonly amount?: Tiyin | undefined;
  /** The Payme id that pays it. A payment once paid by this id answers `already_applied`, in whatever status. */
  readonly paidBy?: string | undefined;
  readonly paidSource?: TransactionSource | undefined;
  readonly paidAt?: number | undefined;
  readonly chequeId?: string | undefined;
  /** Kept where one is there already. */
  readonly webhookReceivedAt?: number | undefined;
  readonly errorCode?: string | undefined;
  readonly errorMessage?: string | undefined;
  /**
   * When Payme should next be asked; null or left out: never, this is its end. Only a payment that becomes PAID while its
   * cancel is under way keeps the time it had.
   */
  readonly nextCheckAt?: number | null | undefined;
}

/** What creating a receipt brought. */
export interface ReceiptAttachment {
  readonly transactionId: string;
  readonly chequeId: string;
  readonly payUrl: string;
  readonly at: number;
  readonly nextCheckAt: number;
}

/** True where the change's guard lets the row through. The same in every adapter; databases say it in SQL. */
export function paymentGuardHolds(row: PaymentRow, change: PaymentChange): boolean {
  return change.from.some((status) => status === row.status) && (change.amount ?? row.amount) === row.amount;
}

/** The row after a change that its guard let through. */
export function changedPayment(row: PaymentRow, change: PaymentChange): PaymentRow {
  return {
    ...row,
    status: change.to,
    updatedAt: Math.max(change.at, row.updatedAt),
    paidBy: change.paidBy ?? row.paidBy,
    paidSource: change.paidSource ?? row.paidSource,
    paidAt: change.paidAt ?? row.paidAt,
    cancelledAt: row.cancelledAt ?? (change.to === "CANCELLED" ? Math.max(change.at, row.updatedAt) : null),
    chequeId: change.chequeId ?? row.chequeId,
    held: false,
    webhookReceivedAt: row.webhookReceivedAt ?? change.webhookReceivedAt ?? null,
    errorCode: change.errorCode ?? row.errorCode,
    errorMessage: change.errorMessage ?? row.errorMessage,
    // A cancel under way is seen to its end, also where the money came in first.
    nextCheckAt:
      change.nextCheckAt ?? (change.to === "PAID" && row.cancelRequestedAt !== null ? row.nextCheckAt : null),
  };
}

/** What a change that its guard held back means, judged by the row as it stands. */
export function judgePayment(row: PaymentRow | undefined, change: PaymentChange): Outcome<PaymentRow> {
  if (row === undefined) return { outcome: "not_found" };
  const repeated =
    change.to === "PAID" && change.paidBy !== undefined
      ? row.paidBy === change.paidBy && row.amount === (change.amount ?? row.amount)
      : row.status === change.to;
  return { outcome: repeated ? "already_applied" : "conflict", row };
}
