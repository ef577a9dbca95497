import { isTiyin } from "../../../kit/money";
import { SubscribeErrorCode } from "../../../protocol/codes";
import { Refusal } from "../refusal";

type Params = Readonly<Record<string, unknown>>;

/** Parameters that do not fit, with the field that does not. */
export function invalid(field: string): Refusal {
  return new Refusal(SubscribeErrorCode.INVALID_PARAMS, "Invalid params.", { data: field });
}

/** A text parameter that must be there. */
export function requireText(params: Params, field: string): string {
  const value = params[field];
  if (typeof value === "string" && value !== "") return value;
  throw invalid(field);
}

/** An amount of tiyin above 0. */
export function requireAmount(params: Params, field: string): number {
  const value = params[field];
  if (isTiyin(value) && value > 0) return value;
  throw invalid(field);
}

/** An object that must be there. */
export function requireObject(params: Params, field: string): Params {
  const value = params[field];
  if (isRecord(value)) return value;
  throw invalid(field);
}

/** An account: an object of texts and numbers. */
export function requireAccount(params: Params, field: string): Params {
  const account = requireObject(params, field);
  if (Object.values(account).some((value) => typeof value === "object" && value !== null)) throw invalid(field);
  return account;
}

/** A whole number within bounds; the fallback where it is missing. */
export function integerOr(params: Params, field: string, fallback: number, max: number): number {
  const value = params[field] ?? fallback;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= max) return value;
  throw invalid(field);
}

/** True for an object that is no array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
