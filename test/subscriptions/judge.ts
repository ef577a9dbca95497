import { isDeepStrictEqual } from "node:util";
import type { PaymentRow, Scope } from "../../src/ledger";
import { ReceiptState } from "../../src/protocol/states";
import type { PeriodRow, SubscriptionRow } from "../../src/subscriptions/rows";
import type { MockPayme } from "../../src/tools/mock-server/mock-payme";
import type { Books } from "./books";
import { localParts, monthsLater } from "./calendar-oracle";
import type { Journal } from "./journal";
import type { Schedule } from "./random-schedule";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const OPEN = ["DUE", "PAYING", "RETRY", "NEEDS_CARD", "NEEDS_CONSENT", "UNKNOWN"];
const PAID = ["PAID", "REFUND_QUEUED", "REFUNDED"];
/** A period of a week, for three years, and more. */
const ALL = 1_000;

export interface JudgeOf<Tx> {
  readonly mock: MockPayme;
  readonly books: Books<Tx>["processes"][0];
  readonly scope: Scope;
  readonly owner: string;
  readonly schedule: Schedule;
  readonly journal: Journal;
  readonly clock: () => number;
  /** Asks the code under test. */
  readonly hasAccess: (plan: string) => Promise<boolean | undefined>;
}

/** Judges a life by Payme's receipts and movements, and by the rows: no rule of our code is in it. */
export function judgeOf<Tx>({ mock, books, scope, owner, schedule, journal, clock, hasAccess }: JudgeOf<Tx>) {
  const { storage, store } = books;
  const payments = new Map<string, { readonly period: string; readonly id: string }>();
  const sent = new Set<string>();
  const accessBefore = new Map<string, { readonly until: number; readonly anchor: number; readonly refunds: number }>();
  const subscriptions = () => store.listSubscriptions(scope, { owner, limit: ALL });

  /** The period of a receipt, by the reference of the payment that it names: `sub:<id>:<number>:<k>`. */
  async function periodOf(account: readonly { readonly value?: unknown }[]): Promise<string> {
    const id = String(account[0]?.value);
    const known = payments.get(id);
    if (known !== undefined) return known.period;
    const reference = (await storage.findPayment(scope, { id }))?.reference ?? "";
    const period = /^sub:(.+):\d+$/.exec(reference)?.[1];
    if (period === undefined) throw new Error(`no period of the receipt of ${id}`);
    payments.set(id, { period, id });
    return period;
  }

  /**
   * I2: before a pay is sent. A receipt whose creation was never answered is paid by nobody: its payment has FAILED, also where a
   * later look finds the receipt, and only open payments are charged.
   */
  async function beforeCall(body: string): Promise<void> {
    const { method, params }: { method?: string; params?: { id?: string } } = JSON.parse(body);
    if (method !== "receipts.pay") return;
    const paying = mock.receipt(params?.id ?? "");
    if (paying === undefined) return journal.wrong("I2: a receipt is paid that Payme does not have");
    sent.add(paying._id);
    const period = await periodOf(paying.account);
    for (const other of mock.receipts()) {
      if (other._id === paying._id || other.state === ReceiptState.CANCELLED) continue;
      if ((await periodOf(other.account)) !== period) continue;
      const id = String(other.account[0]?.value);
      const payment = await storage.findPayment(scope, { id });
      const mayBePaid = payment?.transactionId === other._id && payment.status === "PENDING";
      if (mayBePaid || sent.has(other._id))
        journal.wrong(`I2: a pay is sent for ${period} beside a receipt in ${other.state}`);
    }
  }

  async function debitsByPeriod(): Promise<Map<string, number>> {
    const debits = new Map<string, number>();
    for (const { kind, receiptId } of mock.movements) {
      if (kind !== "take") continue;
      const period = await periodOf(mock.receipt(receiptId)?.account ?? []);
      debits.set(period, (debits.get(period) ?? 0) + 1);
    }
    return debits;
  }

  function judgePeriod({ state, subscriptionId, number, start, end }: PeriodRow, debits: number): void {
    const name = `${subscriptionId}:${number}`;
    if (debits > 1) journal.wrong(`I1: ${name} was debited ${debits} times`);
    if (PAID.includes(state) && debits !== 1) journal.wrong(`I1: ${name} is ${state} with ${debits} debits`);
    if (state === "VOID" && debits !== 0) journal.wrong(`I1: ${name} is VOID with ${debits} debits`);
    if (start >= end) journal.wrong(`${name} ends before it begins`);
  }

  /** The boundaries of a subscription that nobody moved, counted on a calendar. */
  function judgeCalendar({ id, createdAt, trialDays }: SubscriptionRow, { number, start, end }: PeriodRow): void {
    if (journal.hasMoved(id)) return;
    const anchor = createdAt + trialDays * DAY;
    const isRight = [start, end].every((at, index) => {
      const { every } = schedule;
      const count = number - 1 + index;
      if ("days" in every) return at === anchor + count * every.days * DAY;
      return isDeepStrictEqual(localParts(at), monthsLater(anchor, count * every.months));
    });
    if (!isRight) journal.wrong(`the boundaries of ${id}:${number} are not those of the calendar`);
  }

  /** I4, by what was written and by what the code answers. */
  async function judgeAccess(row: SubscriptionRow, periods: readonly PeriodRow[]): Promise<void> {
    const { id, accessUntil, plan, state, anchor, firstNumber } = row;
    const now = clock();
    const before = accessBefore.get(id);
    const isRefunded = journal.refunds() > (before?.refunds ?? 0);
    const isExchanged = journal.wasExchanged(id) && anchor !== before?.anchor && accessUntil === anchor;
    if (before !== undefined && accessUntil < before.until && !isRefunded && !isExchanged)
      journal.wrong(`I4: the access of ${id} shrank`);
    accessBefore.set(id, {
      until: accessUntil,
      anchor,
      refunds:
        isRefunded && (isExchanged || accessUntil >= (before?.until ?? 0)) ? (before?.refunds ?? 0) : journal.refunds(),
    });
    const counts = ({ number }: PeriodRow) => number >= firstNumber || !journal.wasExchanged(id);
    const paid = periods.filter((period) => period.state === "PAID" && counts(period));
    const lastPaid = Math.max(0, ...paid.map(({ end }) => end));
    if (accessUntil < lastPaid) journal.wrong(`I4: ${id} is paid for until ${lastPaid}, and gives ${accessUntil}`);
    if (journal.hasMoved(id)) return;
    if (accessUntil > journal.granted(id)) journal.wrong(`I4: ${id} gives more than was paid for, and no grace`);
    const isPaid = periods.some((period) => period.state === "PAID" && period.start <= now && now < period.end);
    const others = (await subscriptions()).filter((other) => other.plan === plan && other.id !== id);
    const active = await hasAccess(plan);
    if (isPaid && active === false) journal.wrong(`I4: ${id} is paid for, and gives nothing`);
    const isTried = (periods[0]?.attempts ?? 0) > 0 && OPEN.includes(periods[0]?.state ?? "");
    const isOver = state === "ENDED" || (isTried && periods[0]?.state !== "PAYING");
    if (others.length === 0 && isOver && now >= journal.granted(id) && active)
      journal.wrong(`I4: ${id} gives access after ${new Date(journal.granted(id)).toISOString()}`);
  }

  /** After each step: I1, I4, I5. */
  async function all(): Promise<void> {
    const debits = await debitsByPeriod();
    const rows = await subscriptions();
    for (const row of rows) {
      const periods = await store.listPeriods(row.id, ALL);
      for (const period of periods) {
        judgePeriod(period, debits.get(`${row.id}:${period.number}`) ?? 0);
        judgeCalendar(row, period);
        debits.delete(`${row.id}:${period.number}`);
      }
      await judgeAccess(row, periods);
      const open = periods.filter(({ state }) => OPEN.includes(state));
      if (open.length > 1) journal.wrong(`${row.id} has ${open.length} open periods`);
      if (row.state === "ENDED" && open.length > 0) journal.wrong(`${row.id} has ended with an open period`);
    }
    for (const period of debits.keys()) journal.wrong(`I1: ${period} was debited, and is no period`);
    const live = rows.filter(({ state }) => state !== "ENDED").map(({ plan }) => plan);
    if (new Set(live).size < live.length) journal.wrong("I5: two live subscriptions to one plan");
  }

  /** Once nothing fails any more, each subscription goes on, has ended, or waits for a person. */
  async function isAlive(): Promise<void> {
    const now = clock();
    for (const row of await subscriptions()) {
      const periods = await store.listPeriods(row.id, ALL);
      await judgeRenewals(row, periods);
      if (row.state === "ENDED") continue;
      if (row.nextAt !== null && row.nextAt < now - HOUR) journal.wrong(`nobody looks at ${row.id}`);
      const [period] = periods;
      const waits = await whatWaits(row, period);
      if (waits !== undefined) journal.wrong(`${row.id} is ${row.state}, its period ${period?.state}: ${waits}`);
    }
  }

  async function whatWaits(row: SubscriptionRow, period: PeriodRow | undefined): Promise<string | undefined> {
    const now = clock();
    if (row.state === "PAUSED") return undefined;
    if (period === undefined) return row.state === "TRIALING" ? undefined : "it has no period";
    if (period.state === "NEEDS_CONSENT" || period.state === "NEEDS_CARD") return undefined;
    if (period.state === "RETRY") return period.updatedAt > now - 8 * DAY ? undefined : "it is not tried again";
    if (period.state === "UNKNOWN") {
      const incidents = await storage.listEvents(scope, { kinds: ["charge_unknown"], limit: ALL });
      const isTold = incidents.some(({ subject }) => subject === period.paymentId);
      return isTold || period.updatedAt > now - 5 * DAY ? undefined : "nobody is told of an unknown end";
    }
    if (PAID.includes(period.state) || period.state === "VOID")
      return now < row.accessUntil || row.nextAt !== null ? undefined : "no next period comes";
    return "it is stuck";
  }

  /** One message of each renewal. */
  async function judgeRenewals({ id }: SubscriptionRow, periods: readonly PeriodRow[]): Promise<void> {
    const events = await storage.listEvents(scope, { subject: id, kinds: ["subscription.renewed"], limit: ALL });
    const paid = periods.filter(({ paidAt }) => paidAt !== null).map(({ number }) => number);
    const told = events.map(({ data }) => Number(Reflect.get(Object(data), "number")));
    if (
      !isDeepStrictEqual(
        told.toSorted((a, b) => a - b),
        paid.toSorted((a, b) => a - b),
      )
    )
      journal.wrong(`${id}: renewals ${told} were told, ${paid} were paid`);
  }

  /** I6: no token in any row, event, log line, answer or error. */
  async function isSecret(): Promise<void> {
    const rows: unknown[] = [await store.listCards(scope, { owner, limit: ALL })];
    for (const row of await subscriptions()) {
      rows.push(row, await store.listPeriods(row.id, ALL), await store.listAttempts(row.id, { limit: ALL }));
    }
    for (const id of payments.keys()) {
      const payment: PaymentRow | undefined = await storage.findPayment(scope, { id });
      rows.push(payment);
    }
    rows.push(await storage.listEvents(scope, { limit: 10 * ALL }));
    if (journal.toldSecrets(JSON.stringify(rows)).length > 0) journal.wrong("I6: a token is told");
  }

  return { subscriptions, beforeCall, all, isAlive, isSecret };
}
