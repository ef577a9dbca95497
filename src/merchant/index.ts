export type { AccountFields, AccountOf, AccountSchema, AccountSpec, FieldKind } from "./account";
export { PAYME_ADDRESSES } from "./addresses";
export type { StatementComparison, StatementPeriod, StatementRow } from "./compare-statement";
export type { MerchantHooks } from "./context";
export type { MerchantRequest } from "./gate";
export {
  createMerchantApi,
  type MerchantApi,
  type MerchantApiOptions,
  type MerchantReply,
} from "./merchant-api";
export type { Balance, Found, MerchantTransaction, Order } from "./order";
export { Refusal, refuse } from "./refusal";
export type { Swept } from "./sweep";
