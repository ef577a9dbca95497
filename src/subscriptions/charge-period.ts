import { DAY_MS } from "../kit/calendar";
import { PaymeAPIError, PaymeConfigError, PaymeValidationError } from "../kit/errors";
import { tiyin } from "../kit/money";
import type { PaymentRow } from "../ledger";
import type { ChargeOutcome } from "../payments/charge-outcome";
import { ABANDONED_AFTER_MS } from "../payments/context";
import { ReceiptState } from "../protocol/states";
import { changeCard, checkedCard, codeOf, tokenOf } from "./cards";
import { type Book, inBook, newsOf, periodIncident, type SubscriptionsContext } from "./context";
import {
  afterDecline,
  afterUnsent,
  type Decline,
  graceFrom,
  INCOMPLETE_MS,
  isUnsentForLong,
  MAX_PAYS,
  nextAsk,
  nextLook,
  type Verdict,
} from "./policy";
import { type AttemptRow, type CardRow, isOpen, type PeriodRow, referenceOf, type SubscriptionRow } from "./rows";
import { becomeUnknown, creditOf, end, pastDue, startOf, type Task } from "./turn";

/** For so long a receipt may take to be cancelled. */
const LONGEST_WAIT_MS = 2 * DAY_MS;

type Doing<What extends Task["do"]> = Extract<Task, { readonly do: What }>;

/** The subscription and its newest period, as they stand while nobody changes them; undefined where the period is another one. */
interface Locked {
  readonly subscription: SubscriptionRow;
  readonly period: PeriodRow;
}

/** Runs work on an open period while nobody changes it. */
function onPeriod<Tx, R>(
  context: SubscriptionsContext<Tx>,
  { subscriptionId, number, k }: PeriodRow,
  work: (locked: Locked, book: Book<Tx>) => Promise<R>,
): Promise<R | undefined> {
  return inBook(context, async (book) => {
    const subscription = await book.verbs.lockSubscription(subscriptionId);
    const period = await book.verbs.findPeriod(subscriptionId, number);
    const isSame = period !== undefined && isOpen(period) && period.k === k;
    return subscription && isSame ? work({ subscription, period }, book) : undefined;
  });
}

/** Saves a period, and when to look at its subscription next. A first period that is not paid has a day, whatever happens. */
async function save<Tx>({ verbs, now }: Book<Tx>, subscription: SubscriptionRow, saved: PeriodRow): Promise<void> {
  const isFirst = subscription.state === "INCOMPLETE";
  const period = isFirst ? { ...saved, graceUntil: subscription.createdAt + INCOMPLETE_MS } : saved;
  await verbs.savePeriod(period);
  await verbs.saveSubscription({ ...subscription, updatedAt: now, nextAt: nextLook(period, now) });
}

/**
 * Charges a period once: (1) its payment and receipt are made and stored; (2) the attempt is committed;
 * (3) the receipt is paid; (4) what Payme says is booked, a paid one through the ledger's door. False: it is paid.
 */
export async function chargePeriod<Tx>(context: SubscriptionsContext<Tx>, task: Doing<"charge">): Promise<boolean> {
  const { period } = task;
  if (period.pays >= MAX_PAYS) {
    await waitForGrace(context, period);
    return true;
  }
  const card = await usableCard(context, task);
  if (card === undefined) return true;
  let attempt: AttemptRow | undefined;
  let token: string;
  try {
    token = await tokenOf(context, card);
    const checked = await checkedCard(context, card, token);
    if (checked.state !== "ATTACHED") return true;
    const payment = await paymentOf(context, task);
    if (payment === undefined) return true;
    attempt = await begin(context, period, card, payment);
  } catch (error) {
    await notSent(context, period, error);
    return true;
  }
  if (attempt === undefined) return true;
  const { payments, settleMs } = context;
  const outcome = await payments.pay(attempt.paymentId, { token, settleMs }).catch((error: unknown) => {
    // A hook threw, or the storage failed, after Payme was told: the receipt says how it ended.
    payments.books.logger.error("a charge of a subscription was not booked; Payme is asked", {
      payment_id: attempt?.paymentId,
      error: codeOf(error),
    });
    return undefined;
  });
  await settle(context, period, attempt, outcome);
  return outcome?.status !== "paid";
}

