import { isRecord } from "../kit/json";
import { tiyin } from "../kit/money";
import { appendIn, type PaymentRow } from "../ledger";
import type { Fulfiller } from "../payments/fulfiller";
import { type Book, closingOf, newsOf, type SubscriptionsContext } from "./context";
import { isOpen, type PeriodRow, type SubscriptionRow } from "./rows";
import { end, rest, startOf } from "./turn";

/** What the payments of periods give: the hooks of their kind, in the transaction of the money. */
export function fulfillerOf<Tx>(context: SubscriptionsContext<Tx>): Fulfiller<Tx> {
  return {
    onPaid: async (payment, tx) => renewed(context, payment, bookIn(context, tx)),
    onRefunded: async (payment, tx) => refunded(context, payment, bookIn(context, tx)),
  };
}

function bookIn<Tx>({ store, payments }: SubscriptionsContext<Tx>, tx: Tx): Book<Tx> {
  const { storage, now } = payments.books;
  return {
    tx,
    verbs: store.using(tx),
    now: now(),
    append: (events, closing) => appendIn(storage, tx, events, closing),
  };
}

async function rowsOf<Tx>({ verbs }: Book<Tx>, { data }: PaymentRow) {
  const { subscriptionId, number } = isRecord(data) ? data : {};
  if (typeof subscriptionId !== "string" || typeof number !== "number") return {};
  const subscription = await verbs.lockSubscription(subscriptionId);
  return { subscription, period: await verbs.findPeriod(subscriptionId, number) };
}

/** An open period is paid, once. False where it was given up or is paid already: the money is in front of a person then. */
async function renewed<Tx>(context: SubscriptionsContext<Tx>, payment: PaymentRow, book: Book<Tx>): Promise<boolean> {
  const { subscription, period } = await rowsOf(book, payment);
  if (subscription === undefined || period === undefined || !isOpen(period)) return false;
  const { verbs, now, tx } = book;
  const paid: PeriodRow = {
    ...period,
    state: "PAID",
    paymentId: payment.id,
    receiptId: payment.paidBy,
    paidAt: payment.paidAt ?? now,
    nextAt: null,
    graceUntil: null,
    reason: null,
    code: null,
    updatedAt: now,
  };
  await verbs.savePeriod(paid);
  const [attempt] = await verbs.listAttempts(subscription.id, { number: period.number, limit: 1 });
  if (attempt?.endedAt === null) await verbs.saveAttempt({ ...attempt, endedAt: now, outcome: "paid" });
  const isPaused = subscription.state === "PAUSED" || subscription.state === "ENDED";
  const active: SubscriptionRow = {
    ...subscription,
    state: isPaused ? subscription.state : "ACTIVE",
    credit: tiyin(subscription.credit - period.credit),
    accessUntil: Math.max(subscription.accessUntil, period.end),
    updatedAt: now,
  };
  const ends = active.cancelAtEnd ? active.accessUntil : startOf(active, paid.number + 1);
  await rest(context, book, active, undefined, isPaused ? null : ends);
  const news = { number: paid.number, amount: paid.amount, paymentId: payment.id, until: active.accessUntil };
  await book.append([newsOf(context, active, "renewed", news)], closingOf(period, "subscription.renewed", now));
  await context.onRenewed?.(active, paid, tx);
  return true;
}

/** The money of a period goes back. Only that of the newest period ends the subscription: it is running, or nothing follows it yet. */
async function refunded<Tx>(context: SubscriptionsContext<Tx>, payment: PaymentRow, book: Book<Tx>): Promise<boolean> {
  const { subscription, period } = await rowsOf(book, payment);
  if (subscription === undefined || period?.paymentId !== payment.id || period.state !== "PAID") return false;
  const { verbs, now, tx } = book;
  const back: PeriodRow = {
    ...period,
    state: payment.refund === "done" ? "REFUNDED" : "REFUND_QUEUED",
    updatedAt: now,
  };
  await verbs.savePeriod(back);
  const { number, amount } = back;
  await book.append([newsOf(context, subscription, "refunded", { number, amount, paymentId: payment.id })]);
  await context.onRefunded?.(subscription, back, tx);
  // After a proration it lasts to the start of the next one.
  const until = Math.max(period.end, startOf(subscription, number + 1));
  const isLapsed = subscription.state === "PAUSED" && now >= until;
  if (number !== subscription.number || isLapsed) return true;
  const cut = { ...subscription, accessUntil: Math.min(subscription.accessUntil, now), updatedAt: now };
  if (subscription.state === "ENDED") await verbs.saveSubscription(cut);
  else await end(context, book, cut, "refunded");
  return true;
}
