import { declineText } from "../client/decline-text";
import type { DeclineReason } from "../client/pay";
import { DAY_MS } from "../kit/calendar";
import { type PaymeErrorCode, PaymeValidationError } from "../kit/errors";
import { isTiyin, type Tiyin, tiyin } from "../kit/money";
import type { LocalizedText } from "../protocol/states";
import { type Interval, momentAfter, requireInterval } from "./boundaries";
import { unknownCard } from "./cards";
import { type Book, inBook, newsOf, ownRow, type SubscriptionsContext } from "./context";
import { isOpen, type PeriodRow, type SubscriptionRow } from "./rows";
import { advance } from "./run";
import { end, isTaken, replanned, startOf } from "./turn";

/** A subscription to begin. */
export interface NewSubscription {
  /** Your id of the owner. One owner has one live subscription to a plan. */
  readonly owner: string;
  /** Your name of what is subscribed to. */
  readonly plan: string;
  /** The price of a period. The owner agrees to it. */
  readonly amount: Tiyin;
  readonly every: Interval;
  /** The id of one of the owner's saved cards. */
  readonly card: string;
  /** Days before the first charge. Once for each owner and plan: a second time it is charged at once. Default 0. */
  readonly trialDays?: number | undefined;
  /** The text that the payer reads. Default: the plan. */
  readonly description?: string | undefined;
  /** JSON that is kept with the subscription, for your hooks. */
  readonly data?: unknown;
}

/**
 * How beginning or changing a subscription ended. `active`: its period is paid. `trialing`: it is charged after the trial. `declined`:
 * no money was taken; `text` is for the payer, another card or another call tries again. `unknown`: the end of the charge is not
 * known yet, and the worker finds out. `needs_consent`: the owner must agree to the amount. `waiting`: another call, or the
 * worker, is at it. `paused`, `ended`.
 */
export interface SubscriptionOutcome {
  readonly subscription: SubscriptionRow;
  readonly outcome: "active" | "trialing" | "declined" | "unknown" | "needs_consent" | "waiting" | "paused" | "ended";
  readonly reason?: DeclineReason | undefined;
  readonly text?: LocalizedText | undefined;
  /** True where an earlier call made it. */
  readonly reused?: boolean | undefined;
}

/** When a cancel takes effect: `now` frees the owner for another subscription. What is paid stays usable in both. */
export interface CancelOptions {
  readonly at: "period_end" | "now";
}

/** Another plan, price or interval. What is left out stays. */
export interface NewPlan {
  readonly plan?: string | undefined;
  readonly amount?: Tiyin | undefined;
  readonly every?: Interval | undefined;
  /**
   * `period_end` (default): from the next period. `now`: at once, and what is left of the paid period counts: as `days` of the new plan,
   * or as `amount` off its next prices. A trial and an unpaid period change at once.
   */
  readonly at?: "period_end" | "now" | undefined;
  readonly prorate?: "days" | "amount" | undefined;
  /** The owner has agreed to the amount. Without it a higher amount waits for `consent`. */
  readonly consented?: boolean | undefined;
}

const LONGEST_TRIAL_DAYS = 366;

/** Begins a subscription and charges its first period. The same owner and plan again is the same subscription. */
export async function createSubscription<Tx>(
  context: SubscriptionsContext<Tx>,
  wanted: NewSubscription,
): Promise<SubscriptionOutcome> {
  const { payments } = context;
  const { owner, plan, amount, card: cardId, trialDays = 0, description = null, data = null } = wanted;
  for (const [field, text] of Object.entries({ owner, plan, card: cardId })) requireText(field, text);
  if (!isTiyin(amount) || amount < 100)
    throw refused("amount: give tiyin, 1 som or more", undefined, "Use som(50_000).");
  if (!Number.isInteger(trialDays) || trialDays < 0 || trialDays > LONGEST_TRIAL_DAYS) {
    throw refused(`trialDays: give whole days, 0 to ${LONGEST_TRIAL_DAYS}`);
  }
  const every = requireInterval(wanted.every);
  const { scope, newId } = payments.books;
  const made = await inBook(context, async (book) => {
    const { verbs, now } = book;
    const card = ownRow(context, await verbs.findCard(cardId));
    if (card?.owner !== owner) throw unknownCard(cardId);
    if (card.state !== "ATTACHED")
      throw refused(`the card is ${card.state}`, "CONFLICT", "Attach it again, or another one.");
    const earlier = await verbs.listSubscriptions(scope, { owner, plan, limit: 100 });
    const trial = earlier.some((row) => row.trialDays > 0) ? 0 : trialDays;
    const anchor = now + trial * DAY_MS;
    const row: SubscriptionRow = {
      ...scope,
      id: newId(),
      owner,
      plan,
      state: trial > 0 ? "TRIALING" : "INCOMPLETE",
      amount,
      consented: amount,
      credit: tiyin(0),
      every,
      anchor,
      firstNumber: 1,
      number: 0,
      cardId,
      description,
      data,
      trialDays: trial,
      accessUntil: trial > 0 ? anchor : 0,
      cancelAtEnd: false,
      change: null,
      createdAt: now,
      updatedAt: now,
      endedAt: null,
      cause: null,
      nextAt: anchor,
    };
    const added = await verbs.addSubscription(row);
    if (added.outcome === "applied") {
      await book.append([newsOf(context, row, "created", { amount })]);
      return { row, reused: false };
    }
    const known = await verbs.lockSubscription(added.row.id);
    if (known === undefined) return { row: added.row, reused: true };
    return { row: await tryAgain(book, known, { amount, cardId }), reused: true };
  });
  return { ...(await advanced(context, made.row.id)), reused: made.reused };
}

