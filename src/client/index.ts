export {
  isPaymeError,
  PaymeAPIError,
  PaymeConfigError,
  PaymeConnectionError,
  PaymeError,
  PaymeOutcomeUnknownError,
  PaymeValidationError,
  type RefusalReason,
} from "../errors";
export { formatSom, som, type Tiyin, tiyin } from "../money";
export { type Card, type CardExpiry, cardExpiry } from "../protocol/card";
export type { Exchange, OnExchange } from "../protocol/exchange";
export type { Mode } from "../protocol/hosts";
export { type AccountField, accountTitle, accountValue, type Receipt, receiptCreatedAt } from "../protocol/receipt";
export { ReceiptState } from "../protocol/states";
export type { CallOptions } from "./call";
export type { CardEntry, CreateCardParams, VerifyCode } from "./card-methods";
export type { Cards } from "./cards";
export type { ChargeParams, Charging, HoldOptions, PaidWaitOptions } from "./charge";
export type { ChargeOutcome, DeclineReason } from "./charge-outcome";
export { type PaymeConfig, paymeConfigFromEnv } from "./config-from-env";
export { declineText } from "./decline-text";
export type { CallClass } from "./methods";
export { createPaymeClient, type PaymeClient, type PaymeClientOptions, type RpcOptions } from "./payme-client";
export type {
  CreateReceiptParams,
  ListReceiptsParams,
  Payer,
  PayReceiptParams,
  ReceiptFiscalData,
  Receipts,
} from "./receipts";
export { keyAuth, type XAuth, type XAuthKind } from "./x-auth";
