import { DAY_MS } from "../kit/calendar";
import { type Tiyin, tiyin } from "../kit/money";
import { boundaryOf, isSameInterval } from "./boundaries";
import { changeCard } from "./cards";
import { type Book, inBook, newsOf, ownRow, periodIncident, type SubscriptionsContext } from "./context";
import { afterUnknown, INCOMPLETE_MS, isRepaid, mayRepay, nextLook } from "./policy";
import { type EndCause, isOpen, type PeriodRow, referenceOf, type SubscriptionRow } from "./rows";
import type { SubscriptionVerbs } from "./subscription-store";

/** What is to be done for a subscription outside a transaction. */
export type Task =
  | { readonly do: "rest" }
  /** Ask Payme about the charge of a period. */
  | { readonly do: "ask"; readonly subscription: SubscriptionRow; readonly period: PeriodRow }
  /** Ask Payme whether the money of the last period went back, before another is charged. */
  | { readonly do: "look"; readonly receiptId: string }
  | { readonly do: "charge"; readonly subscription: SubscriptionRow; readonly period: PeriodRow }
  /** Cancel the receipt of a period, then end the subscription, or make another one for another amount. */
  | {
      readonly do: "bury";
      readonly subscription: SubscriptionRow;
      readonly period: PeriodRow;
      readonly cause: EndCause | null;
    };

/** An attempt that has not ended by then belongs to a call that died. */
const ATTEMPT_LEASE_MS = 5 * 60_000;
const REST: Task = { do: "rest" };
const SMALLEST: Tiyin = /* @__PURE__ */ tiyin(100);

/** Looks at a subscription while nobody changes it: opens its period, ends it, or says what is to be done outside. */
export function nextTask<Tx>(
  context: SubscriptionsContext<Tx>,
  id: string,
  { hasLooked }: { readonly hasLooked: boolean },
): Promise<Task> {
  return inBook(context, async (book) => {
    const subscription = ownRow(context, await book.verbs.lockSubscription(id));
    if (subscription === undefined) return REST;
    if (subscription.state === "ENDED") return rest(context, book, subscription);
    const period = await book.verbs.findPeriod(id, subscription.number);
    if (period === undefined || !isOpen(period))
      return withoutPeriod(context, book, subscription, hasLooked ? undefined : period);
    return withPeriod(context, book, subscription, period);
  });
}

async function withPeriod<Tx>(
  context: SubscriptionsContext<Tx>,
  book: Book<Tx>,
  subscription: SubscriptionRow,
  period: PeriodRow,
): Promise<Task> {
  const { verbs, now } = book;
  if (period.state === "PAYING") {
    const [attempt] = await verbs.listAttempts(subscription.id, { number: period.number, limit: 1 });
    const until = (attempt?.startedAt ?? 0) + ATTEMPT_LEASE_MS;
    if (attempt !== undefined && attempt.endedAt === null && now < until) {
      return rest(context, book, subscription, { ...period, nextAt: until });
    }
    if (attempt !== undefined && attempt.endedAt === null) {
      await verbs.saveAttempt({ ...attempt, endedAt: now, outcome: "unknown", reason: "unknown" });
    }
    const unknown = { ...(await becomeUnknown(book, period)), nextAt: now };
    await verbs.savePeriod(unknown);
    return { do: "ask", subscription, period: unknown };
  }
  if (subscription.cancelAtEnd) return { do: "bury", subscription, period, cause: "asked" };
  const agreed = subscription.consented >= subscription.amount;
  // An answer that came in time counts, also where nobody was there to charge.
  const isAwaited = period.state === "UNKNOWN" || (period.state === "NEEDS_CONSENT" && agreed);
  if (period.graceUntil !== null && now >= period.graceUntil && !isAwaited && !isMissed(subscription, period)) {
    const cause = period.state === "NEEDS_CARD" && subscription.state !== "INCOMPLETE" ? "card" : "unpaid";
    return { do: "bury", subscription, period, cause };
  }
  if (period.state !== "UNKNOWN" && period.amount + period.credit !== subscription.amount) {
    return { do: "bury", subscription, period, cause: null };
  }
  const end = startOf(subscription, period.number + 1);
  if (period.end !== end) {
    // Another interval at the same price: its receipt stays.
    await verbs.savePeriod({ ...period, end });
    return withPeriod(context, book, subscription, { ...period, end });
  }
  if (period.state === "NEEDS_CONSENT" && agreed) {
    const due: PeriodRow = { ...period, state: "DUE", nextAt: now, updatedAt: now };
    await verbs.savePeriod(due);
    return { do: "charge", subscription, period: due };
  }
  if (period.nextAt === null || period.nextAt > now) return rest(context, book, subscription, period);
  if (period.state === "UNKNOWN" && !isRepaid(period, now)) return { do: "ask", subscription, period };
  return { do: "charge", subscription, period };
}

