import type { PaymeAPIError, RefusalReason } from "../kit/errors";
import { SubscribeErrorCode } from "../protocol/codes";

/** The refusals that end an attempt, by reason. The others are failures inside Payme, or mean several things. */
const ENDS: Readonly<Record<RefusalReason, boolean>> = {
  auth: true,
  validation: true,
  card: true,
  funds: true,
  otp: true,
  limit: true,
  merchant: true,
  receipt: false,
  unavailable: false,
  unknown: false,
};

/** Payme calls the cashbox's own endpoint also after the debit: these two may come when the money is taken. */
const AFTER_DEBIT: readonly string[] = [
  SubscribeErrorCode.MERCHANT_UNAVAILABLE,
  SubscribeErrorCode.MERCHANT_MISBEHAVES,
].map(String);

/**
 * True for a refusal of the card, the payer or the request: Payme does nothing after it. Any other refusal of a pay, a capture
 * or a cancel is a lost answer: Payme may carry the call out all the same.
 */
export function isFinalRefusal({ reason, errorCode }: PaymeAPIError): boolean {
  return ENDS[reason] && !AFTER_DEBIT.includes(errorCode ?? "");
}
