import * as z from "zod";
import { somSchema } from "./som";

const MAX_DURATION_DAYS = 36_500;
const MAX_DURATION_MONTHS = 1_200;
const MAX_TARIFF_ID = 2_147_483_647;

/** One line of text: no control characters, nothing that is not Unicode (U+FFFD is what broken bytes turn into). */
export const plainText = (maxLength: number) =>
  z
    .string()
    .min(1, "must not be empty")
    .max(maxLength, `must have at most ${maxLength} characters`)
    .regex(/^[^\p{Cc}\p{Cs}\uFFFD]*$/u, "must be plain text");

const price = somSchema("Whole som");
const durationDays = z.int().min(1).max(MAX_DURATION_DAYS);

/** Whole numbers are ids, too: they are kept as text. */
const userId = z.union([plainText(200), z.int().min(0)]);

const tariffFields = z.object({
  name: plainText(200),
  price,
  duration_days: durationDays.optional(),
  duration_months: z.int().min(1).max(MAX_DURATION_MONTHS).optional().describe("Calendar months, in place of days"),
  is_active: z.boolean().optional(),
});

export const newTariffSchema = tariffFields.refine(
  ({ duration_days, duration_months }) => (duration_days === undefined) !== (duration_months === undefined),
  { path: ["duration_days"], message: "give duration_days, or duration_months in its place" },
);

export const tariffChangesSchema = tariffFields
  .partial()
  .refine((fields) => Object.values(fields).some((field) => field !== undefined), "give at least one field to change");

export const newPaymentSchema = z.object({
  user_id: userId,
  tariff_id: z.int().min(1).max(MAX_TARIFF_ID),
  amount: somSchema("Som: the tariff's price"),
  description: plainText(500).nullish(),
});

/** A token of `cards.verify`, made with `save: true`, and what its owner agreed to. */
export const subscribeSchema = z.object({
  token: plainText(1_024).describe("Of a card that was verified; charged again until the subscription is cancelled"),
  consent: z.object({
    text: plainText(2_000).describe("What the user was shown and agreed to"),
    version: plainText(100).describe("Your name of that text"),
  }),
});

/** A whole number in a query or a path, as text. */
const digits = z.string().regex(/^\d{1,15}$/, "must be a whole number");
const wholeNumber = digits.transform(Number);

/** A tariff's id in a path. */
export const tariffIdSchema = wholeNumber.pipe(z.number().min(1).max(MAX_TARIFF_ID));

export const tariffListSchema = z.object({
  skip: wholeNumber.default(0),
  limit: wholeNumber.pipe(z.number().min(1).max(100)).default(10),
  active_only: z
    .enum(["true", "false", "1", "0"])
    .transform((word) => word === "true" || word === "1")
    .default(false),
});

const moment = z.iso.datetime().transform((text) => Date.parse(text));

export const statisticsSchema = z.object({
  user_id: plainText(200).optional(),
  from: moment.optional().describe("Payments made from this time on"),
  to: moment.optional().describe("Payments made before this time"),
});

/** The header that makes a repeated purchase the same one. */
export const idempotencyKeySchema = plainText(200).optional();

const time = z.string().describe("YYYY-MM-DDTHH:MM:SSZ");
const count = z.int().min(0);

export const tariffAnswer = z.object({
  id: z.int(),
  name: z.string(),
  price: z.int(),
  duration_days: z.int(),
  duration_months: z
    .int()
    .optional()
    .describe("Where it is sold by calendar months; duration_days is then 30 for each"),
  is_active: z.boolean(),
});

export const tariffChangedAnswer = z.object({ message: z.string(), tariff: tariffAnswer });

export const tariffListAnswer = z.object({
  total: count,
  tariffs: z.array(tariffAnswer),
  page: z.int(),
  size: z.int(),
});

export const paymentData = z.object({
  payment_id: z.string().describe("Our own id"),
  transaction_id: z.string().nullable(),
  cheque_id: z.string().nullable(),
  user_id: z.string(),
  tariff_id: z.int().nullable(),
  amount: z.int().describe("Tiyin"),
  status: z.enum(["PENDING", "PAID", "CANCELLED", "FAILED"]),
  created_at: time,
  paid_at: time.nullable(),
  payme_error_code: z.string().nullable(),
  payme_error_message: z.string().nullable(),
});

export const createdAnswer = z.object({
  success: z.literal(true),
  transaction_id: z.string(),
  cheque_id: z.string().nullable(),
  pay_url: z.string(),
  data: paymentData.extend({
    checkout_url: z.string().optional().describe("A checkout link for it, where the Merchant API is set up"),
  }),
});

export const statusAnswer = z.object({
  success: z.literal(true),
  status: paymentData.shape.status,
  amount: z.int().describe("Tiyin"),
  paid_at: time.nullable(),
  data: paymentData.extend({
    incident: z
      .object({ kind: z.string(), since: time, message: z.string().describe("For the payer") })
      .optional()
      .describe("The oldest open incident of the payment: a person looks after it"),
  }),
});

export const cancelledAnswer = z.object({
  success: z.literal(true),
  message: z.string(),
  data: z.object({ refund: z.enum(["queued", "done"]) }),
});

