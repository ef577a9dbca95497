export { autocommit, type RunWith } from "./autocommit";
export { type Completion, complete } from "./complete";
export { type Difference, differenceOf, type Standing } from "./difference";
export {
  type EventQuery,
  type EventResult,
  type EventRow,
  eventGuardHolds,
  type IncidentKind,
  incidentKey,
  incidentKinds,
  isIncidentKind,
  isOpenIncident,
  type NewEvent,
} from "./event";
export { createHookScope, type HookScope } from "./hook-scope";
export { type Booking, type Concern, type HookRefusal, type Ledger, type RefusedIncident, withHooks } from "./hooks";
export { type Incident, recordIncident, stackOf } from "./incident";
export { type MemoryStorage, type MemoryTx, memoryStorage } from "./memory-storage";
export type { MemoryTable } from "./memory-table";
export type { Outcome, Scope } from "./outcome";
export {
  changedPayment,
  judgePayment,
  type PaymentChange,
  type PaymentKey,
  type PaymentRow,
  type PaymentStatus,
  paymentArrows,
  paymentGuardHolds,
  type ReceiptAttachment,
} from "./payment";
export type {
  AddedPayment,
  AddedTransaction,
  CancelRequest,
  Cursor,
  EventVerbs,
  PaymentStatistics,
  PaymentVerbs,
  ReadVerbs,
  Storage,
  TransactionVerbs,
  Verbs,
  WriteVerbs,
} from "./storage";
export { joinTotals, type PaymentTotals, type SourceTotal, type Total } from "./totals";
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
} from "./transaction";
