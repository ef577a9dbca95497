import { isRecord } from "../../kit/json";
import { tiyin } from "../../kit/money";
import {
  type EventRow,
  incidentKey,
  isIncidentKind,
  type NewEvent,
  type PaymentRow,
  type PaymentStatus,
  type Receiver,
  type ReferenceType,
  type RefundState,
  type SourceTotal,
  type TransactionRow,
  type TransactionSource,
} from "../../ledger";
import type { TransactionState } from "../../protocol/states";
import {
  BIGINT,
  type Codec,
  type Columns,
  columnOf,
  FLAG,
  INTEGER,
  integer,
  JSON_TEXT,
  json,
  MODE,
  MONEY,
  nullable,
  oneOf,
  orNull,
  type RowTable,
  TEXT,
  tableOf,
  text,
} from "./columns";
import type { SqlRow } from "./executor";

/** The first and the last moment of years with four digits. */
const [FIRST_MS, LAST_MS] = [Date.parse("0001-01-01T00:00:00.000Z"), Date.parse("9999-12-31T23:59:59.999Z")];

/**
 * Returns milliseconds as our TIMESTAMP columns hold them: UTC, `YYYY-MM-DD HH:MM:SS.mmm`. A time outside the years 1 to
 * 9999 becomes the nearest one inside.
 */