/** The card to charge; where it is gone, another one of the owner. Without one the period waits for a card. */
async function usableCard<Tx>(
  context: SubscriptionsContext<Tx>,
  { subscription: chosen, period }: Doing<"charge">,
): Promise<CardRow | undefined> {
  // The attempt is begun only with a card that is attached then.
  const known = await context.store.findCard(chosen.cardId);
  if (known?.state === "ATTACHED") return known;
  return onPeriod(context, period, async ({ subscription, period: current }, book) => {
    const card = await book.verbs.findCard(subscription.cardId);
    if (card?.state === "ATTACHED") return card;
    // The payer of a first period is there: he decides with which card.
    const isFirst = subscription.state === "INCOMPLETE";
    const spare = isFirst ? undefined : await spareOf(book, subscription, current);
    if (spare !== undefined) {
      await book.verbs.saveSubscription({ ...subscription, cardId: spare.id });
      return spare;
    }
    const graceUntil = graceFrom(current, book.now, context.graceMs);
    await fail(context, book, subscription, {
      ...current,
      state: "NEEDS_CARD",
      reason: "card",
      nextAt: null,
      graceUntil,
    });
    return undefined;
  });
}

/** Another card of the owner that was not tried for this period. */
async function spareOf<Tx>({ verbs }: Book<Tx>, subscription: SubscriptionRow, { number }: PeriodRow) {
  const { id, owner, cardId } = subscription;
  const tried = new Set((await verbs.listAttempts(id, { number, limit: 100 })).map((attempt) => attempt.cardId));
  const cards = await verbs.listCards(subscription, { owner, limit: 100 });
  return cards.find((card) => card.state === "ATTACHED" && card.id !== cardId && !tried.has(card.id));
}

/** The open payment of a period, with its receipt; made where there is none. Undefined where the one that is known is over. */
async function paymentOf<Tx>(
  context: SubscriptionsContext<Tx>,
  { subscription, period }: Doing<"charge">,
): Promise<PaymentRow | undefined> {
  const { payments } = context;
  const { owner, description, plan } = subscription;
  const reference = referenceOf(period);
  const known = await payments.findByReference(reference);
  const isUnmade = known === undefined || (known.status === "PENDING" && known.transactionId === null);
  const abandonedAt = known === undefined ? 0 : known.createdAt + ABANDONED_AFTER_MS;
  if (isUnmade && payments.books.now() < abandonedAt) {
    // Another process is making its receipt, or died at it: nobody waits for that here.
    await onPeriod(context, period, ({ subscription: row, period: current }, book) =>
      save(book, row, { ...current, nextAt: abandonedAt }),
    );
    return undefined;
  }
  const payment = isUnmade
    ? (
        await payments.create({
          kind: "subscription",
          reference,
          once: true,
          amount: period.amount,
          userId: owner,
          description: description ?? plan,
          data: { subscriptionId: subscription.id, number: period.number },
        })
      ).payment
    : known;
  if (payment.status === "PENDING") return payment;
  await renewPayment(context, period, payment);
  return undefined;
}

/** Where the payment of a period is over, another one may be made: once its receipt is dead, which Payme must say. */
async function renewPayment<Tx>(
  context: SubscriptionsContext<Tx>,
  period: PeriodRow,
  payment: PaymentRow,
): Promise<void> {
  const fate = await bury(context, payment);
  await onPeriod(context, period, async ({ subscription, period: current }, book) => {
    if (fate === "returned") return giveBack(context, book, subscription, current);
    const { now } = book;
    if (fate !== "dead") {
      const waiting = awaited(context, current, now);
      await save(book, waiting.graceUntil === null ? subscription : pastDue(subscription, waiting), waiting);
      return fate === "waits" ? tellOfLongWait(book, current) : undefined;
    }
    const anew = { k: current.k + 1, paymentId: null, receiptId: null, nextAt: now, updatedAt: now };
    await save(book, subscription, { ...current, ...anew });
  });
}

