import type { ClientEvent } from "../../client/client-event";
import { knownMethods } from "../../client/methods";
import { reasonOf } from "../../client/reason-of";
import { isAccountError, MerchantErrorCode } from "../../protocol/codes";

/** The label of what is in no list. */
const UNKNOWN = "unknown";
/** The label where there is nothing to say. */
export const NONE = "none";

const MERCHANT_METHODS: readonly string[] =
  "CheckPerformTransaction CreateTransaction PerformTransaction CancelTransaction CheckTransaction GetStatement SetFiscalData ChangePassword unknown".split(
    " ",
  );
const CLIENT_METHODS: readonly string[] = [...knownMethods, UNKNOWN];
const MERCHANT_CODES: ReadonlySet<number> = new Set(Object.values(MerchantErrorCode));
const REASONS = "auth validation card funds limit otp receipt merchant unavailable unknown".split(" ");

/** The sources of a payment's change; `none`: our own. */
export const SOURCES: readonly string[] = ["merchant", "gateway", "receipt", "review", NONE];

/** A member of a closed list. */
const oneOf = (list: readonly string[], value: string, otherwise = UNKNOWN): string =>
  list.includes(value) ? value : otherwise;

/** The labels of a call of Payme. */
export function merchantLabels(method: string, code: number | null) {
  const isKnown = code !== null && (MERCHANT_CODES.has(code) || isAccountError(code));
  return { method: oneOf(MERCHANT_METHODS, method), code: code === null ? "ok" : isKnown ? String(code) : UNKNOWN };
}

/** The labels of a call to Payme. The reason is that of a refusal, as far as its code tells it. */
export function clientLabels({ method, outcome, code }: Pick<ClientEvent, "method" | "outcome" | "code">) {
  const number = typeof code === "number" ? code : undefined;
  const reason = outcome === "refused" ? reasonOf(method, number, undefined) : NONE;
  return { method: oneOf(CLIENT_METHODS, method), outcome, reason };
}

/** The label of a source. */
export const sourceLabel = (source: string | undefined): string => oneOf(SOURCES, source ?? NONE, NONE);

/** The series that are there from the start: a rule sees no first increase of a series that begins with it. */
export const FIRST_MERCHANT_CALLS = MERCHANT_METHODS.flatMap((method) =>
  ["ok", String(MerchantErrorCode.SYSTEM_ERROR)].map((code) => ({ method, code })),
);
export const FIRST_CLIENT_CALLS = CLIENT_METHODS.flatMap((method) => [
  ...["ok", "unreachable", "unknown"].map((outcome) => ({ method, outcome, reason: NONE })),
  ...REASONS.map((reason) => ({ method, outcome: "refused", reason })),
]);
