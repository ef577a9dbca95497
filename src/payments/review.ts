import { DAY_MS } from "../kit/calendar";
import { isPaymeError } from "../kit/errors";
import type { Difference, PaymentRow, ReadVerbs, Scope } from "../ledger";
import { ReceiptState } from "../protocol/states";
import { differenceIn, pairsOf, type ReceiptPair, TASHKENT_MINUTES } from "./compare-receipts";
import { type ClientContext, hasClient, type PaymentsContext } from "./context";
import { isRefunding } from "./follow-refund";
import { followStray } from "./follow-stray";
import { CONFLICTS, ownerOf } from "./record-paid";
import { endOf, settleReceipt } from "./settle-receipt";
import { wasTold } from "./was-told";

/** Options of a review. */
export interface ReviewOptions {
  /** In ms. Default: the clock of the payments. */
  readonly now?: number | undefined;
  /** The most days to look at. Default 10; the rest waits for the next run. */
  readonly limit?: number | undefined;
}

/** A day that was looked at. */
export interface ReviewedDay {
  /** As `2026-01-31`, in Tashkent. */
  readonly day: string;
  /** The ages, in days, that this look stands for. */
  readonly ages: readonly number[];
  readonly compared: number;
  /** How many payments were changed by what Payme said. */
  readonly recorded: number;
  /** What still differs, and needs a person. */
  readonly differences: readonly Difference[];
  /** The code of the error that ended the look: the day comes again. */
  readonly error?: string | undefined;
}

/** Results of a review. */
export interface ReviewReport {
  readonly days: readonly ReviewedDay[];
  /** How many days are still due. */
  readonly left: number;
}

/** A day is looked at again when it is so many days old: a refund by hand may come weeks after the payment. */
const AGES = [1, 2, 3, 7, 14, 30, 60, 90] as const;
/** How far back ages are made up that were missed. */
const OLDEST = 120;
/** Kind and subject of the event that keeps when days were first reviewed. */
const BEGUN = "review.begun";
const OFFSET_MS = TASHKENT_MINUTES * 60_000;

/**
 * Closes past days again, at the ages of {@link AGES}, and records what it finds: refunds by hand, and money that no report
 * told. An age is marked once its day was read to the end. Any number of processes may run it.
 */
export async function review<Tx>(context: PaymentsContext<Tx>, options: ReviewOptions): Promise<ReviewReport> {
  const { now = context.now(), limit = 10 } = options;
  if (!hasClient(context)) return { days: [], left: 0 };
  const due = await dueDays(context, now);
  const days: ReviewedDay[] = [];
  for (const { number, ages } of due.slice(0, limit)) days.push(await reviewDay(context, number, ages));
  return { days, left: due.length - days.filter(({ error }) => error === undefined).length };
}

interface DueDay {
  /** Days since 1970, in Tashkent. */
  readonly number: number;
  readonly ages: readonly number[];
}

async function dueDays<Tx>(context: PaymentsContext<Tx>, now: number): Promise<DueDay[]> {
  const { storage, scope } = context;
  const today = dayNumber(now);
  const first = await firstDay(context, now);
  const due: DueDay[] = [];
  for (let number = Math.max(first, today - OLDEST); number < today; number += 1) {
    const marks = await storage.listEvents(scope, { subject: subjectOf(number), limit: AGES.length });
    const marked = new Set(marks.map(({ kind }) => kind));
    const ages = AGES.filter((age) => age <= today - number && !marked.has(markOf(age)));
    if (ages.length > 0) due.push({ number, ages });
  }
  // The newest first: what it finds matters most.
  return due.reverse();
}

/**
 * The day of the first payment in our books that waits or was paid, or of the first review. Where all payments failed, days
 * without a review are made up from that; before it there is yesterday.
 */
async function firstDay<Tx>({ storage, scope }: PaymentsContext<Tx>, now: number): Promise<number> {
  const [begun] = await storage.listEvents(scope, { subject: BEGUN, limit: 1 });
  if (begun === undefined) await storage.appendEvents([{ ...scope, kind: BEGUN, subject: BEGUN, at: now }]);
  const [paid] = await storage.listPaid(scope, { from: 0, to: now, limit: 1 });
  const [pending] = await storage.listPending(scope, { before: now, limit: 1 });
  return dayNumber(Math.min(...[paid?.createdAt, pending?.createdAt, begun?.at, now - DAY_MS].map((at) => at ?? now)));
}

