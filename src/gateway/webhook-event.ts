import type { Clock } from "../kit/clock";
import { PaymeValidationError } from "../kit/errors";
import { isRecord } from "../kit/json";
import { isTiyin, type Tiyin } from "../kit/money";

/** A receipt was paid. */
export interface PaymentPaidEvent {
  readonly type: "payment.paid";
  /** The receipt's id at Payme. */
  readonly transactionId: string;
  readonly chequeId: string | null;
  readonly amount: Tiyin;
  /** In ms; the time of arrival where the notification has none. */
  readonly paidAt: number;
  /**
   * True where it has a JSON-RPC `id`, as a call to Payme has and a notification has not: it proves nothing alone.
   * `payments.recordWebhook` then asks Payme, and the receipt decides.
   */
  readonly hasCallId: boolean;
  /** The notification as received. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** A receipt was cancelled before it was paid, or refunded. */
export interface PaymentCancelledEvent {
  readonly type: "payment.cancelled";
  readonly transactionId: string;
  readonly chequeId: string | null;
  readonly amount: Tiyin | null;
  /** In ms; the time of arrival where the notification has none. */
  readonly cancelledAt: number;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** A signed notification with a method that the guide does not name. */
export interface UnknownEvent {
  readonly type: "unknown";
  readonly method: string;
  /** Empty where the notification has no object `params`. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** A notification whose signature is right. */
export type WebhookEvent = PaymentPaidEvent | PaymentCancelledEvent | UnknownEvent;

type Members = Readonly<Record<string, unknown>>;

/** Times below this are seconds, as in the guide; others are ms. The same number of ms would be in 1973. */
const SECONDS_BELOW = 100_000_000_000;
/** The end of the year 9999. A later time can be neither stored nor printed. */
const LATEST_MS = 253_402_300_799_999;
const MAX_ID_LENGTH = 128;

/** Reads the event of a notification. Unknown members are let through. */
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
  const ids = idsOf(params);
  const amount = amountOf(params);
  const paidAt = timeOf(params, "paid_at") ?? now();
  return { type: "payment.paid", ...ids, amount, paidAt, hasCallId: hasCallId(raw), raw };
}

/** Calls to Payme are signed with the same secret: sent back to us, our own refused cancel would look like Payme's word. */
function cancelledEvent(params: Members, raw: Members, now: Clock): WebhookEvent {
  if (hasCallId(raw)) {
    throw new PaymeValidationError("a receipts.cancel with a JSON-RPC id is a call to Payme, not a notification", {
      hint: "A notification has no id. Find out who sent it: it has the signature of one of your own calls.",
    });
  }
  const ids = idsOf(params);
  const amount = isMissing(params.amount) ? null : amountOf(params);
  return { type: "payment.cancelled", ...ids, amount, cancelledAt: timeOf(params, "cancelled_at") ?? now(), raw };
}

function hasCallId({ id }: Members): boolean {
  return !isMissing(id);
}

function requireParams(params: unknown): Members {
  if (isRecord(params)) return params;
  throw invalid("params", "must be an object");
}

function idsOf({ id, cheque_id: chequeId }: Members): { transactionId: string; chequeId: string | null } {
  const problem = `must be a text of 1 to ${MAX_ID_LENGTH} printable characters`;
  if (!isId(id)) throw invalid("params.id", problem);
  if (isMissing(chequeId) || chequeId === "") return { transactionId: id, chequeId: null };
  const text = typeof chequeId === "number" ? String(chequeId) : chequeId;
  if (!isId(text)) throw invalid("params.cheque_id", problem);
  return { transactionId: id, chequeId: text };
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

/** PostgreSQL can store neither U+0000 nor half a surrogate pair: such an id would fail later, in the database. */
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
