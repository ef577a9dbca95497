import { PaymeValidationError } from "../kit/errors";
import { type Difference, type EventRow, incidentKinds, type MoneyTotal, type PaymentTotals } from "../ledger";
import { compareStatement, type StatementRow } from "../merchant/compare-statement";
import { compareReceipts } from "./compare-receipts";
import type { PaymentsContext } from "./context";

/** What a day's close is made with. */
export interface DailyCloseOptions {
  /** Minutes that the day's zone is ahead of UTC. Default 300: Tashkent, which has no summer time. */
  readonly utcOffsetMinutes?: number | undefined;
  /** Payme's transactions of that day, where payments come by the Merchant API: an export from its cabinet. */
  readonly statement?: Iterable<StatementRow> | AsyncIterable<StatementRow> | undefined;
}

/** A day in sums. Amounts are in tiyin. */
export interface DailyClose {
  readonly day: string;
  /** The day's first moment, and the first of the next one, in ms since 1970. */
  readonly from: number;
  readonly to: number;
  /** False while the day goes on: the sums can still change. */
  readonly isOver: boolean;
  readonly paid: MoneyTotal;
  readonly refunded: MoneyTotal;
  /** What was paid less what was refunded; below 0 on a day of refunds. */
  readonly net: number;
  /** The same by the way in which we learned of it. */
  readonly sources: readonly PaymentTotals[];
  /** How many of Payme's receipts and transactions were compared with ours. */
  readonly compared: number;
  /** Where Payme's books and ours differ. Look at those with `isPaid` first. */
  readonly differences: readonly Difference[];
  /** What waits for a person, of whatever day: the first 100. */
  readonly incidents: readonly EventRow[];
}

const TASHKENT_MINUTES = 300;
/** The widest that a zone is ahead of UTC. */
const MOST_MINUTES = 840;
const DAY_MS = 86_400_000;
const NOTHING: MoneyTotal = { count: 0, amount: 0 };

/**
 * Sums up a day and compares it with what Payme says: its receipts, where there is a client, and the rows of a statement,
 * where they are given. It changes nothing: run it again whenever you like.
 *
 * @throws PaymeValidationError where `day` is no day, or the offset is none; and what the client throws where Payme cannot be asked.
 */
export async function dailyClose<Tx>(
  context: PaymentsContext<Tx>,
  day: string,
  { utcOffsetMinutes = TASHKENT_MINUTES, statement }: DailyCloseOptions = {},
): Promise<DailyClose> {
  const { storage, scope, client, now } = context;
  if (!(Math.abs(utcOffsetMinutes) <= MOST_MINUTES)) {
    throw new PaymeValidationError(`dailyClose: utcOffsetMinutes ${utcOffsetMinutes} is no zone's`, {
      hint: "Give minutes ahead of UTC, from -840 to 840; Tashkent, the default, is 300.",
    });
  }
  const from = firstMoment(day) - utcOffsetMinutes * 60_000;
  const period = { from, to: from + DAY_MS };
  const sources = await storage.paymentTotals(scope, period);
  const paid = sumOf(sources.map((source) => source.paid));
  const refunded = sumOf(sources.map((source) => source.refunded));
  const comparisons = [
    ...(client === undefined ? [] : [await compareReceipts(context, client, period)]),
    // Merchant transactions are listed with both ends.
    ...(statement === undefined
      ? []
      : [await compareStatement(storage, scope, statement, { from, to: period.to - 1 })]),
  ];
  return {
    day,
    ...period,
    isOver: now() >= period.to,
    paid,
    refunded,
    net: paid.amount - refunded.amount,
    sources,
    compared: comparisons.reduce((sum, { compared }) => sum + compared, 0),
    differences: comparisons.flatMap(({ differences }) => differences),
    incidents: await storage.listEvents(scope, { kinds: incidentKinds, open: true, limit: 100 }),
  };
}

function firstMoment(day: string): number {
  const at = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  // 2026-02-30 is parsed as a day of March.
  if (Number.isFinite(at) && new Date(at).toISOString().startsWith(day)) return at;
  throw new PaymeValidationError(`dailyClose: ${JSON.stringify(day)} is no day; write it as "2026-01-31"`);
}

function sumOf(totals: readonly MoneyTotal[]): MoneyTotal {
  return totals.reduce(
    (sum, { count, amount }) => ({ count: sum.count + count, amount: sum.amount + amount }),
    NOTHING,
  );
}
