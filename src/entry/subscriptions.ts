export type { Access } from "../subscriptions/access";
export type { Interval } from "../subscriptions/boundaries";
export type { NewCard, ResealReport, SavedCard, SubscriptionCards } from "../subscriptions/cards";
export type { CancelOptions, NewPlan, NewSubscription, SubscriptionOutcome } from "../subscriptions/changes";
export type { RetryPolicy, SubscriptionHooks, SubscriptionNews } from "../subscriptions/context";
export { memorySubscriptionStore } from "../subscriptions/memory-subscription-store";
export type {
  AttemptOutcome,
  AttemptRow,
  CardRow,
  EndCause,
  PeriodRow,
  PeriodState,
  PlanChange,
  SubscriptionRow,
  SubscriptionState,
} from "../subscriptions/rows";
export type { RunOptions, RunReport } from "../subscriptions/run";
export { aesSeal, type Seal } from "../subscriptions/seal";
export { type SqlSubscriptionStoreOptions, sqlSubscriptionStore } from "../subscriptions/sql-subscription-store";
export type { StateCounts, SubscriptionStore } from "../subscriptions/subscription-store";
export type { SubscriptionTableNames } from "../subscriptions/subscription-tables";
export {
  createSubscriptions,
  type SubscriptionStatistics,
  type SubscriptionStory,
  type Subscriptions,
  type SubscriptionsOptions,
} from "../subscriptions/subscriptions";
