import { isRecord } from "../kit/json";
import { tiyin } from "../kit/money";
import {
  BIGINT,
  type Codec,
  type Columns,
  FLAG,
  INTEGER,
  integer,
  JSON_TEXT,
  json,
  MODE,
  MONEY,
  oneOf,
  orNull,
  type RowTable,
  TEXT,
  tableOf,
  text,
} from "../storage/sql/columns";
import type { Migrations } from "../storage/sql/migrations";
import { indexName, named, quoted } from "../storage/sql/tables";
import type { Interval } from "./boundaries";
import type {
  AttemptOutcome,
  AttemptRow,
  CardRow,
  EndCause,
  PeriodRow,
  PeriodState,
  PlanChange,
  SubscriptionRow,
  SubscriptionState,
} from "./rows";

/** The names of the tables that subscriptions need. */
export interface SubscriptionTableNames {
  readonly card: string;
  readonly subscription: string;
  readonly period: string;
  readonly attempt: string;
}

/** The names with schema, checked. */
export function subscriptionTableNames(
  names: { readonly [Table in keyof SubscriptionTableNames]?: string | undefined } = {},
  schema?: string | undefined,
): SubscriptionTableNames {
  const { card = "payme_card", subscription = "payme_subscription" } = names;
  const { period = "payme_period", attempt = "payme_attempt" } = names;
  return {
    card: named(card, schema),
    subscription: named(subscription, schema),
    period: named(period, schema),
    attempt: named(attempt, schema),
  };
}

function intervalOf(value: unknown): Interval {
  const parsed = json(value);
  if (isRecord(parsed) && "months" in parsed) return { months: integer(parsed.months) };
  return { days: integer(isRecord(parsed) ? parsed.days : parsed) };
}

const INTERVAL: Codec<Interval> = { ...JSON_TEXT, encode: (value) => JSON.stringify(value), decode: intervalOf };
const CHANGE: Codec<PlanChange> = {
  type: "text",
  encode: (value) => JSON.stringify(value),
  decode(value) {
    const parsed = json(value);
    if (!isRecord(parsed)) throw new TypeError("the database gave no change of a plan");
    return { plan: text(parsed.plan), amount: tiyin(integer(parsed.amount)), every: intervalOf(parsed.every) };
  },
};
const CARD_STATE = oneOf<CardRow["state"]>("ATTACHED", "DEAD", "REMOVED");
const STATE = oneOf<SubscriptionState>("INCOMPLETE", "TRIALING", "ACTIVE", "PAST_DUE", "PAUSED", "ENDED");
const CAUSE = oneOf<EndCause>("asked", "unpaid", "card", "refunded");
const PERIOD_STATE = oneOf<PeriodState>(
  "DUE",
  "PAYING",
  "RETRY",
  "NEEDS_CARD",
  "NEEDS_CONSENT",
  "UNKNOWN",
  "PAID",
  "VOID",
  "REFUND_QUEUED",
  "REFUND_REFUSED",
  "REFUNDED",
);
const OUTCOME = oneOf<AttemptOutcome>("paid", "declined", "unknown", "cancelled", "not_sent");

const CARD: Columns<CardRow> = {
  cashbox: ["cashbox", TEXT],
  mode: ["mode", MODE],
  id: ["id", TEXT],
  owner: ["owner", TEXT],
  sealed: ["sealed_token", orNull(TEXT)],
  tokenHash: ["token_hash", TEXT],
  mask: ["mask", TEXT],
  expiresAt: ["expires_ms", orNull(BIGINT)],
  state: ["state", CARD_STATE],
  checkedAt: ["checked_ms", BIGINT],
  consentVersion: ["consent_version", TEXT],
  consentText: ["consent_text", TEXT],
  consentAt: ["consent_ms", BIGINT],
  noticed: ["noticed_days", orNull(INTEGER)],
  createdAt: ["created_ms", BIGINT],
};

const SUBSCRIPTION: Columns<SubscriptionRow> = {
  cashbox: ["cashbox", TEXT],
  mode: ["mode", MODE],
  id: ["id", TEXT],
  owner: ["owner", TEXT],
  plan: ["plan", TEXT],
  state: ["state", STATE],
  amount: ["amount", MONEY],
  consented: ["consented", MONEY],
  credit: ["credit", MONEY],
  every: ["every", INTERVAL],
  anchor: ["anchor_ms", BIGINT],
  firstNumber: ["first_number", INTEGER],
  number: ["number", INTEGER],
  cardId: ["card_id", TEXT],
  description: ["description", orNull(TEXT)],
  data: ["data", orNull(JSON_TEXT)],
  trialDays: ["trial_days", INTEGER],
  accessUntil: ["access_ms", BIGINT],
  cancelAtEnd: ["cancel_at_end", FLAG],
  change: ["change", orNull(CHANGE)],
  createdAt: ["created_ms", BIGINT],
  updatedAt: ["updated_ms", BIGINT],
  endedAt: ["ended_ms", orNull(BIGINT)],
  cause: ["cause", orNull(CAUSE)],
  nextAt: ["next_ms", orNull(BIGINT)],
};

