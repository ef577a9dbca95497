import type { Tiyin } from "../kit/money";
import type { Outcome, Scope } from "./outcome";
import type { TransactionSource } from "./transaction";

/**
 * The status of a payment. PENDING → PAID, CANCELLED, FAILED · FAILED → PAID (its creation looked failed, but Payme took
 * the money) · PAID → CANCELLED (refunded) · CANCELLED → PAID (a person accepted its money). There are no other changes.
 */
export type PaymentStatus = "PENDING" | "PAID" | "CANCELLED" | "FAILED";

/** The statuses that may follow each {@link PaymentStatus}. */
export const paymentArrows: Readonly<Record<PaymentStatus, readonly PaymentStatus[]>> = {
  PENDING: ["PAID", "CANCELLED", "FAILED"],
  FAILED: ["PAID"],
  PAID: ["CANCELLED"],
  CANCELLED: ["PAID"],
};

/** The kind of a payment that names none. */
export const ORDER_KIND = "order";

/** The kind of the payments of subscriptions. */
export const SUBSCRIPTION_KIND = "subscription";

/** True for what can be a kind of payments: small letters, digits and `-`. */
export function isKind(kind: string): boolean {
  return /^[a-z][a-z0-9-]{0,62}$/.test(kind);
}

/**
 * How a refund stands. `none` → `queued` (Payme has taken it, and works on it) → `done` (the money is back). Only `done` is an
 * end. `refused` (Payme says that it is paid again) and `stuck` (queued for too long) are marks for a person; Payme is asked on.
 */
export type RefundState = "none" | "queued" | "refused" | "stuck" | "done";

/** A payment as stored. Times are in ms; null: not happened. */
export interface PaymentRow extends Scope {
  readonly id: string;
  /** What it pays for: `order`, `tariff` or the shop's own word. Only a process that fulfils this kind records its money. */
  readonly kind: string;
  /** The user who pays; `""` without one. */
  readonly userId: string;
  /** The shop's own id of what is paid. Unique among open (PENDING) payments. */
  readonly reference: string | null;
  readonly amount: Tiyin;
  /** What Payme took, where a person accepted it; null: the amount. See {@link amountTaken}. */
  readonly paidAmount: Tiyin | null;
  readonly status: PaymentStatus;
  readonly description: string | null;
  /** JSON of the owner, e.g. a tariff with its price and days at the time of purchase. */
  readonly data: unknown;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly paidAt: number | null;
  readonly cancelledAt: number | null;
  /** How its refund stands; `none` where nothing was asked for, or was paid. */
  readonly refund: RefundState;
  /** When the money went back. */
  readonly refundedAt: number | null;
  /** When Payme first said that a refund it had taken is paid again; null: it did not, or took it anew. */
  readonly refundDoubtedAt: number | null;
  /** Payme's id of the receipt; null until there is one, and for checkout links. */
  readonly transactionId: string | null;
  readonly chequeId: string | null;
  readonly payUrl: string | null;
  /** The Payme id that paid it: tells a repeat from a second payment. Kept after a refund. */
  readonly paidBy: string | null;
  readonly paidSource: TransactionSource | null;
  /** True where the money was taken, and the hook said that the order is not the shop's to give any more: refund it. */
  readonly unfulfilled: boolean;
  /** True where its receipt was made to hold the money first. */
  readonly hold: boolean;
  /** True while the money is held on the card and not yet taken. */
  readonly held: boolean;
  /** When the money was first held; kept after it was taken or let go. */
  readonly heldAt: number | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  /** When its first notification came. */
  readonly webhookReceivedAt: number | null;
  /** When a cancel or refund was requested that has not ended. */
  readonly cancelRequestedAt: number | null;
  /** When to ask Payme about it again; null: its end is known. */
  readonly nextCheckAt: number | null;
  /** How often Payme was asked. */
  readonly checks: number;
  /** Until when one call alone may charge its receipt; null: no charge is under way. */
  readonly chargeUntil: number | null;
}

/** The members of a payment that have no default, and any others. */
export type NewPaymentRow = Pick<PaymentRow, "cashbox" | "mode" | "id" | "amount" | "createdAt"> & Partial<PaymentRow>;

/** Returns a PENDING payment with its defaults. */
export function newPayment(row: NewPaymentRow): PaymentRow {
  return {
    kind: ORDER_KIND,
    userId: "",
    reference: null,
    paidAmount: null,
    status: "PENDING",
    description: null,
    data: null,
    updatedAt: row.createdAt,
    paidAt: null,
    cancelledAt: null,
    refund: "none",
    refundedAt: null,
    refundDoubtedAt: null,
    transactionId: null,
    chequeId: null,
    payUrl: null,
    paidBy: null,
    paidSource: null,
    unfulfilled: false,
    hold: false,
    held: false,
    heldAt: null,
    errorCode: null,
    errorMessage: null,
    webhookReceivedAt: null,
    cancelRequestedAt: null,
    nextCheckAt: null,
    checks: 0,
    chargeUntil: null,
    ...row,
  };
}

/**
 * True for a payment that counts among the open ones of its user. The periods of subscriptions do not: nobody waits at their page,
 * and a run must be able to charge them.
 */
export function countsAsOpen({ status, kind, userId }: Pick<PaymentRow, "status" | "kind" | "userId">): boolean {
  return status === "PENDING" && kind !== SUBSCRIPTION_KIND && userId !== "";
}

