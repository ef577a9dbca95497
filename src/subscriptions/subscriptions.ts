import { DAY_MS } from "../kit/calendar";
import { PaymeConfigError } from "../kit/errors";
import { type Tiyin, tiyin } from "../kit/money";
import { type EventRow, SUBSCRIPTION_KIND } from "../ledger";
import type { Payments } from "../payments/payments";
import { type Access, accessOf } from "./access";
import { createCards, type SubscriptionCards } from "./cards";
import {
  type CancelOptions,
  cancelSubscription,
  changeSubscriptionCard,
  changeSubscriptionPlan,
  consentTo,
  createSubscription,
  type NewPlan,
  type NewSubscription,
  pauseSubscription,
  resumeSubscription,
  type SubscriptionOutcome,
} from "./changes";
import { ownRow, type RetryPolicy, type SubscriptionHooks, type SubscriptionsContext } from "./context";
import { fulfillerOf } from "./fulfil";
import type { AttemptRow, PeriodRow, SubscriptionRow } from "./rows";
import { type RunOptions, type RunReport, run } from "./run";
import { type Seal, silent } from "./seal";
import { storeBeside } from "./store-beside";
import type { StateCounts, SubscriptionStore } from "./subscription-store";

/** Options of {@link createSubscriptions}. */
export interface SubscriptionsOptions<Tx> extends SubscriptionHooks<Tx> {
  /** Charges the periods: payments of the kind `subscription`. It needs a client. */
  payments: Payments<Tx>;
  /** Seals the cards' tokens: `aesSeal([key])`, or your own over a KMS. */
  seal: Seal;
  /** Default: beside the payments. */
  store?: SubscriptionStore<Tx> | undefined;
  /** When a card without money is charged again: days after the first try, and the hour in Tashkent. */
  retry?: Partial<RetryPolicy> | undefined;
  /** How long access lasts after the last try of a period. Default 3. */
  graceDays?: number | undefined;
  /** After an outage of several periods: charge the running one only, the others are free (default), or each, one in a run. */
  catchUp?: "current" | "each" | undefined;
  /** How long a charge is asked about after a lost answer, before the worker goes on with it, in ms. Default 10,000. */
  settleMs?: number | undefined;
  /** False: what owners should hear is no message of the outbox. Default true. */
  messages?: boolean | undefined;
}

/** A subscription with all that happened to it. */
export interface SubscriptionStory {
  readonly subscription: SubscriptionRow;
  /** The newest first, 100 at most. */
  readonly periods: readonly PeriodRow[];
  readonly attempts: readonly AttemptRow[];
  /** Oldest first. */
  readonly events: readonly EventRow[];
}

/** Counts and sums of subscriptions. */
export interface SubscriptionStatistics {
  readonly states: StateCounts;
  /** Periods that were paid in the time asked for, and not refunded since. */
  readonly renewals: number;
  readonly revenue: Tiyin;
}

/** Subscriptions on saved cards: each period is charged once. Made by {@link createSubscriptions}. */
export interface Subscriptions {
  readonly cards: SubscriptionCards;
  /**
   * Begins a subscription, and charges its first period now, or after the trial. After a crash the worker finishes it. The same owner
   * and plan again is the same subscription: a double click charges once, and after a decline another card is tried.
   *
   * @throws PaymeValidationError where the card is not the owner's (`NOT_FOUND`) or not attached, or the owner subscribes at another
   * price (`CONFLICT`).
   * @example
   * const { outcome, subscription } = await subs.create({
   *   owner: "u1", plan: "premium", amount: som(50_000), every: { months: 1 }, card: card.id,
   * });
   */
  create(subscription: NewSubscription): Promise<SubscriptionOutcome>;
  /**
   * Whether an owner may use a plan now. One query.
   *
   * @example
   * const { active, until } = await subs.access({ owner: "u1", plan: "premium" });
   */
  access(of: { owner: string; plan: string }): Promise<Access>;
  find(id: string): Promise<SubscriptionRow | undefined>;
  /** The owner's subscriptions, the newest first. */
  list(of: { owner: string; plan?: string | undefined }): Promise<SubscriptionRow[]>;
  /**
   * Ends it with what is paid, or now. An unpaid period is given up once Payme says that its receipt is cancelled; one that was paid
   * just before stays, and the cancel takes effect at its end.
   */
  cancel(id: string, options?: CancelOptions): Promise<SubscriptionOutcome>;
  /** Stops the charges of an active one. What is paid stays usable. */
  pause(id: string): Promise<SubscriptionOutcome>;
  /** Goes on after `pause`, or takes back a `cancel` that has not taken effect. */
  resume(id: string): Promise<SubscriptionOutcome>;
  /** Charges another card of the owner. A period that waits for a card is charged at once. */
  changeCard(id: string, cardId: string): Promise<SubscriptionOutcome>;
  /**
   * Changes plan, price or interval, by default from the next period. A price that is higher than what the owner agreed to waits for
   * {@link consent}.
   */
  changePlan(id: string, plan: NewPlan): Promise<SubscriptionOutcome>;
  /** The owner agrees to the amount that the subscription costs. Ask in your words first, and keep them. */
  consent(id: string, amount: Tiyin): Promise<SubscriptionOutcome>;
  /** All that happened to a subscription; undefined where there is none. */
  story(id: string): Promise<SubscriptionStory | undefined>;
  /** Counts by state, and what was paid with `from <= time < to`. */
  statistics(period: { from: number; to: number }): Promise<SubscriptionStatistics>;
  /**
   * Charges what is due, retries, gives up and tells. `createWorker` calls it; any number of processes may. Errors are counted and logged,
   * never thrown.
   */
  run(options?: RunOptions): Promise<RunReport>;
  /** How many have been due for so long: with a worker that runs, none for an hour. */
  overdue(olderThanMs: number): Promise<number>;
  /** Makes and updates the tables, those of the payments too. */
  migrate(): Promise<void>;
}