/** Payme has not said yet that a receipt is dead: looked at again, and a grace that runs waits for it. It is not the owner's fault. */
function awaited<Tx>({ graceMs }: SubscriptionsContext<Tx>, period: PeriodRow, now: number): PeriodRow {
  const nextAt = lookAgainAt(period, now);
  const { graceUntil } = period;
  return { ...period, nextAt, graceUntil: graceUntil === null ? null : Math.max(graceUntil, nextAt + graceMs) };
}

/** Receipts that Payme neither cancels nor has paid: after two days a person is told. */
async function tellOfLongWait<Tx>({ append, now }: Book<Tx>, period: PeriodRow): Promise<void> {
  if (now < period.updatedAt + LONGEST_WAIT_MS) return;
  await append([periodIncident("charge_blocked", period, now, { reason: "receipt" })]);
}

/** After as long again as it has waited: from a minute to an hour. */
function lookAgainAt({ updatedAt }: PeriodRow, now: number): number {
  return now + Math.min(Math.max(now - updatedAt, 60_000), 3_600_000);
}

/**
 * Cancels what is unpaid. `dead`: Payme says that its receipt is cancelled, or there is none; `paid`: the books have its money;
 * `returned`: its money was taken, and a person gave it back, before the books knew of it.
 */
async function bury<Tx>(
  { payments, client }: SubscriptionsContext<Tx>,
  payment: PaymentRow,
): Promise<"dead" | "paid" | "returned" | "waits"> {
  let row = payment;
  try {
    // Its receipt is looked for once more.
    if (row.transactionId === null && row.nextCheckAt !== null) row = await payments.check(row.id);
    if (row.paidAt !== null) return "paid";
    if (row.status === "PENDING" || (row.status === "FAILED" && row.transactionId !== null)) {
      const cancelled = await payments.cancel(row.id);
      if (cancelled.outcome === "queued" || cancelled.outcome === "conflict") return "waits";
      row = cancelled.payment;
    }
    const { transactionId } = row;
    if (transactionId === null) return "dead";
    // "Not found" may also mean "paid": only 50 is a proof.
    const { state, pay_time: payTime = 0 } = await client.receipts.get(transactionId);
    if (state !== ReceiptState.CANCELLED) return "waits";
    return payTime > 0 ? "returned" : "dead";
  } catch (error) {
    const isPaid = error instanceof PaymeValidationError && (await payments.find(row.id))?.status === "PAID";
    if (!isPaid)
      payments.books.logger.warn("a receipt of a subscription is not cancelled yet", {
        payment_id: row.id,
        error: codeOf(error),
      });
    return isPaid ? "paid" : "waits";
  }
}

/** Commits the attempt: its key is the guard, and nothing is charged without it. */
async function begin<Tx>(
  context: SubscriptionsContext<Tx>,
  known: PeriodRow,
  card: CardRow,
  payment: PaymentRow,
): Promise<AttemptRow | undefined> {
  const begun = await onPeriod(context, known, async ({ subscription, period }, { verbs, now }) => {
    const mayCharge =
      period.state === known.state &&
      period.attempts === known.attempts &&
      !subscription.cancelAtEnd &&
      subscription.amount === period.amount + period.credit &&
      subscription.cardId === card.id &&
      subscription.consented >= subscription.amount &&
      (await verbs.findCard(card.id))?.state === "ATTACHED";
    if (!mayCharge) return null;
    const { cashbox, mode, subscriptionId, number } = period;
    const attempt: AttemptRow = {
      cashbox,
      mode,
      subscriptionId,
      number,
      attempt: period.attempts + 1,
      cardId: card.id,
      paymentId: payment.id,
      receiptId: payment.transactionId,
      startedAt: now,
      endedAt: null,
      outcome: null,
      reason: null,
      code: null,
    };
    if ((await verbs.addAttempt(attempt)).outcome !== "applied") return null;
    await verbs.savePeriod({
      ...period,
      state: "PAYING",
      paymentId: payment.id,
      receiptId: payment.transactionId,
      attempts: period.attempts + 1,
      pays: period.pays + 1,
      firstTriedAt: period.firstTriedAt ?? now,
      updatedAt: now,
    });
    return attempt;
  });
  // The period was given up while its receipt was being made: nobody may pay that one.
  if (begun === undefined) await context.payments.cancel(payment.id).catch(() => {});
  return begun ?? undefined;
}