/** What Payme took for a payment, or would take. */
export function amountTaken({ amount, paidAmount }: Pick<PaymentRow, "amount" | "paidAmount">): Tiyin {
  return paidAmount ?? amount;
}

/**
 * The key of a payment. `paymeId`: of its receipt, or the one that paid it. `reference`: finds the open payment, else the
 * newest; with `paid` the last one that was paid, refunded or not.
 */
export type PaymentKey =
  | { readonly id: string }
  | { readonly paymeId: string }
  | { readonly reference: string; readonly paid?: true | undefined };

/** A change of status and its guard. A member that is left out stays as it is. */
export interface PaymentChange {
  readonly from: readonly [PaymentStatus] | readonly [PaymentStatus, PaymentStatus];
  readonly to: PaymentStatus;
  readonly at: number;
  /** Part of the guard where given: the amount of the payment. */
  readonly amount?: Tiyin | undefined;
  /** What Payme took, as a person accepted it. Then it is part of the guard that nothing has paid the payment. */
  readonly paidAmount?: Tiyin | undefined;
  /** The Payme id that pays it. A payment that this id has paid answers `already_applied`, in any status. */
  readonly paidBy?: string | undefined;
  readonly paidSource?: TransactionSource | undefined;
  readonly paidAt?: number | undefined;
  /** True: the money is taken, and nothing is given for it. */
  readonly unfulfilled?: boolean | undefined;
  /** Part of the guard where given: the refund is not `done`. */
  readonly refund?: RefundState | undefined;
  readonly refundedAt?: number | undefined;
  /** Null: the doubt is over. */
  readonly refundDoubtedAt?: number | null | undefined;
  readonly chequeId?: string | undefined;
  /** An earlier time is kept. */
  readonly webhookReceivedAt?: number | undefined;
  readonly errorCode?: string | undefined;
  readonly errorMessage?: string | undefined;
  /**
   * When to ask Payme again; null or left out: never, this is its end. A payment that becomes PAID during its cancel drops
   * that wish, and keeps the time that it had: the cancel may have come first at Payme.
   */
  readonly nextCheckAt?: number | null | undefined;
}

/** The receipt that Payme created for a payment. */
export interface ReceiptAttachment {
  readonly transactionId: string;
  readonly chequeId: string;
  readonly payUrl: string;
  readonly at: number;
  readonly nextCheckAt: number;
}

/** True where the guard of the change lets the row through. SQL statements have the same guard. */
export function paymentGuardHolds(row: PaymentRow, change: PaymentChange): boolean {
  const isOpen = change.refund === undefined || row.refund !== "done";
  const isFree = change.paidAmount === undefined || row.paidBy === null;
  return (
    isOpen &&
    isFree &&
    change.from.some((status) => status === row.status) &&
    (change.amount ?? row.amount) === row.amount
  );
}

/** Returns the row after a change that its guard let through. */
export function changedPayment(row: PaymentRow, change: PaymentChange): PaymentRow {
  return {
    ...row,
    status: change.to,
    updatedAt: Math.max(change.at, row.updatedAt),
    paidAmount: change.paidAmount ?? row.paidAmount,
    paidBy: change.paidBy ?? row.paidBy,
    paidSource: change.paidSource ?? row.paidSource,
    paidAt: change.paidAt ?? row.paidAt,
    unfulfilled: change.unfulfilled ?? row.unfulfilled,
    cancelledAt: change.to === "CANCELLED" ? (row.cancelledAt ?? Math.max(change.at, row.updatedAt)) : null,
    refund: change.refund ?? row.refund,
    refundedAt: change.refundedAt ?? row.refundedAt,
    refundDoubtedAt: change.refundDoubtedAt === undefined ? row.refundDoubtedAt : change.refundDoubtedAt,
    chequeId: change.chequeId ?? row.chequeId,
    held: false,
    webhookReceivedAt: row.webhookReceivedAt ?? change.webhookReceivedAt ?? null,
    errorCode: change.errorCode ?? row.errorCode,
    errorMessage: change.errorMessage ?? row.errorMessage,
    // A wish to cancel never refunds: it ends where the money came first. Payme is asked once more what became of it.
    cancelRequestedAt: change.to === "PAID" && row.status !== "PAID" ? null : row.cancelRequestedAt,
    nextCheckAt:
      change.nextCheckAt ?? (change.to === "PAID" && row.cancelRequestedAt !== null ? row.nextCheckAt : null),
  };
}

/** Returns the outcome of a change that its guard held back, judged by the row as it stands. */
export function judgePayment(row: PaymentRow | undefined, change: PaymentChange): Outcome<PaymentRow> {
  if (row === undefined) return { outcome: "not_found" };
  const repeated =
    change.to === "PAID" && change.paidBy !== undefined
      ? row.paidBy === change.paidBy && amountTaken(row) === (change.paidAmount ?? change.amount ?? amountTaken(row))
      : row.status === change.to;
  return { outcome: repeated ? "already_applied" : "conflict", row };
}

/** Returns the outcome of a wish to cancel that its guard held back. */
export function judgeCancelRequest({ status, cancelRequestedAt }: PaymentRow): "already_applied" | "conflict" {
  return cancelRequestedAt !== null || status === "CANCELLED" ? "already_applied" : "conflict";
}