/**
 * Sells by the month on saved cards. A period has one payment and one receipt, stored before it is charged: whatever crashes, it is
 * charged once.
 *
 * @throws PaymeConfigError without payments that have a client with `cards`, without a seal, or for a policy that cannot be.
 * @example
 * const subs = createSubscriptions({
 *   payments,
 *   seal: aesSeal([process.env.SEAL_KEY ?? ""]),
 *   onRenewed: (subscription, period, tx) => give(subscription.owner, period.end, tx),
 * });
 * createWorker({ payments, subscriptions: subs }).start();
 */
export function createSubscriptions<Tx>(options: SubscriptionsOptions<Tx>): Subscriptions {
  const context = contextOf(options);
  const { payments, store } = context;
  const { storage, scope, now } = payments.books;
  payments.register(SUBSCRIPTION_KIND, fulfillerOf(context));
  return {
    cards: createCards(context),
    create: (wanted) => createSubscription(context, wanted),
    access: (of) => accessOf(context, of),
    find: async (id) => ownRow(context, await store.findSubscription(id)),
    list: (of) => store.listSubscriptions(scope, { ...of, limit: PAGE }),
    cancel: (id, cancelOptions = { at: "period_end" }) => cancelSubscription(context, id, cancelOptions),
    pause: (id) => pauseSubscription(context, id),
    resume: (id) => resumeSubscription(context, id),
    changeCard: (id, cardId) => changeSubscriptionCard(context, id, cardId),
    changePlan: (id, plan) => changeSubscriptionPlan(context, id, plan),
    consent: (id, amount) => consentTo(context, id, amount),
    async story(id) {
      const subscription = ownRow(context, await store.findSubscription(id));
      if (subscription === undefined) return undefined;
      const stored = await store.listPeriods(id, PAGE);
      const periods = await Promise.all(stored.map((period) => withRefund(payments, period)));
      const attempts = await store.listAttempts(id, { limit: 8 * PAGE });
      return {
        subscription,
        periods,
        attempts,
        events: await storage.listEvents(scope, { subject: id, limit: 8 * PAGE }),
      };
    },
    async statistics(period) {
      const [states, paid] = [await store.countStates(scope), await store.revenue(scope, period)];
      return { states, renewals: paid.periods, revenue: tiyin(paid.amount) };
    },
    run: (runOptions = {}) => run(context, runOptions),
    overdue: (olderThanMs) => store.countOverdue(scope, now() - olderThanMs),
    async migrate() {
      await storage.migrate();
      await store.migrate();
    },
  };
}

/** A period whose money goes back, as its payment has it now. */
async function withRefund<Tx>(payments: Payments<Tx>, period: PeriodRow): Promise<PeriodRow> {
  if (period.state !== "REFUND_QUEUED" || period.paymentId === null) return period;
  const refund = (await payments.find(period.paymentId))?.refund;
  if (refund === "done") return { ...period, state: "REFUNDED" };
  return refund === "refused" ? { ...period, state: "REFUND_REFUSED" } : period;
}

/** The most rows of one kind that a question gives. */
const PAGE = 100;

function contextOf<Tx>(options: SubscriptionsOptions<Tx>): SubscriptionsContext<Tx> {
  const {
    payments,
    seal,
    retry = {},
    graceDays = 3,
    catchUp = "current",
    settleMs = 10_000,
    messages = true,
  } = options;
  const { onRenewed, onRefunded, onEnded } = options;
  // A program without types may leave them out.
  const client = payments?.books?.client;
  if (client?.cards === undefined) {
    throw new PaymeConfigError("createSubscriptions: give payments that have a client", {
      hint: "createSubscriptions({ payments: createPayments({ storage, client: createPaymeClient({ … }) }), seal })",
    });
  }
  if (typeof seal?.wrap !== "function" || typeof seal.unwrap !== "function") {
    throw new PaymeConfigError("createSubscriptions: give seal: tokens are never stored in clear", {
      hint: "aesSeal([process.env.SEAL_KEY]), with a key of: openssl rand -base64 32",
    });
  }
  const { funds = [1, 3, 5, 7], atHour = 10 } = retry;
  const isAscending = funds.every((day, index) => Number.isInteger(day) && day > (funds[index - 1] ?? 0));
  if (!isAscending || !Number.isInteger(atHour) || atHour < 0 || atHour > 23) {
    throw new PaymeConfigError("createSubscriptions: retry.funds are ascending days from 1, retry.atHour is 0 to 23");
  }
  if (!(graceDays >= 0 && graceDays <= 60)) throw new PaymeConfigError("createSubscriptions: graceDays is 0 to 60");
  return {
    payments,
    client: { ...client, cards: client.cards },
    store: options.store ?? storeBeside(payments.books.storage),
    seal: silent(seal),
    retry: { funds, atHour },
    graceMs: graceDays * DAY_MS,
    catchUp,
    settleMs,
    messages,
    onRenewed,
    onRefunded,
    onEnded,
  };
}
