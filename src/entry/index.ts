export { type CheckoutForm, type CheckoutFormParams, checkoutForm } from "../checkout/checkout-form";
export type { CheckoutParams } from "../checkout/checkout-params";
export { checkoutUrl } from "../checkout/checkout-url";
export { fiscalDetail, type NewFiscalDetail, type NewFiscalItem } from "../checkout/fiscal-detail";
export type { CallOptions } from "../client/call";
export type { CardEntry, Cards, CreateCardParams, VerifyCode } from "../client/cards";
export type { ClientEvent } from "../client/client-event";
export { type PaymeConfig, paymeConfigFromEnv } from "../client/config-from-env";
export { declineText } from "../client/decline-text";
export type { ReceiptPage, UnreadReceipt } from "../client/list-receipts";
export type { CallClass } from "../client/methods";
export type { DeclineReason, HoldOptions, PaidWaitOptions, PayMethods, PayOutcome, PayParams } from "../client/pay";
export { createPaymeClient, type PaymeClient, type PaymeClientOptions, type RpcOptions } from "../client/payme-client";
export type {
  CreateReceiptParams,
  ListReceiptsParams,
  Payer,
  PayReceiptParams,
  ReceiptFiscalData,
  Receipts,
} from "../client/receipts";
export { signPayload, verifySignature } from "../gateway/signature";
export { type ParseWebhookOptions, parseWebhook, type WebhookHeaders } from "../gateway/webhook";
export type { PaymentCancelledEvent, PaymentPaidEvent, UnknownEvent, WebhookEvent } from "../gateway/webhook-event";
export { type Clock, type IdSource, randomId, type Sleep } from "../kit/clock";
export type { EventListener } from "../kit/emit";
export {
  isPaymeError,
  type PayerTexts,
  PaymeAPIError,
  PaymeConfigError,
  PaymeConnectionError,
  PaymeEffectError,
  PaymeError,
  type PaymeErrorCode,
  type PaymeErrorOptions,
  PaymeOutcomeUnknownError,
  PaymeSignatureError,
  PaymeStorageError,
  PaymeValidationError,
  type RefusalReason,
} from "../kit/errors";
export { type HttpAnswer, httpAnswerOf } from "../kit/http-answer";
export { consoleLogger, type Logger } from "../kit/logger";
export { formatSom, isTiyin, type SomAmount, som, TIYIN_PER_SOM, type Tiyin, tiyin } from "../kit/money";
export type {
  AdminAction,
  AdminEvent,
  Asked,
  BookEvent,
  EventBase,
  HookEvent,
  IncidentEvent,
  PaymentEvent,
  RefundEvent,
  TransactionEvent,
} from "../ledger/book-event";
export type { BookState, Difference } from "../ledger/difference";
export { type EventRow, type IncidentKind, isIncidentKind } from "../ledger/event";
export type { ImportOptions, ImportReport } from "../ledger/import-rows";
export type { Incident } from "../ledger/incident";
export type { Outcome, Scope } from "../ledger/outcome";
export type { PaymentRow, PaymentStatus } from "../ledger/payment";
export type { Reference, ReferenceType } from "../ledger/reference";
export type { PaymentStatistics, StatisticsFilter, Storage } from "../ledger/storage";
export type { MoneyTotal, PaymentTotals, SourceTotal } from "../ledger/totals";
export type { Receiver, TransactionRow, TransactionSource } from "../ledger/transaction";
export type { AccountFields, AccountOf, AccountSchema, AccountSpec, FieldKind } from "../merchant/account";
export { PAYME_ADDRESSES } from "../merchant/addresses";
export { cashboxes } from "../merchant/cashboxes";
export type { StatementComparison, StatementPeriod, StatementRow } from "../merchant/compare-statement";
export type { ExpiryReport } from "../merchant/expiry";
export type { MerchantRequest } from "../merchant/gate";
export type { ImportedTransaction } from "../merchant/import-transactions";
export type { KeySource } from "../merchant/keys";
export {
  createMerchantApi,
  type MerchantApi,
  type MerchantApiOptions,
  type MerchantReply,
} from "../merchant/merchant-api";
export type { ClockEvent, MerchantCallEvent, MerchantEvent } from "../merchant/merchant-event";
export type { Balance, FindResult, MerchantHooks, MerchantTransaction, Order, Payable } from "../merchant/order";
export { Refusal, refuse } from "../merchant/refusal";
export { eventLogger } from "../operate/event-logger";
export type { JobHealth, JobReport } from "../operate/job-runner";
export type { JobCounts, RepeatedJob, WorkerParts } from "../operate/jobs";
export { logScrubber } from "../operate/log-scrubber";
export type { PaymeEvent } from "../operate/payme-event";
export { remedyOf } from "../operate/remedies";
export { createWorker, type Worker, type WorkerHealth, type WorkerOptions } from "../operate/worker";
export type { WorkerEvent } from "../operate/worker-event";
export type { DeliverMessage, Message, NewMessage } from "../outbox/message";
export { createOutbox, type Outbox, type OutboxOptions, type OutboxReport } from "../outbox/outbox";
export type { OutboxEvent } from "../outbox/outbox-event";
export { postMessages } from "../outbox/post-messages";
export type { AcceptedPayment, IncidentAcceptance } from "../payments/accept-incident";
export type { PaymentAccount, PaymentOrders } from "../payments/as-orders";
export type { CancelOutcome, RefundedPayment } from "../payments/cancel-payment";
export type { CaptureOutcome, ChargeOutcome } from "../payments/charge-outcome";
export type { NewCharge } from "../payments/charge-payment";
export type { PaymentsClient } from "../payments/context";
export type { CreatedPayment, NewPayment } from "../payments/create-payment";
export type { DailyClose, DailyCloseOptions } from "../payments/daily-close";
export type { Fulfiller, PaymentHook } from "../payments/fulfiller";
export type { ImportedPayment } from "../payments/import-payments";
export {
  type Books,
  createPayments,
  type Incidents,
  type Payments,
  type PaymentsOptions,
  type WaitOptions,
} from "../payments/payments";
export type { NotificationEvent, PaymentsEvent } from "../payments/payments-event";
export type { ReconcileOptions, ReconcileReport } from "../payments/reconcile";
export type { CancelledReport } from "../payments/record-cancelled";
export type { PaidReport, RecordOutcome } from "../payments/record-paid";
export type { ReviewedDay, ReviewOptions, ReviewReport } from "../payments/review";
export type {
  PaymentStory,
  StoryEntry,
  StoryKey,
  StoryPayment,
  StoryTransaction,
} from "../payments/story";
export { type Card, type CardExpiry, cardExpiry } from "../protocol/card";
export { MerchantErrorCode, SubscribeErrorCode } from "../protocol/codes";
export type { Exchange, OnExchange } from "../protocol/exchange";
export type { FiscalDetail, FiscalItem } from "../protocol/fiscal";
export type { Mode } from "../protocol/hosts";
export { type AccountField, accountValue, type Receipt, receiptCreatedAt } from "../protocol/receipt";
export { CancelReason, type LocalizedText, ReceiptState, TransactionState } from "../protocol/states";
export { type MemoryStorage, type MemoryStorageOptions, memoryStorage } from "../storage/memory/memory-storage";
export type { MemoryTable, MemoryTx } from "../storage/memory/memory-table";
export type { StorageEvent } from "../storage/storage-event";
