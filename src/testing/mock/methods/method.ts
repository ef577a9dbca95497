import type { Clock } from "../../../kit/clock";
import { isRecord } from "../../../kit/json";
import { isTiyin, type Tiyin } from "../../../kit/money";
import { SubscribeErrorCode } from "../../../protocol/codes";
import type { Receipt } from "../../../protocol/receipt";
import type { TestCard } from "../cards";
import type { Cashbox } from "../cashbox";
import type { MockChoices } from "../choices";
import type { MockReceipt } from "../mock-receipt";
import { Refusal } from "../refusal";

export type Params = Readonly<Record<string, unknown>>;

/** The cashbox that calls a method, and what all cashboxes share. */
export interface MethodContext {
  readonly cashbox: Cashbox;
  readonly cards: readonly TestCard[];
  readonly choices: MockChoices;
  readonly now: Clock;
}

/** A method: takes parameters as they came, and returns a result or throws a Refusal. */
export type Method = (context: MethodContext, params: Params) => unknown;

/** The receipt in answers. `cheque_id` belongs to the gateway: Payme's answers do not have it. */
export function answered(receipt: MockReceipt): Receipt {
  const { cheque_id: _chequeId, ...answer } = receipt;
  return answer;
}

/** The refusal of a wrong parameter, with its name. */
export function invalid(field: string): Refusal {
  return new Refusal(SubscribeErrorCode.INVALID_PARAMS, "Invalid params.", { data: field });
}

/** Returns a text parameter that must be there. */
export function requireText(params: Params, field: string): string {
  const value = params[field];
  if (typeof value === "string" && value !== "") return value;
  throw invalid(field);
}

/** Returns an amount of tiyin above 0. */
export function requireAmount(params: Params, field: string): Tiyin {
  const value = params[field];
  if (isTiyin(value) && value > 0) return value;
  throw invalid(field);
}

/** Returns an object that must be there. */
export function requireObject(params: Params, field: string): Params {
  const value = params[field];
  if (isRecord(value)) return value;
  throw invalid(field);
}

/** Returns an account: an object of texts and numbers. */
export function requireAccount(params: Params, field: string): Params {
  const account = requireObject(params, field);
  if (Object.values(account).some((value) => typeof value === "object" && value !== null)) throw invalid(field);
  return account;
}

/** Returns a whole number from 0 to `max`; the fallback where it is missing. */
export function integerOr(params: Params, field: string, fallback: number, max = Number.MAX_SAFE_INTEGER): number {
  const value = params[field] ?? fallback;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= max) return value;
  throw invalid(field);
}