/** A second call for a subscription whose first period is not paid: the payer is there, and tries again, perhaps with another card. */
async function tryAgain<Tx>(
  book: Book<Tx>,
  known: SubscriptionRow,
  { amount, cardId }: { amount: Tiyin; cardId: string },
): Promise<SubscriptionRow> {
  if (known.amount !== amount) {
    throw refused("the owner has a subscription to this plan at another price", "CONFLICT", "Use changePlan.");
  }
  return known.state === "INCOMPLETE" ? useCard(book, known, cardId) : known;
}

/** Takes another card, and tries a period at once that waits for one. It resets neither the tries nor the grace. */
async function useCard<Tx>(
  { verbs, now }: Book<Tx>,
  subscription: SubscriptionRow,
  cardId: string,
): Promise<SubscriptionRow> {
  const changed = { ...subscription, cardId, updatedAt: now };
  const period = await verbs.findPeriod(subscription.id, subscription.number);
  const isWaiting = period?.state === "RETRY" || period?.state === "NEEDS_CARD";
  if (period && isWaiting) await verbs.savePeriod({ ...period, state: "RETRY", nextAt: now });
  await verbs.saveSubscription(isWaiting ? { ...changed, nextAt: now } : changed);
  return changed;
}

/** Brings a subscription as far as it goes, and tells how it stands. */
async function advanced<Tx>(context: SubscriptionsContext<Tx>, id: string): Promise<SubscriptionOutcome> {
  await advance(context, id);
  const subscription = await context.store.findSubscription(id);
  if (subscription === undefined) throw unknownSubscription(id);
  const period = await context.store.findPeriod(id, subscription.number);
  return { subscription, ...outcomeOf(subscription, period) };
}

function outcomeOf(
  { state }: SubscriptionRow,
  period: PeriodRow | undefined,
): Omit<SubscriptionOutcome, "subscription"> {
  if (state === "ENDED") return { outcome: "ended" };
  if (state === "PAUSED") return { outcome: "paused" };
  if (state === "TRIALING") return { outcome: "trialing" };
  if (period === undefined || !isOpen(period)) return { outcome: "active" };
  if (period.state === "UNKNOWN") return { outcome: "unknown" };
  if (period.state === "NEEDS_CONSENT") return { outcome: "needs_consent" };
  // The worker goes on with it by itself.
  if (state === "INCOMPLETE" && period.nextAt !== null) return { outcome: "waiting" };
  const reason = DECLINES.find((each) => each === period.reason);
  if (reason === undefined) return { outcome: "waiting" };
  return { outcome: "declined", reason, text: declineText[reason] };
}

const DECLINES: readonly DeclineReason[] = ["funds", "card", "otp", "limit", "merchant", "unavailable"];

/** Changes a live subscription while nobody else does, then brings it as far as it goes. */
async function change<Tx>(
  context: SubscriptionsContext<Tx>,
  id: string,
  work: (subscription: SubscriptionRow, period: PeriodRow | undefined, book: Book<Tx>) => Promise<void>,
): Promise<SubscriptionOutcome> {
  await inBook(context, async (book) => {
    const subscription = ownRow(context, await book.verbs.lockSubscription(id));
    if (subscription === undefined) throw unknownSubscription(id);
    const period = await book.verbs.findPeriod(id, subscription.number);
    await work(subscription, period !== undefined && isOpen(period) ? period : undefined, book);
  });
  return advanced(context, id);
}

/**
 * Ends a subscription, at the end of what is paid or now. A period that is not paid is given up once its receipt is dead; one found
 * paid first stays, and the cancel takes effect at its end.
 */
