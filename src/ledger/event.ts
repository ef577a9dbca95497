import { isRecord } from "../kit/json";
import type { Scope } from "./outcome";

/** Kinds of events that a person must look at: money without a place or without goods, failed hooks, parked messages. */
export const incidentKinds = [
  "double_payment",
  "paid_after_cancel",
  "amount_mismatch",
  "unknown_transaction",
  "paid_elsewhere",
  "not_taken_back",
  "no_fulfiller",
  "refund_refused",
  "refund_stuck",
  "hold_expiring",
  "charge_unknown",
  "charge_blocked",
  "periods_skipped",
  "effect_failed",
  "message_parked",
] as const;
/** A kind of incident: what is wrong, one word per case. */
export type IncidentKind = (typeof incidentKinds)[number];

/** True for a kind of {@link incidentKinds}. */
export function isIncidentKind(kind: string): kind is IncidentKind {
  return incidentKinds.some((known) => known === kind);
}

/** An event to write. Story, message and incident are one table. */
export interface NewEvent extends Scope {
  /** `payment.paid` and the like, or an {@link IncidentKind}. */
  readonly kind: string;
  /** The subject, e.g. the id of a payment. Messages of one subject are delivered in order. */
  readonly subject: string;
  readonly paymeId?: string | null | undefined;
  readonly at: number;
  /** JSON. Never a secret or card data. */
  readonly data?: unknown;
  /** The earliest time of delivery; left out: a story, not a message. */
  readonly deliverAt?: number | undefined;
}

/** An event as stored. */
export interface EventRow extends Scope {
  /** Ascends in the order of writing. */
  readonly id: number;
  readonly kind: string;
  readonly subject: string;
  readonly paymeId: string | null;
  readonly at: number;
  readonly data: unknown;
  /** The earliest time of the next delivery; null: nothing to deliver, delivered, or parked. */
  readonly deliverAt: number | null;
  readonly attempts: number;
  readonly leaseToken: string | null;
  readonly leaseUntil: number | null;
  readonly deliveredAt: number | null;
  readonly parkedAt: number | null;
  /** Incidents: closed by a person, or by the change that put right what they name. */
  readonly resolvedAt: number | null;
  readonly resolvedBy: string | null;
  readonly note: string | null;
}

/**
 * The open incidents of one subject that a change puts right: those of `kinds` with its Payme id, and those of `kindsOfOthers`
 * with another one. Where the payment was not known, the Payme id was the subject: those count, too. Money of another id was
 * taken twice: each of those that are closed is followed by its {@link doublePayment}.
 */
export interface IncidentClosing extends Scope {
  readonly subject: string;
  readonly paymeId: string;
  readonly kinds: readonly IncidentKind[];
  readonly kindsOfOthers?: readonly IncidentKind[] | undefined;
  readonly by: string;
  readonly note: string;
  readonly at: number;
}

/** The result that closes an event, or opens it again. The guard: the token of the lease; for incidents: open; for a requeue: parked. */
export type EventResult =
  | { readonly result: "delivered"; readonly token: string; readonly at: number }
  | { readonly result: "retry"; readonly token: string; readonly at: number; readonly deliverAt: number }
  | { readonly result: "parked"; readonly token: string; readonly at: number }
  | { readonly result: "requeued"; readonly deliverAt: number }
  | { readonly result: "resolved"; readonly by: string; readonly note: string; readonly at: number };

/** A query for events, oldest first. */
export interface EventQuery {
  /** One subject, or several. */
  readonly subject?: string | readonly string[] | undefined;
  readonly kinds?: readonly string[] | undefined;
  /** Only incidents that are not resolved. */
  readonly open?: boolean | undefined;
  /** Only parked messages. */
  readonly parked?: boolean | undefined;
  /** Only messages that may be claimed at this time: see `claimEvents`. */
  readonly due?: number | undefined;
  /** Only events after this id. */
  readonly after?: number | undefined;
  readonly limit: number;
}

/** Returns the key of an incident, which is open once for each kind and Payme id, or of a person's press; null for other events. */
export function incidentKey({ kind, paymeId, data }: Pick<NewEvent, "kind" | "paymeId" | "data">): string | null {
  if (isIncidentKind(kind)) return paymeId ? `${kind}:${paymeId}` : null;
  return kind.startsWith("admin.") && isRecord(data) && typeof data.press === "string" ? `press:${data.press}` : null;
}

/** True for an incident that is not resolved. */
export function isOpenIncident(row: Pick<EventRow, "kind" | "resolvedAt">): boolean {
  return isIncidentKind(row.kind) && row.resolvedAt === null;
}

/** True for an incident that the closing closes. */
export function isClosedBy(row: EventRow, closing: IncidentClosing): boolean {
  const { subject, paymeId, kinds, kindsOfOthers = [] } = closing;
  const isMeant = (row.paymeId === paymeId ? kinds : kindsOfOthers).some((kind) => kind === row.kind);
  return isMeant && isOpenIncident(row) && [subject, paymeId].includes(row.subject) && row.paymeId !== null;
}

/** Returns the incident that follows a closed one, where that was of another Payme id: its money was taken twice. */
export function doublePayment(
  { cashbox, mode, subject, paymeId, data }: EventRow,
  closing: Pick<IncidentClosing, "paymeId" | "at">,
): NewEvent[] {
  if (paymeId === closing.paymeId) return [];
  return [{ cashbox, mode, kind: "double_payment", subject, paymeId, at: closing.at, data }];
}

/** True where the guard of the result lets the event through. */
export function eventGuardHolds(row: EventRow, result: EventResult): boolean {
  if (result.result === "resolved") return row.resolvedAt === null;
  if (result.result === "requeued") return row.parkedAt !== null;
  return row.leaseToken === result.token;
}
