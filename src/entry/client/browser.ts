export type { CallOptions } from "../../client/call";
export { type CardClientOptions, createCardClient } from "../../client/card-client";
export type { CardEntry, CreateCardParams, VerifyCode } from "../../client/cards";
export {
  isPaymeError,
  PaymeAPIError,
  PaymeConfigError,
  PaymeConnectionError,
  PaymeError,
  PaymeOutcomeUnknownError,
  PaymeValidationError,
  type RefusalReason,
} from "../../kit/errors";
export { type Card, type CardExpiry, cardExpiry } from "../../protocol/card";
export type { Mode } from "../../protocol/hosts";