export function cancelSubscription<Tx>(
  context: SubscriptionsContext<Tx>,
  id: string,
  { at }: CancelOptions,
): Promise<SubscriptionOutcome> {
  return change(context, id, async (subscription, period, book) => {
    if (subscription.state === "ENDED") return;
    const isNow = at === "now" || subscription.state === "TRIALING" || subscription.state === "PAUSED";
    if (isNow && period === undefined) {
      await end(context, book, subscription, "asked");
      return;
    }
    const nextAt = period === undefined ? subscription.accessUntil : book.now;
    await book.verbs.saveSubscription({ ...subscription, cancelAtEnd: true, updatedAt: book.now, nextAt });
    await book.append([newsOf(context, subscription, "cancelled", { until: subscription.accessUntil })]);
  });
}

/** Stops the charges; what is paid stays usable. */
export function pauseSubscription<Tx>(context: SubscriptionsContext<Tx>, id: string): Promise<SubscriptionOutcome> {
  return change(context, id, async (subscription, period, { verbs, now, append }) => {
    if (subscription.state === "PAUSED") return;
    if (subscription.state !== "ACTIVE" || period !== undefined) {
      throw refused(
        `only an active subscription can be paused: it is ${subscription.state}`,
        "CONFLICT",
        "Wait until its period is paid, or cancel it.",
      );
    }
    await verbs.saveSubscription({ ...subscription, state: "PAUSED", updatedAt: now, nextAt: null });
    await append([newsOf(context, subscription, "paused", { until: subscription.accessUntil })]);
  });
}

/** Goes on after a pause, or takes back a cancel. Where the paid period is over, the next one begins now and is charged at once. */
export function resumeSubscription<Tx>(context: SubscriptionsContext<Tx>, id: string): Promise<SubscriptionOutcome> {
  return change(context, id, async (subscription, period, { verbs, now, append }) => {
    const { state, cancelAtEnd, accessUntil, number } = subscription;
    if (state === "ENDED") throw refused("the subscription has ended", "CONFLICT", "Create another one.");
    if (state !== "PAUSED" && !cancelAtEnd) return;
    if (period !== undefined)
      throw refused("its unpaid period is being given up", "CONFLICT", "Create another one once it has ended.");
    const isOver = now >= accessUntil;
    const anew = isOver ? { ...subscription, anchor: now, firstNumber: number + 1 } : subscription;
    await verbs.saveSubscription({
      ...anew,
      state: state === "PAUSED" ? "ACTIVE" : state,
      cancelAtEnd: false,
      updatedAt: now,
      nextAt: now,
    });
    await append([newsOf(context, subscription, "resumed")]);
  });
}

/** Charges another card of the owner from now on. */
export function changeSubscriptionCard<Tx>(
  context: SubscriptionsContext<Tx>,
  id: string,
  cardId: string,
): Promise<SubscriptionOutcome> {
  return change(context, id, async (subscription, _period, book) => {
    if (subscription.state === "ENDED") throw refused("the subscription has ended", "CONFLICT", "Create another one.");
    const card = ownRow(context, await book.verbs.findCard(cardId));
    if (card?.owner !== subscription.owner) throw unknownCard(cardId);
    if (card.state !== "ATTACHED")
      throw refused(`the card is ${card.state}`, "CONFLICT", "Attach it again, or another one.");
    await useCard(book, subscription, cardId);
  });
}

/** The owner agrees to the amount that a subscription has, or will have at its next period. */
export function consentTo<Tx>(
  context: SubscriptionsContext<Tx>,
  id: string,
  amount: Tiyin,
): Promise<SubscriptionOutcome> {
  return change(context, id, async (subscription, period, { verbs, now, append }) => {
    const asked = subscription.change?.amount ?? subscription.amount;
    if (amount !== asked)
      throw refused("amount: it is not what the subscription costs", "CONFLICT", `It costs ${asked} tiyin.`);
    const consented = tiyin(Math.max(subscription.consented, amount));
    await verbs.saveSubscription({
      ...subscription,
      consented,
      updatedAt: now,
      nextAt: period ? now : subscription.nextAt,
    });
    await append([newsOf(context, subscription, "consented", { amount })]);
  });
}

