import { MerchantErrorCode } from "../protocol/codes";
import { type Refusal, refusalOf } from "./refusal";

type Params = Readonly<Record<string, unknown>>;

function invalid(field: string): Refusal {
  return refusalOf(MerchantErrorCode.INVALID_REQUEST, field);
}

/** Payme's id of a transaction: 24 characters in its docs; any text of a sane length here. */
export function requireId(params: Params): string {
  const { id } = params;
  if (typeof id === "string" && id.length > 0 && id.length <= 128) return id;
  throw invalid("id");
}

/** A whole number, as an amount is. Nothing and less than nothing are wrong amounts, not wrong types: see findPayable. */
export function requireAmount(params: Params): number {
  const { amount } = params;
  if (typeof amount === "number" && Number.isSafeInteger(amount)) return amount;
  throw invalid("amount");
}

/** A time in ms. */
export function requireTime(params: Params, field: "time" | "from" | "to"): number {
  const value = params[field];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(field);
}

/** Why Payme cancels: stored as it comes, whatever number it is. */
export function requireReason(params: Params): number {
  const { reason } = params;
  if (typeof reason === "number" && Number.isSafeInteger(reason)) return reason;
  throw invalid("reason");
}

/** The account as it came, for GetStatement. */
export function accountAsReceived(params: Params): Record<string, unknown> {
  const { account } = params;
  return isRecord(account) ? account : {};
}

/** True for an object that is no array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
