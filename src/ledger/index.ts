export { commitChange, type GuardedChange } from "./commit-change";
export { type BookState, type Difference, differenceOf } from "./difference";
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
export {
  type HookRefusal,
  type HookSubject,
  type Ledger,
  type LedgerTransaction,
  type RefusedIncident,
  withHooks,
} from "./hooks";
export { type Incident, recordIncident, stackOf } from "./incident";
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
export { joinTotals, type MoneyTotal, type PaymentTotals, type SourceTotal } from "./totals";
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