/** Books the end of an attempt. A paid one was booked by the hook of its payment. */
async function settle<Tx>(
  context: SubscriptionsContext<Tx>,
  known: PeriodRow,
  attempt: AttemptRow,
  outcome: ChargeOutcome | undefined,
): Promise<void> {
  const ended = endOf(outcome);
  await onPeriod(context, known, async ({ subscription, period }, book) => {
    const isLatest = period.attempts === attempt.attempt && (period.state === "PAYING" || period.state === "UNKNOWN");
    if (!isLatest) return;
    const { now, verbs } = book;
    await verbs.saveAttempt({ ...attempt, ...ended, endedAt: now });
    if (ended.outcome === "unknown") {
      const unknown = await becomeUnknown(book, period);
      return save(book, pastDue(subscription, unknown), unknown);
    }
    if (ended.outcome === "cancelled") {
      // Payme ended the receipt. Another one is made once it is proven dead.
      return save(book, subscription, { ...period, state: "RETRY", nextAt: now, reason: "cancelled", updatedAt: now });
    }
    if (ended.outcome === "not_sent") {
      return saveUnsent(context, book, subscription, { ...period, pays: period.pays - 1 }, ended.reason);
    }
    if (outcome?.status === "declined" && outcome.reason !== "unavailable") {
      await declined(context, book, { subscription, period }, attempt, { reason: outcome.reason, code: ended.code });
    }
  });
}

/** The end of an attempt, as it is kept. */
function endOf(outcome: ChargeOutcome | undefined) {
  if (outcome?.status === "declined") {
    const { reason, error } = outcome;
    const code = error instanceof PaymeAPIError ? (error.errorCode ?? null) : null;
    return { outcome: reason === "unavailable" ? ("not_sent" as const) : ("declined" as const), reason, code };
  }
  if (outcome?.status === "cancelled") return { outcome: "cancelled" as const, reason: "cancelled", code: null };
  return { outcome: "unknown" as const, reason: "unknown", code: null };
}

async function declined<Tx>(
  context: SubscriptionsContext<Tx>,
  book: Book<Tx>,
  { subscription, period }: Locked,
  attempt: AttemptRow,
  decline: Decline,
): Promise<void> {
  const { verbs, now } = book;
  const verdict = afterDecline(period, decline, { now, retry: context.retry, graceMs: context.graceMs });
  if (verdict.isOurs) await book.append([periodIncident("charge_blocked", period, now, { ...decline })]);
  if (verdict.card === "dead")
    await changeCard(verbs, attempt.cardId, (card) => ({
      ...card,
      state: card.state === "REMOVED" ? "REMOVED" : "DEAD",
    }));
  const next = await nextCard(book, subscription, period, { attempt, verdict });
  if (next !== undefined) {
    // Nobody is told before it has been tried.
    const retried: PeriodRow = { ...verdict.period, state: "RETRY", nextAt: now };
    return save(book, pastDue({ ...subscription, cardId: next }, retried), retried);
  }
  // The payer of a first period is there: he decides with which card he tries again.
  if (subscription.state === "INCOMPLETE") {
    return fail(context, book, subscription, { ...verdict.period, state: "NEEDS_CARD", nextAt: null });
  }
  // Our own fault is not told to the owner.
  if (verdict.isOurs) return save(book, pastDue(subscription, verdict.period), verdict.period);
  return fail(context, book, subscription, verdict.period);
}

/** The card to try at once: one that the owner chose while the other was being charged, or a spare one. */
async function nextCard<Tx>(
  book: Book<Tx>,
  subscription: SubscriptionRow,
  period: PeriodRow,
  { attempt, verdict }: { attempt: AttemptRow; verdict: Verdict },
): Promise<string | undefined> {
  if (subscription.cardId !== attempt.cardId) return subscription.cardId;
  if (subscription.state === "INCOMPLETE" || verdict.card === "keep") return undefined;
  return (await spareOf(book, subscription, period))?.id;
}