export const grantAnswer = z.object({
  success: z.literal(true),
  outcome: z.enum(["applied", "already_applied"]),
  tariff_id: z.int().nullable(),
  tariff_expires_at: time.nullable(),
});

export const purchaseAnswer = z.object({
  success: z.literal(true),
  message: z.string(),
  tariff: tariffAnswer,
  payment_url: z.string(),
  transaction_id: z.string(),
});

export const statisticsAnswer = z.object({
  total_payments: count,
  successful_payments: count,
  success_rate: z.number().describe("Percent"),
  total_webhooks: count.describe("Payments, as in the guide's query"),
  processed_webhooks: count.describe("Payments of which a notification came"),
  error_codes: z.array(z.object({ payme_error_code: z.string(), error_count: count })),
  pending_payments: count,
  failed_payments: count,
  cancelled_payments: count,
  incidents: count.describe("Open ones, of any time"),
  queued_refunds: count.describe("Refunds whose money is not back, of any time"),
});

export const incidentListSchema = z.object({
  after: z.coerce.number().int().min(0).optional().describe("The id of the last incident of the page before"),
  limit: z.coerce.number().int().min(1).max(100).default(100),
});

export const incidentAnswer = z.object({
  id: z.int(),
  kind: z.string(),
  payment_id: z.string().describe("The Payme id where no payment is known"),
  transaction_id: z.string().nullable(),
  amount: z.int().nullable().describe("Tiyin"),
  since: time,
  what_to_do: z.string(),
  resolved_at: time.nullable(),
  resolved_by: z.string().nullable(),
  note: z.string().nullable(),
});

export const incidentsAnswer = z.object({ success: z.literal(true), incidents: z.array(incidentAnswer) });

const note = z.string().trim().min(1).max(1_000).describe("Why; kept with the incident");
export const resolveSchema = z.object({ note });
export const resolvedAnswer = z.object({ success: z.literal(true), incident: incidentAnswer });

/** Until a moment, or for days. With days, `payment_id` or the header `Idempotency-Key` tells a repeat. */
export const grantSchema = z.object({
  user_id: userId,
  until: z.iso.datetime().optional(),
  days: durationDays.optional(),
  note: plainText(200),
  payment_id: plainText(200).optional(),
});

export const acceptSchema = z.object({
  note,
  payment_id: z.string().max(128).optional().describe("Needed where the incident names no payment"),
});
export const acceptedAnswer = z.object({
  success: z.literal(true),
  outcome: z.enum(["applied", "already_applied"]),
  payment_id: z.string(),
});

export const storyAnswer = z.object({
  success: z.literal(true),
  payment_id: z.string().nullable(),
  status: paymentData.shape.status.nullable(),
  refund: z.string().nullable(),
  sums: z.object({ taken: z.int(), refunding: z.int(), refunded: z.int() }).describe("Tiyin"),
  entries: z.array(
    z.object({
      at: time,
      who: z.enum(["payer", "payme", "us", "person"]),
      what: z.string(),
      verdict: z.string(),
      amount: z.int().nullable().describe("Tiyin"),
      transaction_id: z.string().nullable(),
      trace: z.string().nullable(),
    }),
  ),
});

export const userAnswer = z.object({
  id: z.string(),
  tariff_id: z.int().nullable(),
  tariff_expires_at: time.nullable(),
  tariff: tariffAnswer.nullable(),
});

const interval = z.union([z.object({ months: z.int() }), z.object({ days: z.int() })]);

export const subscriptionData = z.object({
  id: z.string(),
  tariff_id: z.int().nullable(),
  tariff: z.string().nullable().describe("Its name"),
  state: z.enum(["INCOMPLETE", "TRIALING", "ACTIVE", "PAST_DUE", "PAUSED", "ENDED"]),
  amount: z.int().describe("Tiyin for each period"),
  every: interval,
  current_period_end: time.nullable().describe("Until when it is paid"),
  next_charge_at: time.nullable().describe("Null where none comes: it is cancelled, or another card is needed"),
  card: z.string().nullable().describe("The card's number, masked"),
  cancel_at_period_end: z.boolean(),
});

export const subscriptionAnswer = z.object({
  success: z.literal(true),
  subscription: subscriptionData.nullable().describe("Null where none runs"),
});

export const cancelledSubscriptionAnswer = subscriptionAnswer.extend({ message: z.string().describe("For the payer") });

export const subscribedAnswer = cancelledSubscriptionAnswer.extend({
  outcome: z
    .enum(["active", "trialing", "unknown", "needs_consent", "waiting", "paused", "ended"])
    .describe("active: paid. unknown, waiting: the end of the charge is not known yet"),
});

export const healthAnswer = z.object({ success: z.literal(true), status: z.literal("ok"), database: z.string() });

export const webhookSchema = z.object({
  method: z.string().describe("receipts.pay or receipts.cancel"),
  params: z.record(z.string(), z.unknown()),
});

export const webhookAnswer = z.object({ result: z.literal("ok") });

export const errorAnswer = z.object({
  success: z.literal(false),
  error: z.string().describe("For the payer, by Accept-Language: uz, ru, else en"),
  message: z.string().describe("The same as error"),
  data: z.object({ error_code: z.string(), response_data: z.unknown(), hint: z.string().describe("For developers") }),
});
