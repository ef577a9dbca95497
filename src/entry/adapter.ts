export { type Committed, commitChange, type GuardedChange, type GuardedHook } from "../ledger/commit-change";
export { differenceOf } from "../ledger/difference";
export {
  doublePayment,
  type EventQuery,
  type EventResult,
  type EventRow,
  eventGuardHolds,
  type IncidentClosing,
  type IncidentKind,
  incidentKey,
  incidentKinds,
  isClosedBy,
  isIncidentKind,
  isOpenIncident,
  type NewEvent,
} from "../ledger/event";
export {
  type HookRefusal,
  type HookSubject,
  type Ledger,
  type LedgerTransaction,
  withHooks,
} from "../ledger/hooks";
export { type Closes, type Incident, recordIncident, stackOf, type Told } from "../ledger/incident";
export type { Outcome, Scope } from "../ledger/outcome";
export {
  amountTaken,
  changedPayment,
  countsAsOpen,
  judgePayment,
  type PaymentChange,
  type PaymentKey,
  type PaymentRow,
  type PaymentStatus,
  paymentArrows,
  paymentGuardHolds,
  type ReceiptAttachment,
  type RefundState,
} from "../ledger/payment";
export type { ReferenceType, StoredReference } from "../ledger/reference";
export type {
  AddedPayment,
  AddedTransaction,
  CancelRequest,
  CheckClaim,
  Cursor,
  EventVerbs,
  FindOptions,
  LastStep,
  MovedOrders,
  PaymentStatistics,
  PaymentVerbs,
  ReadVerbs,
  StatisticsFilter,
  Storage,
  TransactionVerbs,
  TurnOptions,
  Verbs,
  WriteVerbs,
} from "../ledger/storage";
export { type DayTotals, joinTotals, type MoneyTotal, type PaymentTotals, type SourceTotal } from "../ledger/totals";
export {
  changedTransaction,
  earliestLive,
  isExpired,
  isLive,
  judgeTransaction,
  type Receiver,
  type TransactionChange,
  type TransactionRow,
  type TransactionSource,
  transactionGuardHolds,
} from "../ledger/transaction";
export { autocommit, type RunWith } from "../storage/autocommit";
export { createHookScope, type HookScope } from "../storage/hook-scope";
export { onlyReads, readingVerbs } from "../storage/only-reads";
export { integer, nullable, text } from "../storage/sql/columns";
export {
  asTemplate,
  type CompiledStatement,
  compile,
  type Dialect,
  type Executor,
  rowsIn,
  type SqlRow,
  type SqlSeam,
  type SqlStorage,
  type SqlValue,
  type TransactionOptions,
} from "../storage/sql/executor";
export { type Migration, type Migrations, migrate } from "../storage/sql/migrations";
export { type PostgresBinding, type PostgresSeamOptions, postgresSeam } from "../storage/sql/postgres-seam";
export { sqlTime } from "../storage/sql/rows";
export { type SqlStorageOptions, sqlStorage } from "../storage/sql/sql-storage";
export { DEFAULT_TABLES, indexName, named, quoted, type TableNames } from "../storage/sql/tables";
export type { SubscriptionReads, SubscriptionVerbs } from "../subscriptions/subscription-store";
export type {
  AddedGrant,
  RevokedGrant,
  TariffPage,
  TariffReads,
  TariffStore,
  TariffUser,
  TariffVerbs,
  TariffWrites,
} from "../tariffs/tariff-store";
export type { TariffTableNames } from "../tariffs/tariff-tables";
export {
  type Grant,
  type GrantRow,
  projectionAt,
  runningAt,
  type TariffPeriod,
  type TariffProjection,
  type Timetable,
  timetableOf,
} from "../tariffs/timetable";
