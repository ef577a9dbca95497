import type { Scope } from "../ledger";
import type { AttemptRow, CardRow, PeriodRow, SubscriptionRow, SubscriptionState } from "./rows";

/** The outcome of adding a row, with the row as it stands: the new one, or the one that is in its way. */
export interface Added<Row> {
  readonly outcome: "applied" | "already_applied";
  readonly row: Row;
}

/** Counts of subscriptions. */
export type StateCounts = Readonly<Partial<Record<SubscriptionState, number>>>;

/** The reads of a subscription store. */
export interface SubscriptionReads {
  /** `lock`: inside a transaction, nobody changes the row before it ends. */
  findCard(id: string, options?: { lock?: true | undefined }): Promise<CardRow | undefined>;
  /** The newest first, of any state. */
  listCards(
    scope: Scope,
    query: { owner?: string | undefined; after?: string | undefined; limit: number },
  ): Promise<CardRow[]>;
  findSubscription(id: string): Promise<SubscriptionRow | undefined>;
  /** The newest first. */
  listSubscriptions(
    scope: Scope,
    query: { owner: string; plan?: string | undefined; limit: number },
  ): Promise<SubscriptionRow[]>;
  findPeriod(subscriptionId: string, number: number): Promise<PeriodRow | undefined>;
  /** The newest first. */
  listPeriods(subscriptionId: string, limit: number): Promise<PeriodRow[]>;
  /** The attempts of all periods, the newest period and attempt first. */
  listAttempts(subscriptionId: string, query: { number?: number | undefined; limit: number }): Promise<AttemptRow[]>;
  countStates(scope: Scope): Promise<StateCounts>;
  /** The sum and the count of the periods that were paid with `from <= paidAt < to` and not refunded. */
  revenue(scope: Scope, period: { from: number; to: number }): Promise<{ periods: number; amount: number }>;
  /** How many subscriptions have been due since before `before`. */
  countOverdue(scope: Scope, before: number): Promise<number>;
}

/** The writes of a subscription store. Each is one atomic step. */
export interface SubscriptionWrites {
  /** One row for each token. */
  addCard(row: CardRow): Promise<Added<CardRow>>;
  saveCard(row: CardRow): Promise<void>;
  /** One for each owner and plan that has not ended. */
  addSubscription(row: SubscriptionRow): Promise<Added<SubscriptionRow>>;
  /** Returns the row, and keeps other writers of this subscription away until the transaction ends. */
  lockSubscription(id: string): Promise<SubscriptionRow | undefined>;
  saveSubscription(row: SubscriptionRow): Promise<void>;
  /** One row for each number. */
  addPeriod(row: PeriodRow): Promise<Added<PeriodRow>>;
  savePeriod(row: PeriodRow): Promise<void>;
  /** One row for each period and attempt. */
  addAttempt(row: AttemptRow): Promise<Added<AttemptRow>>;
  saveAttempt(row: AttemptRow): Promise<void>;
  /** Takes subscriptions whose `nextAt` has come, the longest due first, and moves it to `leaseUntil`. */
  claimDue(scope: Scope, claim: { now: number; leaseUntil: number; limit: number }): Promise<SubscriptionRow[]>;
}

export interface SubscriptionVerbs extends SubscriptionReads, SubscriptionWrites {}

/**
 * Keeps cards, subscriptions, periods and attempts in the database of the payments, so that the money of a period and what it
 * gives commit together.
 *
 * A store MUST:
 * - let the database itself keep two rows of one period, of one attempt, of one token, and two live subscriptions of one owner
 *   and plan apart; of any number of equal adds at once exactly one is `applied`;
 * - after `lockSubscription`, keep other transactions that lock the same one waiting, and let later verbs see what they committed;
 * - give each due subscription to one of any number of `claimDue` at once;
 * - hand out copies, and never read a clock.
 */
export interface SubscriptionStore<Tx> extends SubscriptionReads {
  using(tx: Tx): SubscriptionVerbs;
  /** Makes and updates its tables. Safe to call at every start, by several processes at once. */
  migrate(): Promise<void>;
}