const PERIOD: Columns<PeriodRow> = {
  cashbox: ["cashbox", TEXT],
  mode: ["mode", MODE],
  subscriptionId: ["subscription_id", TEXT],
  number: ["number", INTEGER],
  start: ["start_ms", BIGINT],
  end: ["end_ms", BIGINT],
  amount: ["amount", MONEY],
  credit: ["credit", MONEY],
  state: ["state", PERIOD_STATE],
  k: ["k", INTEGER],
  paymentId: ["payment_id", orNull(TEXT)],
  receiptId: ["receipt_id", orNull(TEXT)],
  attempts: ["attempts", INTEGER],
  pays: ["pays", INTEGER],
  fundsDeclines: ["funds_declines", INTEGER],
  otherDeclines: ["other_declines", INTEGER],
  unsent: ["unsent", INTEGER],
  unknownAt: ["unknown_ms", orNull(BIGINT)],
  repays: ["repays", INTEGER],
  firstTriedAt: ["first_tried_ms", orNull(BIGINT)],
  nextAt: ["next_ms", orNull(BIGINT)],
  graceUntil: ["grace_ms", orNull(BIGINT)],
  reason: ["reason", orNull(TEXT)],
  code: ["code", orNull(TEXT)],
  paidAt: ["paid_ms", orNull(BIGINT)],
  updatedAt: ["updated_ms", BIGINT],
};

const ATTEMPT: Columns<AttemptRow> = {
  cashbox: ["cashbox", TEXT],
  mode: ["mode", MODE],
  subscriptionId: ["subscription_id", TEXT],
  number: ["number", INTEGER],
  attempt: ["attempt", INTEGER],
  cardId: ["card_id", TEXT],
  paymentId: ["payment_id", TEXT],
  receiptId: ["receipt_id", orNull(TEXT)],
  startedAt: ["started_ms", BIGINT],
  endedAt: ["ended_ms", orNull(BIGINT)],
  outcome: ["outcome", orNull(OUTCOME)],
  reason: ["reason", orNull(TEXT)],
  code: ["code", orNull(TEXT)],
};

export const cardTable = tableOf(CARD);
export const subscriptionTable = tableOf(SUBSCRIPTION);
export const periodTable = tableOf(PERIOD);
export const attemptTable = tableOf(ATTEMPT);

/** The column definitions of a table: what may be NULL is in `nullable`. */
function columnsOf<Row>({ inserted }: RowTable<Row, Row>, nullable: readonly string[]): string {
  return inserted
    .map(({ name, type }) => `${name} ${type.toUpperCase()}${nullable.includes(name) ? " NULL" : " NOT NULL"}`)
    .join(",\n          ");
}

/** The steps that make the tables. */
export function subscriptionMigrations(tables: SubscriptionTableNames): Migrations {
  const [card, subscription] = [quoted(tables.card), quoted(tables.subscription)];
  const [period, attempt] = [quoted(tables.period), quoted(tables.attempt)];
  const { card: c, subscription: s, period: p } = tables;
  return {
    part: "subscriptions",
    steps: [
      [
        `CREATE TABLE ${card} (
          ${columnsOf(cardTable, ["sealed_token", "expires_ms", "noticed_days"])},
          PRIMARY KEY (id)
        )`,
        `CREATE UNIQUE INDEX ${indexName(c, "token")} ON ${card} (token_hash, cashbox, mode)`,
        `CREATE INDEX ${indexName(c, "owner")} ON ${card} (owner, cashbox, mode)`,
        `CREATE TABLE ${subscription} (
          ${columnsOf(subscriptionTable, ["description", "data", "change", "ended_ms", "cause", "next_ms"])},
          PRIMARY KEY (id)
        )`,
        `CREATE UNIQUE INDEX ${indexName(s, "live")} ON ${subscription} (owner, plan, cashbox, mode)
          WHERE state <> 'ENDED'`,
        `CREATE INDEX ${indexName(s, "owner")} ON ${subscription} (owner, plan, cashbox, mode)`,
        `CREATE INDEX ${indexName(s, "next")} ON ${subscription} (cashbox, mode, next_ms, id)
          WHERE next_ms IS NOT NULL`,
        `CREATE INDEX ${indexName(s, "state")} ON ${subscription} (cashbox, mode, state)`,
        // No foreign keys: a row that was deleted by hand must not make a payment fail.
        `CREATE TABLE ${period} (
          ${columnsOf(periodTable, [
            "payment_id",
            "receipt_id",
            "unknown_ms",
            "first_tried_ms",
            "next_ms",
            "grace_ms",
            "reason",
            "code",
            "paid_ms",
          ])},
          PRIMARY KEY (subscription_id, number)
        )`,
        `CREATE UNIQUE INDEX ${indexName(p, "payment")} ON ${period} (payment_id) WHERE payment_id IS NOT NULL`,
        `CREATE INDEX ${indexName(p, "paid")} ON ${period} (cashbox, mode, paid_ms) WHERE paid_ms IS NOT NULL`,
        `CREATE TABLE ${attempt} (
          ${columnsOf(attemptTable, ["receipt_id", "ended_ms", "outcome", "reason", "code"])},
          PRIMARY KEY (subscription_id, number, attempt)
        )`,
      ],
    ],
  };
}
