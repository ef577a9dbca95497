export {
  isPaymeError,
  PaymeAPIError,
  PaymeConfigError,
  PaymeConnectionError,
  PaymeError,
  PaymeOutcomeUnknownError,
  PaymeValidationError,
} from "../errors";
export { formatSom, som, type Tiyin, tiyin } from "../money";
export type { Exchange, OnExchange } from "../protocol/exchange";
export type { Mode } from "../protocol/hosts";
export { type AccountField, accountValue, type Receipt } from "../protocol/receipt";
export { ReceiptState } from "../protocol/states";
export type { CallOptions } from "./call";
export { type PaymeConfig, paymeConfigFromEnv } from "./config-from-env";
export type { CallClass } from "./methods";
export { createPaymeClient, type PaymeClient, type PaymeClientOptions, type RpcOptions } from "./payme-client";
export type { CreateReceiptParams, ListReceiptsParams, Receipts } from "./receipts";
export { keyAuth, type XAuth, type XAuthKind } from "./x-auth";
