import { PaymeValidationError } from "../kit/errors";
import { tiyin } from "../kit/money";
import {
  type BookState,
  type Cursor,
  type Difference,
  differenceOf,
  type EventRow,
  incidentKinds,
  type MoneyTotal,
  type PaymentRow,
  type PaymentTotals,
} from "../ledger";
import { compareStatement, type StatementComparison, type StatementRow } from "../merchant/compare-statement";
import type { Receipt } from "../protocol/receipt";
import { TransactionState } from "../protocol/states";
import { type ClientContext, hasClient, type PaymentsClient, type PaymentsContext } from "./context";
import { endOf, unlessUnknown } from "./settle-receipt";

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

const TASHKENT_MINUTES = 300;
/** The most minutes that a zone is ahead of UTC. */
const MOST_MINUTES = 840;
const DAY_MS = 86_400_000;
/** Payme's page size. */
const RECEIPTS_PAGE = 50;
const PAYMENTS_PAGE = 500;

type Comparison = Pick<StatementComparison, "compared" | "differences">;

/** `from <= time < to`, in ms since 1970. */
interface Period {
  readonly from: number;
  readonly to: number;
}

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

/**
 * Compares Payme's receipts of a period with our payments, and our payments that a receipt paid in the period with Payme.
 * Only money is compared: a receipt that was never paid is no difference, as long as our books agree.
 */
async function compareReceipts<Tx>(context: ClientContext<Tx>, period: Period): Promise<Comparison> {
  const { storage, scope, client } = context;
  const seen = new Set<string>();
  const differences: Difference[] = [];
  const compare = (id: string, theirs: BookState | null, payment: PaymentRow | undefined) => {
    seen.add(id);
    const difference = differenceOf(id, theirs, ourState(id, payment));
    if (difference !== undefined) differences.push(difference);
  };
  for await (const receipt of receiptsOf(client, period)) {
    if (seen.has(receipt._id)) continue;
    const payment = await storage.findPayment(scope, { paymeId: receipt._id });
    compare(receipt._id, theirState(receipt), payment);
  }
  for await (const payment of paidByReceipt(context, period)) {
    if (payment.paidBy === null || seen.has(payment.paidBy)) continue;
    const receipt = await unlessUnknown(client.receipts.get(payment.paidBy));
    compare(payment.paidBy, receipt === undefined ? null : theirState(receipt), payment);
  }
  return { compared: seen.size, differences };
}

/** The state of a receipt that took money, or gave it back; null for others. */
function theirState({ amount, state, pay_time: payTime = 0 }: Receipt): BookState | null {
  const end = endOf(state);
  if (end === "paid") return { amount, state: TransactionState.PERFORMED };
  return end === "cancelled" && payTime > 0 ? { amount, state: TransactionState.REFUNDED } : null;
}

/** The state of that receipt in our books; null for a payment that another one paid. */
function ourState(id: string, payment: PaymentRow | undefined): BookState | null {
  if (payment === undefined || payment.paidBy !== id) return null;
  const state = payment.status === "PAID" ? TransactionState.PERFORMED : TransactionState.REFUNDED;
  return { amount: payment.amount, state };
}

async function* receiptsOf(client: PaymentsClient, { from, to }: Period): AsyncIterable<Receipt> {
  for (let offset = 0; ; offset += RECEIPTS_PAGE) {
    const page = await client.receipts.getAll({ from, to: to - 1, count: RECEIPTS_PAGE, offset });
    yield* page;
    if (page.length < RECEIPTS_PAGE) return;
  }
}

async function* paidByReceipt<Tx>({ storage, scope }: PaymentsContext<Tx>, period: Period): AsyncIterable<PaymentRow> {
  for (let after: Cursor | undefined; ; ) {
    const page = await storage.listPaid(scope, { ...period, after, limit: PAYMENTS_PAGE });
    yield* page.filter(({ paidSource }) => paidSource !== "merchant");
    const last = page.at(-1);
    if (last === undefined || page.length < PAYMENTS_PAGE) return;
    after = { time: last.paidAt ?? 0, id: last.id };
  }
}
