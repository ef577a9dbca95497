export type { CallOptions } from "./call";
export { type PaymeConfig, paymeConfigFromEnv } from "./config-from-env";
export type { CallClass } from "./methods";
export { createPaymeClient, type PaymeClient, type PaymeClientOptions, type RpcOptions } from "./payme-client";
export type { CreateReceiptParams, ListReceiptsParams, Receipts } from "./receipts";
export { keyAuth, type XAuth, type XAuthKind } from "./x-auth";
