import * as z from "zod";
import type { Clock } from "../clock";
import { PaymeValidationError } from "../errors";
import { isTiyin, type Tiyin } from "../money";
import type { WebhookEvent } from "./webhook";

/** Times below this are seconds (as in the guide), others ms: the same number of ms would be in 1973. */
const SECONDS_BELOW = 100_000_000_000;
/** The end of the year 9999: a later time could be neither stored nor printed. */
const LATEST_MS = 253_402_300_799_999;

const id = z.string().min(1).max(128);
const chequeId = z.union([z.string().max(256), z.number().transform(String)]).nullish();
const amount = z.custom<Tiyin>((value) => isTiyin(value) && value > 0, "must be a whole number of tiyin above 0");
const time = z.number().nonnegative().max(LATEST_MS).nullish();

const envelope = z.object({ method: z.string().min(1).max(128), params: z.record(z.string(), z.unknown()) });
const paid = z.object({ id, cheque_id: chequeId, amount, paid_at: time });
const cancelled = z.object({ id, cheque_id: chequeId, amount: amount.nullish(), cancelled_at: time });

/** The event that a notification tells of. Members that we do not know are let through. */
export function webhookEvent(raw: Readonly<Record<string, unknown>>, now: Clock): WebhookEvent {
  const { method, params } = parse(envelope, raw, "");
  switch (method) {
    case "receipts.pay": {
      const { id, cheque_id, amount, paid_at } = parse(paid, params, "params.");
      return {
        type: "payment.paid",
        transactionId: id,
        chequeId: cheque_id ?? null,
        amount,
        paidAt: milliseconds(paid_at) ?? now(),
        raw,
      };
    }
    case "receipts.cancel": {
      const { id, cheque_id, amount, cancelled_at } = parse(cancelled, params, "params.");
      return {
        type: "payment.cancelled",
        transactionId: id,
        chequeId: cheque_id ?? null,
        amount: amount ?? null,
        cancelledAt: milliseconds(cancelled_at) ?? now(),
        raw,
      };
    }
    default:
      return { type: "unknown", method, params, raw };
  }
}

function milliseconds(time: number | null | undefined): number | undefined {
  if (time === null || time === undefined) return undefined;
  return Math.round(time < SECONDS_BELOW ? time * 1000 : time);
}

function parse<Shape>(shape: z.ZodType<Shape>, value: unknown, prefix: string): Shape {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${prefix}${path.join(".")}: ${message}`);
  throw new PaymeValidationError(`the notification is not valid: ${problems.join("; ")}`);
}
