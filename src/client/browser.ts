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
export { type Card, type CardExpiry, cardExpiry } from "../protocol/card";
export type { Mode } from "../protocol/hosts";
export type { CallOptions } from "./call";
export { type CardClientOptions, createCardClient } from "./card-client";
export type { CardEntry, CreateCardParams, VerifyCode } from "./card-methods";