/**
 * Returns the newest day whose first look is a day late: the review does not run. Undefined where it runs, or has had nothing to
 * look at. Only reads.
 */
export async function unreviewedDay(
  storage: Pick<ReadVerbs, "listEvents" | "listPaid">,
  scope: Scope,
  now: number,
): Promise<string | undefined> {
  const number = dayNumber(now) - 2;
  const [begun] = await storage.listEvents(scope, { subject: BEGUN, limit: 1 });
  const [paid] = await storage.listPaid(scope, { from: 0, to: now, limit: 1 });
  const first = Math.min(...[begun?.at, paid?.createdAt].map((at) => at ?? Number.POSITIVE_INFINITY));
  if (first === Number.POSITIVE_INFINITY || dayNumber(first) > number) return undefined;
  const marks = await storage.listEvents(scope, { subject: subjectOf(number), limit: 1 });
  return marks.length === 0 ? dayText(number) : undefined;
}

async function reviewDay<Tx>(
  context: ClientContext<Tx>,
  number: number,
  ages: readonly number[],
): Promise<ReviewedDay> {
  const { storage, scope, now, logger } = context;
  const from = number * DAY_MS - OFFSET_MS;
  const differences: Difference[] = [];
  let [compared, recorded] = [0, 0];
  let failure: { readonly error: unknown } | undefined;
  const seen = () => ({ day: dayText(number), ages, compared, recorded, differences });
  try {
    for await (const pair of pairsOf(context, { from, to: from + DAY_MS })) {
      compared += 1;
      // One payment whose hook fails must not hide the others of its day.
      const payment = await record(context, pair).catch((error: unknown) => {
        failure ??= { error };
        return pair.payment;
      });
      if (payment !== pair.payment) recorded += 1;
      const difference = differenceIn({ ...pair, payment });
      if (difference !== undefined) differences.push(difference);
    }
    if (failure !== undefined) throw failure.error;
    const at = now();
    await storage.appendEvents(
      ages.map((age) => ({
        ...scope,
        kind: markOf(age),
        subject: subjectOf(number),
        at,
        data: { compared, recorded },
      })),
    );
  } catch (error) {
    const code = isPaymeError(error) ? error.code : "error";
    logger.warn("a day could not be reviewed to its end; it comes again", { day: dayText(number), error: code });
    return { ...seen(), error: code };
  }
  if (differences.length > 0) {
    logger.warn("Payme's books and ours differ", { day: dayText(number), ids: differences.map(({ id }) => id) });
  }
  return seen();
}

/** Records what Payme says of a receipt where our books say something else. The rest stays a difference. */
async function record<Tx>(
  context: ClientContext<Tx>,
  { receipt, payment }: ReceiptPair,
): Promise<PaymentRow | undefined> {
  if (receipt === null) return payment;
  // A receipt of ours whose creation was never answered carries our id.
  const isOpen = endOf(receipt.state) === "open" && receipt.state !== ReceiptState.HELD;
  const owner = payment ?? (isOpen ? undefined : await ownerOf(context, receipt));
  if (owner !== undefined) await followStray(context, owner, receipt);
  if (owner === undefined || !isNews(owner, receipt._id, receipt.state)) return payment;
  // A person was told while it was on no payment: what becomes of money that was accepted since is news.
  const isBooked = owner.paidBy === receipt._id;
  if (!isBooked && (await wasTold(context, owner, receipt._id, CONFLICTS))) return payment;
  return settleReceipt(context, owner, receipt, "review");
}

function isNews(payment: PaymentRow, receiptId: string, state: number): boolean {
  const end = endOf(state);
  if (end === "paid") return payment.paidBy !== receiptId;
  return end === "cancelled" && payment.paidBy === receiptId && (payment.status === "PAID" || isRefunding(payment));
}

const dayNumber = (ms: number): number => Math.floor((ms + OFFSET_MS) / DAY_MS);
const dayText = (number: number): string => new Date(number * DAY_MS).toISOString().slice(0, 10);
const subjectOf = (number: number): string => `review:${dayText(number)}`;
const markOf = (age: number): string => `review.age_${age}`;