/** Keeps that a period is not paid, and tells its owner. */
async function fail<Tx>(
  context: SubscriptionsContext<Tx>,
  book: Book<Tx>,
  subscription: SubscriptionRow,
  period: PeriodRow,
): Promise<void> {
  const late = pastDue(subscription, period);
  await save(book, late, period);
  const { number, amount, paymentId, reason, nextAt } = period;
  const what = period.state === "NEEDS_CARD" ? "needs_card" : "payment_failed";
  const news = { number, amount, paymentId, reason, nextAt, until: late.accessUntil };
  await book.append([newsOf(context, late, what, news)]);
}

/** Nothing was sent: our own work failed, or Payme was not reached, or it refuses the receipt. */
async function notSent<Tx>(context: SubscriptionsContext<Tx>, known: PeriodRow, error: unknown): Promise<void> {
  context.payments.books.logger.warn("a period could not be charged; it comes again", {
    subscription_id: known.subscriptionId,
    error: codeOf(error),
  });
  const isRefused = error instanceof PaymeAPIError;
  // A seal that opens no token opens none tomorrow.
  const code = isRefused ? error.errorCode : error instanceof PaymeConfigError ? error.code : undefined;
  await onPeriod(context, known, async ({ subscription, period }, book) => {
    await saveUnsent(context, book, subscription, period, isRefused ? "merchant" : "unavailable");
    if (code !== undefined) await book.append([periodIncident("charge_blocked", period, book.now, { code })]);
  });
}

/** What was not sent comes again by itself, but for a first period: it has no retries, and its payer is there. */
async function saveUnsent<Tx>(
  context: SubscriptionsContext<Tx>,
  book: Book<Tx>,
  subscription: SubscriptionRow,
  period: PeriodRow,
  reason: string,
): Promise<void> {
  const unsent = afterUnsent(period, reason, book.now, context.graceMs);
  if (subscription.state === "INCOMPLETE") return save(book, subscription, { ...unsent, nextAt: null });
  await save(book, pastDue(subscription, unsent), unsent);
  if (isUnsentForLong(unsent)) await book.append([periodIncident("charge_blocked", unsent, book.now, { reason })]);
}

/** All pays are used up: the period waits for its grace to end. */
async function waitForGrace<Tx>(context: SubscriptionsContext<Tx>, known: PeriodRow): Promise<void> {
  await onPeriod(context, known, async ({ subscription, period }, book) => {
    const graceUntil = period.graceUntil ?? book.now + context.graceMs;
    await save(book, pastDue(subscription, { ...period, graceUntil }), { ...period, nextAt: null, graceUntil });
  });
}

/** Asks Payme about the receipt of the last period: where a person gave its money back, that is booked, and no more is charged. */
export async function lookBack<Tx>(
  { payments, client }: SubscriptionsContext<Tx>,
  { receiptId }: Doing<"look">,
): Promise<void> {
  const { now, logger } = payments.books;
  try {
    const { state } = await client.receipts.check(receiptId);
    if (state !== ReceiptState.CANCELLED && state !== ReceiptState.CANCEL_QUEUED) return;
    const refund = state === ReceiptState.CANCELLED ? "done" : "queued";
    await payments.recordCancelled({ paymeId: receiptId, cancelledAt: now(), source: "receipt", refund });
  } catch (error) {
    logger.warn("Payme could not be asked about the last period; the next one is charged all the same", {
      transaction_id: receiptId,
      error: codeOf(error),
    });
  }
}

