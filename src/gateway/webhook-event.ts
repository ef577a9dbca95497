import type { Clock } from "../kit/clock";
import { PaymeValidationError } from "../kit/errors";
import { isTiyin, type Tiyin } from "../kit/money";

/** Money came in. */
export interface PaymentPaidEvent {
  readonly type: "payment.paid";
  /** The receipt's id at Payme. */
  readonly transactionId: string;
  readonly chequeId: string | null;
  readonly amount: Tiyin;
  /** In ms; where the notification has no time, when it came. */
  readonly paidAt: number;
  /** The notification as received. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** A receipt was cancelled: unpaid, or refunded. */
export interface PaymentCancelledEvent {
  readonly type: "payment.cancelled";
  readonly transactionId: string;
  readonly chequeId: string | null;
  readonly amount: Tiyin | null;
  /** In ms; where the notification has no time, when it came. */
  readonly cancelledAt: number;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Rightly signed, of a method that the guide does not name. */
export interface UnknownEvent {
  readonly type: "unknown";
  readonly method: string;
  /** Empty where the notification has no object of that name. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly raw: Readonly<Record<string, unknown>>;
}

export type WebhookEvent = PaymentPaidEvent | PaymentCancelledEvent | UnknownEvent;

type Members = Readonly<Record<string, unknown>>;

/** Times below this are seconds (as in the guide), others ms: the same number of ms would be in 1973. */
const SECONDS_BELOW = 100_000_000_000;
/** The end of the year 9999: a later time could be neither stored nor printed. */
const LATEST_MS = 253_402_300_799_999;
const MAX_ID_LENGTH = 128;

/** The event that a notification tells of. Members that we do not know are let through. */
export function webhookEvent(raw: Members, now: Clock): WebhookEvent {
  const { method, params } = raw;
  if (!isId(method)) throw invalid("method", "must be a name like receipts.pay");
  switch (method) {
    case "receipts.pay":
      return paidEvent(requireParams(params), raw, now);
    case "receipts.cancel":
      return cancelledEvent(requireParams(params), raw, now);
    default:
      return { type: "unknown", method, params: isRecord(params) ? params : {}, raw };
  }
}

function paidEvent(params: Members, raw: Members, now: Clock): WebhookEvent {
  return {
    type: "payment.paid",
    transactionId: transactionIdOf(params),
    chequeId: chequeIdOf(params),
    amount: amountOf(params),
    paidAt: timeOf(params, "paid_at") ?? now(),
    raw,
  };
}

function cancelledEvent(params: Members, raw: Members, now: Clock): WebhookEvent {
  return {
    type: "payment.cancelled",
    transactionId: transactionIdOf(params),
    chequeId: chequeIdOf(params),
    amount: isMissing(params.amount) ? null : amountOf(params),
    cancelledAt: timeOf(params, "cancelled_at") ?? now(),
    raw,
  };
}

/** True for an object that is no array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function requireParams(params: unknown): Members {
  if (isRecord(params)) return params;
  throw invalid("params", "must be an object");
}

function transactionIdOf({ id }: Members): string {
  if (isId(id)) return id;
  throw invalid("params.id", `must be a text of 1 to ${MAX_ID_LENGTH} printable characters`);
}

function chequeIdOf({ cheque_id: chequeId }: Members): string | null {
  if (isMissing(chequeId) || chequeId === "") return null;
  const text = typeof chequeId === "number" ? String(chequeId) : chequeId;
  if (isId(text)) return text;
  throw invalid("params.cheque_id", `must be a text of 1 to ${MAX_ID_LENGTH} printable characters`);
}

function amountOf({ amount }: Members): Tiyin {
  if (isTiyin(amount) && amount > 0) return amount;
  throw invalid("params.amount", "must be a whole number of tiyin above 0");
}

/** In ms; undefined where it is missing. */
function timeOf(params: Members, name: "paid_at" | "cancelled_at"): number | undefined {
  const time = params[name];
  if (isMissing(time)) return undefined;
  if (typeof time !== "number" || !(time >= 0 && time <= LATEST_MS)) {
    throw invalid(`params.${name}`, "must be a time in seconds or ms since 1970");
  }
  return Math.round(time < SECONDS_BELOW ? time * 1000 : time);
}

/** PostgreSQL can store neither U+0000 nor half a surrogate pair: an id with one would fail in the database instead of here. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

function isId(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= MAX_ID_LENGTH && !UNPRINTABLE.test(value);
}

function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function invalid(member: string, problem: string): PaymeValidationError {
  return new PaymeValidationError(`the notification is not valid: ${member} ${problem}`);
}
