import { type Tiyin, tiyin } from "../../kit/money";
import type {
  EventRow,
  PaymentRow,
  PaymentStatus,
  Receiver,
  SourceTotal,
  TransactionRow,
  TransactionSource,
} from "../../ledger";
import type { TransactionState } from "../../protocol/states";
import type { SqlRow } from "./executor";

/** A 64-bit integer, however the driver gives it: number, text (pg) or bigint (Prisma). Refuses what a number cannot hold. */
export function integer(value: unknown): number {
  const number = typeof value === "number" ? value : Number(value);
  if (value !== null && value !== "" && Number.isSafeInteger(number)) return number;
  throw new TypeError(`the database gave ${String(value)} where a safe integer belongs`);
}

/** A text column. */
export function text(value: unknown): string {
  if (typeof value === "string") return value;
  throw new TypeError(`the database gave ${typeof value} where text belongs`);
}

/** A column that may be NULL. */
export function nullable<Value>(value: unknown, decode: (value: unknown) => Value): Value | null {
  return value === null || value === undefined ? null : decode(value);
}

/** A JSON column; drivers give text, or what they parsed themselves. */
export function json(value: unknown): unknown {
  return typeof value === "string" ? JSON.parse(value) : value;
}

/** The first and the last moment that four digits of a year can say. */
const [FIRST_MS, LAST_MS] = [Date.parse("0001-01-01T00:00:00.000Z"), Date.parse("9999-12-31T23:59:59.999Z")];

/**
 * Milliseconds as the guide's TIMESTAMP columns hold them: UTC, `YYYY-MM-DD HH:MM:SS.mmm`. One beyond the years 1 to 9999 (a
 * sender that counts in microseconds) is the nearest within: money is booked all the same, and the column in ms has it as it came.
 */
export function sqlTime(ms: number): string {
  const iso = new Date(Math.min(Math.max(ms, FIRST_MS), LAST_MS)).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}`;
}

/** The same for a time that may be missing. */
export function sqlTimeOrNull(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : sqlTime(ms);
}

export function transactionOf(row: SqlRow): TransactionRow {
  return {
    cashbox: text(row.cashbox),
    mode: oneOf(MODES, row.mode),
    paymeId: text(row.payme_id),
    source: oneOf(SOURCES, row.source),
    transaction: text(row.transaction_id),
    state: oneOf(STATES, integer(row.state)),
    orderKey: text(row.order_key),
    oneTime: integer(row.one_time) === 1,
    amount: money(row.amount),
    account: record(row.account) ?? {},
    time: integer(row.time),
    createTime: integer(row.create_time),
    performTime: integer(row.perform_time),
    cancelTime: integer(row.cancel_time),
    reason: nullable(row.reason, integer),
    receivers: nullable(row.receivers, receivers),
    fiscalPerform: record(row.fiscal_perform),
    fiscalCancel: record(row.fiscal_cancel),
  };
}

export function paymentOf(row: SqlRow): PaymentRow {
  return {
    cashbox: text(row.cashbox),
    mode: oneOf(MODES, row.mode),
    id: text(row.id),
    userId: text(row.user_id),
    reference: nullable(row.reference, text),
    amount: money(row.amount),
    status: oneOf(STATUSES, row.status),
    description: nullable(row.description, text),
    tariffId: nullable(row.tariff_id, integer),
    data: nullable(row.data, json),
    createdAt: integer(row.created_ms),
    updatedAt: integer(row.updated_ms),
    paidAt: nullable(row.paid_ms, integer),
    cancelledAt: nullable(row.cancelled_ms, integer),
    transactionId: nullable(row.payme_transaction_id, text),
    chequeId: nullable(row.payme_cheque_id, text),
    payUrl: nullable(row.pay_url, text),
    paidBy: nullable(row.paid_by, text),
    paidSource: nullable(row.paid_source, (value) => oneOf(SOURCES, value)),
    held: integer(row.held) === 1,
    errorCode: nullable(row.payme_error_code, text),
    errorMessage: nullable(row.payme_error_message, text),
    webhookReceivedAt: nullable(row.webhook_received_ms, integer),
    cancelRequestedAt: nullable(row.cancel_requested_ms, integer),
    nextCheckAt: nullable(row.next_check_ms, integer),
    checks: integer(row.checks),
  };
}

export function eventOf(row: SqlRow): EventRow {
  return {
    cashbox: text(row.cashbox),
    mode: oneOf(MODES, row.mode),
    id: integer(row.id),
    kind: text(row.kind),
    subject: text(row.subject),
    paymeId: nullable(row.payme_id, text),
    at: integer(row.at_ms),
    data: nullable(row.data, json),
    deliverAt: nullable(row.deliver_ms, integer),
    attempts: integer(row.attempts),
    leaseToken: nullable(row.lease_token, text),
    leaseUntil: nullable(row.lease_until_ms, integer),
    deliveredAt: nullable(row.delivered_ms, integer),
    parkedAt: nullable(row.parked_ms, integer),
    resolvedAt: nullable(row.resolved_ms, integer),
    resolvedBy: nullable(row.resolved_by, text),
    note: nullable(row.note, text),
  };
}

const MODES = ["live", "test"] as const;
export function totalOf(row: SqlRow): SourceTotal {
  return { source: oneOf(SOURCES, row.source), count: integer(row.count), amount: integer(row.amount) };
}

const SOURCES: readonly TransactionSource[] = ["merchant", "receipt", "gateway"];
const STATES: readonly TransactionState[] = [1, 2, -1, -2];
const STATUSES: readonly PaymentStatus[] = ["PENDING", "PAID", "CANCELLED", "FAILED"];

function oneOf<Value>(known: readonly Value[], value: unknown): Value {
  const found = known.find((each) => each === value);
  if (found !== undefined) return found;
  throw new TypeError(`the database gave ${String(value)}, which none of ${known.join(", ")} is`);
}

function money(value: unknown): Tiyin {
  return tiyin(integer(value));
}

function record(value: unknown): Record<string, unknown> | null {
  const parsed = nullable(value, json);
  return isRecord(parsed) ? parsed : null;
}

function receivers(value: unknown): Receiver[] {
  const parsed = json(value);
  return Array.isArray(parsed) ? parsed.map((each) => ({ id: text(each?.id), amount: integer(each?.amount) })) : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