/** True where a try was due before the grace ended, and nobody was there to make it: it is made first. */
function isMissed({ state }: SubscriptionRow, { state: stands, nextAt, graceUntil }: PeriodRow): boolean {
  const isDue = nextAt !== null && graceUntil !== null && nextAt < graceUntil;
  return isDue && stands === "RETRY" && state !== "INCOMPLETE";
}

/** The period of a charge whose end is not known. A person is told once it is not tried again. */
export async function becomeUnknown<Tx>({ append, now }: Book<Tx>, period: PeriodRow): Promise<PeriodRow> {
  const unknown = afterUnknown(period, now);
  if (!mayRepay(unknown)) await append([periodIncident("charge_unknown", unknown, now)]);
  return unknown;
}

async function withoutPeriod<Tx>(
  context: SubscriptionsContext<Tx>,
  book: Book<Tx>,
  subscription: SubscriptionRow,
  last: PeriodRow | undefined,
): Promise<Task> {
  const { now } = book;
  if (subscription.cancelAtEnd) {
    if (now < subscription.accessUntil) return rest(context, book, subscription, undefined, subscription.accessUntil);
    await end(context, book, subscription, "asked");
    return REST;
  }
  if (subscription.state === "PAUSED") return rest(context, book, subscription);
  const start = startOf(subscription, subscription.number + 1);
  if (now < start) return rest(context, book, subscription, undefined, start);
  if (last?.state === "PAID" && last.receiptId !== null) return { do: "look", receiptId: last.receiptId };
  const opened = await open(context, book, subscription);
  return opened.period.state === "DUE"
    ? { do: "charge", ...opened }
    : rest(context, book, opened.subscription, opened.period);
}

/** The start of a period, and the end of the one before. */
export function startOf(
  { anchor, every, firstNumber }: Pick<SubscriptionRow, "anchor" | "every" | "firstNumber">,
  number: number,
): number {
  return boundaryOf(anchor, every, number - firstNumber);
}

/** Opens the next period. Those that went by while nobody charged are skipped, unless each is to be charged. */
async function open<Tx>(context: SubscriptionsContext<Tx>, book: Book<Tx>, before: SubscriptionRow) {
  const { verbs, now } = book;
  const changed = await changedAtEnd(context, book, before);
  const first = changed.number + 1;
  let number = first;
  while (context.catchUp === "current" && startOf(changed, number + 1) <= now) {
    await verbs.addPeriod({ ...newPeriod(changed, number, now), state: "VOID", nextAt: null, reason: "skipped" });
    number += 1;
  }
  if (number > first) await book.append([skipped(changed, first, number - 1, now)]);
  const opened = newPeriod(changed, number, now);
  const agreed = changed.consented >= changed.amount;
  const graceUntil = changed.state === "INCOMPLETE" ? changed.createdAt + INCOMPLETE_MS : null;
  const period: PeriodRow = agreed
    ? { ...opened, graceUntil }
    : { ...opened, state: "NEEDS_CONSENT", nextAt: null, graceUntil: graceUntil ?? now + context.graceMs };
  const subscription = { ...changed, number, updatedAt: now, nextAt: now };
  const added = await verbs.addPeriod(period);
  const isLate = !agreed && subscription.state !== "INCOMPLETE";
  const saved = isLate ? pastDue(subscription, period) : subscription;
  await verbs.saveSubscription(saved);
  if (!agreed)
    await book.append([
      newsOf(context, saved, "needs_consent", { number, amount: saved.amount, until: saved.accessUntil }),
    ]);
  return { subscription: saved, period: added.row };
}

/** The subscription with the plan that it was to have from here. It keeps its own where the owner has the other one already. */
async function changedAtEnd<Tx>(
  context: SubscriptionsContext<Tx>,
  { verbs, append }: Book<Tx>,
  before: SubscriptionRow,
): Promise<SubscriptionRow> {
  const { change } = before;
  if (change === null) return before;
  if (await isTaken(verbs, before, change.plan)) {
    await append([newsOf(context, before, "plan_kept", { amount: before.amount })]);
    return { ...before, change: null };
  }
  return replanned(before, change, before.number + 1);
}

/** True where another live subscription of the owner has a plan. */
export async function isTaken(
  verbs: SubscriptionVerbs,
  { id, owner, plan: own, cashbox, mode }: SubscriptionRow,
  plan: string,
): Promise<boolean> {
  if (plan === own) return false;
  const others = await verbs.listSubscriptions({ cashbox, mode }, { owner, plan, limit: 100 });
  return others.some((other) => other.id !== id && other.state !== "ENDED");
}