export function sqlTime(ms: number): string {
  const iso = new Date(Math.min(Math.max(ms, FIRST_MS), LAST_MS)).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}`;
}

const RECORD: Codec<Readonly<Record<string, unknown>>> = { ...JSON_TEXT, decode: (value) => recordOrNull(value) ?? {} };
const RECORD_OR_NULL: Codec<TransactionRow["fiscalPerform"]> = { ...orNull(JSON_TEXT), decode: recordOrNull };
const RECEIVERS: Codec<readonly Receiver[]> = { ...JSON_TEXT, decode: receivers };
const STATUS = oneOf<PaymentStatus>("PENDING", "PAID", "CANCELLED", "FAILED");
const REFUND = oneOf<RefundState>("none", "queued", "refused", "stuck", "done");
const SOURCE = oneOf<TransactionSource>("merchant", "receipt", "gateway");
const REFERENCE_TYPE = oneOf<ReferenceType>("number", "bigint", "string");
const states = oneOf<TransactionState>(1, 2, -1, -2);
const STATE: Codec<TransactionState> = { ...INTEGER, decode: (value) => states.decode(integer(value)) };

function recordOrNull(value: unknown): Record<string, unknown> | null {
  const parsed = nullable(value, json);
  return isRecord(parsed) ? parsed : null;
}

function receivers(value: unknown): Receiver[] {
  const parsed = json(value);
  return Array.isArray(parsed)
    ? parsed.map((each) => ({ id: text(each?.id), amount: tiyin(integer(each?.amount)) }))
    : [];
}

const TRANSACTION: Columns<TransactionRow> = {
  cashbox: ["cashbox", TEXT],
  mode: ["mode", MODE],
  paymeId: ["payme_id", TEXT],
  source: ["source", SOURCE],
  transaction: ["transaction_id", TEXT],
  state: ["state", STATE],
  reference: ["order_key", TEXT],
  referenceType: ["reference_type", REFERENCE_TYPE],
  orderSpace: ["order_space", TEXT],
  oneTime: ["one_time", FLAG],
  amount: ["amount", MONEY],
  account: ["account", RECORD],
  time: ["time", BIGINT],
  createTime: ["create_time", BIGINT],
  performTime: ["perform_time", BIGINT],
  cancelTime: ["cancel_time", BIGINT],
  reason: ["reason", orNull(BIGINT)],
  receivers: ["receivers", orNull(RECEIVERS)],
  fiscalPerform: ["fiscal_perform", RECORD_OR_NULL],
  fiscalCancel: ["fiscal_cancel", RECORD_OR_NULL],
};

const PAYMENT: Columns<PaymentRow> = {
  cashbox: ["cashbox", TEXT],
  mode: ["mode", MODE],
  id: ["id", TEXT],
  kind: ["kind", TEXT],
  userId: ["user_id", TEXT],
  reference: ["reference", orNull(TEXT)],
  amount: ["amount", MONEY],
  paidAmount: ["paid_amount", orNull(MONEY)],
  status: ["status", STATUS],
  description: ["description", orNull(TEXT)],
  data: ["data", orNull(JSON_TEXT)],
  createdAt: ["created_ms", BIGINT],
  updatedAt: ["updated_ms", BIGINT],
  paidAt: ["paid_ms", orNull(BIGINT)],
  cancelledAt: ["cancelled_ms", orNull(BIGINT)],
  refund: ["refund", REFUND],
  refundedAt: ["refunded_ms", orNull(BIGINT)],
  refundDoubtedAt: ["refund_doubted_ms", orNull(BIGINT)],
  transactionId: ["payme_transaction_id", orNull(TEXT)],
  chequeId: ["payme_cheque_id", orNull(TEXT)],
  payUrl: ["pay_url", orNull(TEXT)],
  paidBy: ["paid_by", orNull(TEXT)],
  paidSource: ["paid_source", orNull(SOURCE)],
  unfulfilled: ["unfulfilled", FLAG],
  hold: ["hold", FLAG],
  held: ["held", FLAG],
  heldAt: ["held_ms", orNull(BIGINT)],
  errorCode: ["payme_error_code", orNull(TEXT)],
  errorMessage: ["payme_error_message", orNull(TEXT)],
  webhookReceivedAt: ["webhook_received_ms", orNull(BIGINT)],
  cancelRequestedAt: ["cancel_requested_ms", orNull(BIGINT)],
  nextCheckAt: ["next_check_ms", orNull(BIGINT)],
  checks: ["checks", INTEGER],
  chargeUntil: ["charge_until_ms", orNull(BIGINT)],
};

const EVENT: Columns<EventRow> = {
  cashbox: ["cashbox", TEXT],
  mode: ["mode", MODE],
  id: ["id", BIGINT],
  kind: ["kind", TEXT],
  subject: ["subject", TEXT],
  paymeId: ["payme_id", orNull(TEXT)],
  at: ["at_ms", BIGINT],
  data: ["data", orNull(JSON_TEXT)],
  deliverAt: ["deliver_ms", orNull(BIGINT)],
  attempts: ["attempts", INTEGER],
  leaseToken: ["lease_token", orNull(TEXT)],
  leaseUntil: ["lease_until_ms", orNull(BIGINT)],
  deliveredAt: ["delivered_ms", orNull(BIGINT)],
  parkedAt: ["parked_ms", orNull(BIGINT)],
  resolvedAt: ["resolved_ms", orNull(BIGINT)],
  resolvedBy: ["resolved_by", orNull(TEXT)],
  note: ["note", orNull(TEXT)],
};

export const transactionTable = tableOf(TRANSACTION);

export const paymentTable = tableOf(PAYMENT);

export const eventTable: RowTable<EventRow, NewEvent> = {
  decode: tableOf(EVENT).decode,
  inserted: [
    ...(["cashbox", "mode", "kind", "subject", "at"] as const).map((member) => columnOf(EVENT, member)),
    { name: "payme_id", type: "text", encode: ({ paymeId }) => paymeId ?? null },
    { name: "data", type: "text", encode: ({ data }) => EVENT.data[1].encode(data) },
    { name: "deliver_ms", type: "bigint", encode: ({ deliverAt }) => deliverAt ?? null },
    { name: "is_incident", type: "integer", encode: ({ kind }) => Number(isIncidentKind(kind)) },
    { name: "incident_key", type: "text", encode: incidentKey },
  ],
};

/** Decodes the total of one source. */
export function totalOf({ source, count, amount }: SqlRow): SourceTotal {
  return { source: SOURCE.decode(source), count: integer(count), amount: tiyin(integer(amount)) };
}
