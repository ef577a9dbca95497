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
export { keyAuth, type XAuth, type XAuthKind } from "../client/x-auth";
export {
  isPaymeError,
  type PayerTexts,
  PaymeAPIError,
  PaymeConfigError,
  PaymeConnectionError,
  PaymeError,
  PaymeOutcomeUnknownError,
  PaymeValidationError,
  type RefusalReason,
} from "../kit/errors";
export { formatSom, type SomAmount, som, type Tiyin, tiyin } from "../kit/money";
export { type Card, type CardExpiry, cardExpiry } from "../protocol/card";
export type { Exchange, OnExchange } from "../protocol/exchange";
export type { Mode } from "../protocol/hosts";
export { type AccountField, accountTitle, accountValue, type Receipt, receiptCreatedAt } from "../protocol/receipt";
export { ReceiptState } from "../protocol/states";