function newPeriod(subscription: SubscriptionRow, number: number, now: number): PeriodRow {
  const { cashbox, mode, id, amount } = subscription;
  const credit = creditOf(subscription);
  return {
    cashbox,
    mode,
    subscriptionId: id,
    number,
    start: startOf(subscription, number),
    end: startOf(subscription, number + 1),
    amount: tiyin(amount - credit),
    credit,
    state: "DUE",
    k: 1,
    paymentId: null,
    receiptId: null,
    attempts: 0,
    pays: 0,
    fundsDeclines: 0,
    otherDeclines: 0,
    unsent: 0,
    unknownAt: null,
    repays: 0,
    firstTriedAt: null,
    nextAt: now,
    graceUntil: null,
    reason: null,
    code: null,
    paidAt: null,
    updatedAt: now,
  };
}

/** The part of the credit that the next period takes: Payme charges at least one som. */
export function creditOf({ amount, credit }: Pick<SubscriptionRow, "amount" | "credit">): Tiyin {
  return tiyin(Math.max(0, Math.min(credit, amount - SMALLEST)));
}

/** The subscription with another plan. The boundaries of another interval are counted from the start of the period `number`. */
export function replanned(
  subscription: SubscriptionRow,
  { plan, amount, every }: Pick<SubscriptionRow, "plan" | "amount" | "every">,
  number: number,
): SubscriptionRow {
  const same = { ...subscription, plan, amount, every, change: null };
  if (isSameInterval(every, subscription.every)) return same;
  return { ...same, anchor: startOf(subscription, number), firstNumber: number };
}

function skipped({ cashbox, mode, id }: SubscriptionRow, from: number, to: number, at: number) {
  const subject = referenceOf({ subscriptionId: id, number: from, k: 1 });
  return { cashbox, mode, kind: "periods_skipped", subject, paymeId: subject, at, data: { from, to } };
}

/** The subscription while its period is unpaid: access lasts until the grace is over. */
export function pastDue(subscription: SubscriptionRow, { graceUntil, state, end }: PeriodRow): SubscriptionRow {
  if (subscription.state === "INCOMPLETE") return subscription;
  const until = state === "UNKNOWN" ? Math.max(end, graceUntil ?? 0) : (graceUntil ?? 0);
  return { ...subscription, state: "PAST_DUE", accessUntil: Math.max(subscription.accessUntil, until) };
}

/** Ends a subscription, for good. The access that was paid for stays. */
export async function end<Tx>(
  context: SubscriptionsContext<Tx>,
  book: Book<Tx>,
  subscription: SubscriptionRow,
  cause: EndCause,
): Promise<SubscriptionRow> {
  const { verbs, now, tx, append } = book;
  const ended: SubscriptionRow = { ...subscription, state: "ENDED", cause, endedAt: now, updatedAt: now, nextAt: null };
  await verbs.saveSubscription(ended);
  await append([newsOf(context, ended, "ended", { cause, until: ended.accessUntil })]);
  await context.onEnded?.(ended, cause, tx);
  return ended;
}

/** Saves when to look next: at the period's time, at the end of its grace, or at a notice of the card's expiry. */
export async function rest<Tx>(
  context: SubscriptionsContext<Tx>,
  book: Book<Tx>,
  subscription: SubscriptionRow,
  period?: PeriodRow,
  at: number | null = null,
): Promise<Task> {
  const isOver = subscription.state === "ENDED";
  const notice = isOver || subscription.cancelAtEnd ? null : await noticeOfExpiry(context, book, subscription);
  const times = isOver
    ? []
    : [period && nextLook(period, book.now), at, notice].filter((time) => typeof time === "number");
  const nextAt = times.length === 0 ? null : Math.min(...times);
  await book.verbs.saveSubscription({ ...subscription, nextAt });
  return REST;
}

/** Days before a card's expiry on which its owner is told. */
const NOTICES = [30, 7, 1] as const;

/** Tells the owner of a card that expires soon, once for each notice. Returns when the next one is due. */
async function noticeOfExpiry<Tx>(
  context: SubscriptionsContext<Tx>,
  book: Book<Tx>,
  subscription: SubscriptionRow,
): Promise<number | null> {
  const { verbs, now, append } = book;
  const card = await verbs.findCard(subscription.cardId);
  if (card?.state !== "ATTACHED" || card.expiresAt === null) return null;
  const { expiresAt, noticed, mask } = card;
  const isLeft = (days: number) => noticed === null || days < noticed;
  const due = NOTICES.filter((days) => isLeft(days) && now >= expiresAt - days * DAY_MS).at(-1);
  if (due !== undefined && now < expiresAt) {
    await changeCard(verbs, card.id, (row) => ({ ...row, noticed: due }));
    await append([newsOf(context, subscription, "card_expiring", { daysLeft: due, mask })]);
  }
  const next = NOTICES.find(
    (days) => isLeft(days) && days < (due ?? Number.POSITIVE_INFINITY) && now < expiresAt - days * DAY_MS,
  );
  return next === undefined ? null : expiresAt - next * DAY_MS;
}