/** Asks Payme about a charge whose end is not known. Found paid, the hook of its payment books it. False: nothing is left to do now. */
export async function askPeriod<Tx>(context: SubscriptionsContext<Tx>, { period }: Doing<"ask">): Promise<boolean> {
  const { payments } = context;
  const seen =
    period.paymentId === null
      ? undefined
      : await payments.check(period.paymentId).catch((error: unknown) => {
          payments.books.logger.warn("Payme could not be asked about a period; it comes again", {
            payment_id: period.paymentId,
            error: codeOf(error),
          });
          return "not_asked" as const;
        });
  if (seen !== "not_asked" && seen !== undefined && seen.status !== "PENDING" && seen.status !== "PAID") {
    await onPeriod(context, period, ({ subscription, period: current }, book) =>
      save(book, subscription, { ...current, state: "RETRY", nextAt: book.now, updatedAt: book.now }),
    );
    return true;
  }
  await onPeriod(context, period, async ({ subscription, period: current }, book) => {
    if (current.state !== "UNKNOWN") return;
    await save(book, pastDue(subscription, current), { ...current, nextAt: nextAsk(current, book.now) });
  });
  return false;
}

/**
 * Gives a period up, or makes it anew for another amount: only once its receipt is dead. One found paid first is PAID. False: Payme
 * has not said so yet.
 */
export async function buryPeriod<Tx>(
  context: SubscriptionsContext<Tx>,
  { period, cause }: Doing<"bury">,
): Promise<boolean> {
  const payment = await context.payments.findByReference(referenceOf(period));
  const fate = payment === undefined ? "dead" : await bury(context, payment);
  await onPeriod(context, period, async ({ subscription, period: current }, book) => {
    const { verbs, now } = book;
    if (current.state === "PAYING") return;
    if (fate === "returned") return giveBack(context, book, subscription, current);
    if (fate !== "dead") {
      const nextAt = lookAgainAt(current, now);
      await save(book, subscription, { ...current, nextAt });
      return fate === "waits" ? tellOfLongWait(book, current) : undefined;
    }
    if (cause === null) return repriced(context, book, subscription, current);
    // Its receipt is cancelled, and with it closes what was told of it: this is named by the period.
    const isOurFault = cause === "unpaid" && (current.reason === "merchant" || current.reason === "unavailable");
    if (isOurFault) {
      const { reason, code } = current;
      await book.append([
        periodIncident("charge_blocked", { ...current, paymentId: null }, now, { reason, code, cause }),
      ]);
    }
    await verbs.savePeriod({ ...current, state: "VOID", nextAt: null, graceUntil: null, updatedAt: now });
    await end(context, book, subscription, cause);
  });
  return fate !== "waits";
}

/** A person gave the money of a period back: it is not charged again, and the subscription ends. */
async function giveBack<Tx>(
  context: SubscriptionsContext<Tx>,
  book: Book<Tx>,
  subscription: SubscriptionRow,
  period: PeriodRow,
): Promise<void> {
  const { verbs, now, append } = book;
  await verbs.savePeriod({ ...period, state: "REFUNDED", nextAt: null, graceUntil: null, updatedAt: now });
  const { number, amount, paymentId } = period;
  await append([newsOf(context, subscription, "refunded", { number, amount, paymentId })]);
  await end(context, book, { ...subscription, accessUntil: Math.min(subscription.accessUntil, now) }, "refunded");
}

/** The period with the price that its subscription has now. Its retries and its grace go on. */
async function repriced<Tx>(
  context: SubscriptionsContext<Tx>,
  book: Book<Tx>,
  subscription: SubscriptionRow,
  period: PeriodRow,
): Promise<void> {
  const { now } = book;
  const credit = creditOf(subscription);
  const amount = tiyin(subscription.amount - credit);
  const agreed = subscription.consented >= subscription.amount;
  const anew: PeriodRow = {
    ...period,
    k: period.k + 1,
    paymentId: null,
    receiptId: null,
    amount,
    credit,
    end: startOf(subscription, period.number + 1),
    state: agreed ? "RETRY" : "NEEDS_CONSENT",
    nextAt: agreed ? now : null,
    graceUntil: agreed ? period.graceUntil : graceFrom(period, now, context.graceMs),
    updatedAt: now,
  };
  const late = agreed ? subscription : pastDue(subscription, anew);
  await save(book, late, anew);
  if (!agreed)
    await book.append([
      newsOf(context, late, "needs_consent", {
        number: period.number,
        amount: subscription.amount,
        until: late.accessUntil,
      }),
    ]);
}
