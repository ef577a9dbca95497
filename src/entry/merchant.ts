export type { ImportOptions, ImportReport } from "../ledger/import-rows";
export type { Reference } from "../ledger/reference";
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