/** Changes plan, price or interval. */
export function changeSubscriptionPlan<Tx>(
  context: SubscriptionsContext<Tx>,
  id: string,
  wanted: NewPlan,
): Promise<SubscriptionOutcome> {
  return change(context, id, async (subscription, period, book) => {
    const { verbs, now, append } = book;
    // What is left out stays: also of a change that is to come.
    const base = wanted.at === "now" ? subscription : (subscription.change ?? subscription);
    const { plan = base.plan, amount = base.amount } = wanted;
    const every = wanted.every === undefined ? base.every : requireInterval(wanted.every);
    requireText("plan", plan);
    if (!isTiyin(amount) || amount < 100)
      throw refused("amount: give tiyin, 1 som or more", undefined, "Use som(50_000).");
    if (subscription.state === "ENDED") throw refused("the subscription has ended", "CONFLICT", "Create another one.");
    if (period?.state === "PAYING" || period?.state === "UNKNOWN") {
      throw refused("its period is being charged", "CONFLICT", "Try again once the charge has ended.");
    }
    if (await isTaken(verbs, subscription, plan))
      throw refused("the owner has a subscription to that plan already", "CONFLICT");
    const next = { plan, amount, every };
    const consented = agreedTo(subscription, next, wanted.consented === true, now);
    const changed = replan({ ...subscription, consented, updatedAt: now }, next, { period, now, wanted });
    await verbs.saveSubscription({ ...changed, nextAt: period === undefined ? changed.nextAt : now });
    await append([newsOf(context, changed, "plan_changed", { amount })]);
  });
}

/** Shorter than this share of the other interval: not two months of 28 and 31 days. */
const SHORTER = 0.9;

/** The highest amount that the owner agrees to. Payments that come more often, and cost more in all, are not what he agreed to. */
function agreedTo(
  { consented, amount, every }: SubscriptionRow,
  next: Pick<SubscriptionRow, "amount" | "every">,
  agrees: boolean,
  now: number,
): Tiyin {
  if (agrees) return tiyin(Math.max(next.amount, consented));
  const isShorter = lengthOf(now, next.every) < SHORTER * lengthOf(now, every);
  const isOftener = isShorter && rateOf(next, now) > rateOf({ amount, every }, now);
  return isOftener ? tiyin(Math.min(consented, next.amount - 1)) : consented;
}

function replan(
  subscription: SubscriptionRow,
  next: Pick<SubscriptionRow, "plan" | "amount" | "every">,
  { period, now, wanted }: { period: PeriodRow | undefined; now: number; wanted: NewPlan },
): SubscriptionRow {
  const { at = "period_end", prorate } = wanted;
  // No money was taken yet: the next charge is the new price.
  if (subscription.state === "TRIALING" || subscription.state === "INCOMPLETE" || period !== undefined) {
    return { ...replanned(subscription, next, Math.max(subscription.number, 1)) };
  }
  if (at === "period_end") return { ...subscription, change: next };
  const start = startOf(subscription, subscription.number);
  const stop = startOf(subscription, subscription.number + 1);
  const left = Math.max(0, stop - now) / (stop - start);
  const worth = Math.floor(subscription.amount * left);
  if (prorate === "amount") {
    // The running period goes on under the new plan: what it cost more than that is taken off the next prices.
    const spared = Math.floor(next.amount * left * lengthRatio(start, stop, next.every));
    if (spared > worth)
      throw refused("prorate: a dearer plan cannot be made up by a smaller price", "CONFLICT", 'Use prorate: "days".');
    return {
      ...replanned(subscription, next, subscription.number + 1),
      credit: tiyin(subscription.credit + worth - spared),
    };
  }
  if (prorate !== "days") throw refused('prorate: give "days" or "amount" where the plan changes now');
  // What is left of the money buys time of the new plan: its next period begins after that, and never later than was paid for.
  const bought = momentAfter(now, next.every, (subscription.amount * left) / next.amount);
  const isDearer = rateOf(next, now) > rateOf(subscription, now);
  // At the same price it is what is left, on whatever calendar.
  const anchor = isDearer ? bought : Math.max(bought, stop);
  return {
    ...subscription,
    ...next,
    change: null,
    anchor,
    firstNumber: subscription.number + 1,
    // Of a dearer plan less time was paid for than was left of the other one.
    accessUntil: isDearer ? anchor : Math.max(subscription.accessUntil, anchor),
    nextAt: anchor,
  };
}

/** What a plan costs in a millisecond. */
function rateOf({ amount, every }: Pick<SubscriptionRow, "amount" | "every">, now: number): number {
  return amount / lengthOf(now, every);
}

function lengthOf(from: number, every: Interval): number {
  return startOf({ anchor: from, every, firstNumber: 0 }, 1) - from;
}

function lengthRatio(start: number, stop: number, every: Interval): number {
  return (stop - start) / lengthOf(start, every);
}

function requireText(field: string, text: unknown): void {
  if (typeof text === "string" && text.trim() !== "" && text.length <= 255) return;
  throw refused(`${field}: give a text of 1 to 255 characters`);
}

function unknownSubscription(id: string): PaymeValidationError {
  return refused(
    `there is no subscription ${JSON.stringify(id)}`,
    "NOT_FOUND",
    "list({ owner }) shows an owner's subscriptions.",
  );
}

function refused(problem: string, code?: PaymeErrorCode, hint?: string): PaymeValidationError {
  return new PaymeValidationError(problem, { code, hint });
}
