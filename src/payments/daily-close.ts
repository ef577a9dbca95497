import { DAY_MS } from "../kit/calendar";
import { PaymeValidationError } from "../kit/errors";
import { tiyin } from "../kit/money";
import { type Difference, type EventRow, incidentKinds, type MoneyTotal, type PaymentTotals } from "../ledger";
import { compareStatement, type StatementComparison, type StatementRow } from "../merchant/compare-statement";
import { differenceIn, type Period, pairsOf, TASHKENT_MINUTES } from "./compare-receipts";
import { type ClientContext, hasClient, type PaymentsContext } from "./context";

/** Options of a day's close. */
export interface DailyCloseOptions {
  /** Minutes that the day's zone is ahead of UTC. Default 300: Tashkent, which has no summer time. */
  readonly utcOffsetMinutes?: number | undefined;
  /** Payme's transactions of that day, where payments come by the Merchant API: an export from its cabinet. */
  readonly statement?: Iterable<StatementRow> | AsyncIterable<StatementRow> | undefined;
}

/** A day in sums. */
export interface DailyClose {
  readonly day: string;
  /** The day's first moment, and the first of the next one, in ms since 1970. */
  readonly from: number;
  readonly to: number;
  /** False while the day goes on: the sums can still change. */
  readonly isOver: boolean;
  readonly paid: MoneyTotal;
  /** Refunds that began on that day, and whose money is not back yet. */
  readonly refunding: MoneyTotal;
  /** Refunds whose money went back on that day. */
  readonly refunded: MoneyTotal;
  /** What was paid less what was refunded, in tiyin. No `Tiyin`: it is below 0 on a day of refunds. */
  readonly net: number;
  /** The same sums for each source of our knowledge. */
  readonly sources: readonly PaymentTotals[];
  /** How many of Payme's receipts and transactions were compared with ours. */
  readonly compared: number;
  /** Where Payme's books and ours differ. Look at those with `isPaid` first. */
  readonly differences: readonly Difference[];
  /** Open incidents of any day: the first 100. */
  readonly incidents: readonly EventRow[];
}

/** The most minutes that a zone is ahead of UTC. */
const MOST_MINUTES = 840;

type Comparison = Pick<StatementComparison, "compared" | "differences">;

/**
 * Sums up a day and compares it with Payme's receipts, where there is a client, and with the rows of a statement, where
 * they are given. It changes nothing: run it again whenever you like.
 *
 * @throws PaymeValidationError where `day` is not a day, or the offset is out of range; and what the client throws.
 */
export async function dailyClose<Tx>(
  context: PaymentsContext<Tx>,
  day: string,
  { utcOffsetMinutes = TASHKENT_MINUTES, statement }: DailyCloseOptions = {},
): Promise<DailyClose> {
  const { storage, scope, now } = context;
  if (!(Math.abs(utcOffsetMinutes) <= MOST_MINUTES)) {
    throw new PaymeValidationError(`dailyClose: utcOffsetMinutes ${utcOffsetMinutes} is out of range`, {
      hint: "Give minutes ahead of UTC, from -840 to 840; Tashkent, the default, is 300.",
    });
  }
  const from = firstMoment(day) - utcOffsetMinutes * 60_000;
  const period = { from, to: from + DAY_MS };
  const sources = await storage.paymentTotals(scope, period);
  const paid = sumOf(sources.map((source) => source.paid));
  const refunding = sumOf(sources.map((source) => source.refunding));
  const refunded = sumOf(sources.map((source) => source.refunded));
  const comparisons: Comparison[] = [];
  if (hasClient(context)) comparisons.push(await compareReceipts(context, period));
  // A statement's period includes both its ends.
  const inclusive = { from, to: period.to - 1 };
  if (statement !== undefined) comparisons.push(await compareStatement(storage, scope, statement, inclusive));
  return {
    day,
    ...period,
    isOver: now() >= period.to,
    paid,
    refunding,
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
  throw new PaymeValidationError(`dailyClose: ${JSON.stringify(day)} is not a day; write it as "2026-01-31"`);
}

function sumOf(totals: readonly MoneyTotal[]): MoneyTotal {
  const sum = (member: keyof MoneyTotal) => totals.reduce((all, total) => all + total[member], 0);
  return { count: sum("count"), amount: tiyin(sum("amount")) };
}

async function compareReceipts<Tx>(context: ClientContext<Tx>, period: Period): Promise<Comparison> {
  const differences: Difference[] = [];
  let compared = 0;
  for await (const pair of pairsOf(context, period)) {
    compared += 1;
    const difference = differenceIn(pair);
    if (difference !== undefined) differences.push(difference);
  }
  return { compared, differences };
}
