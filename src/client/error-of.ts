import { PaymeAPIError, PaymeConnectionError, type PaymeError, PaymeOutcomeUnknownError } from "../kit/errors";
import { isRecord } from "../kit/json";
import { isAccountError, SubscribeErrorCode } from "../protocol/codes";
import type { Mode } from "../protocol/hosts";
import { messageText, type RpcErrorObject } from "../protocol/json-rpc";
import { hideByForm, hideNamedSecrets } from "../protocol/secrets";
import type { LocalizedText } from "../protocol/states";
import type { Ending } from "./deadline";
import { type CallClass, settlingRead } from "./methods";
import { reasonOf } from "./reason-of";
import { mapTexts, type Scrub } from "./scrub";
import { defaultApiBase } from "./settings";
import type { XAuth } from "./x-auth";

/** How a call can fail. Everything after `never_reached` may have been carried out by Payme. */
export type Failure =
  | { kind: "never_reached"; code: string }
  | { kind: "broken"; code: string }
  | Ending
  | { kind: "bad_answer"; what: string; status?: number | undefined; problem?: string | undefined }
  | { kind: "refused"; error: RefusalObject };

/** Payme's error object; other implementations of its API leave members out. */
export interface RefusalObject {
  code?: number | undefined;
  message?: RpcErrorObject["message"];
  [member: string]: unknown;
}

/** The address, scheme and mode of a client's calls, for hints. */
export interface Target {
  readonly apiBase: string;
  readonly auth: XAuth["kind"];
  readonly mode: Mode;
}

/** The call that failed. */
export type FailedCall = Readonly<{ method: string; class: CallClass; timeoutMs: number }>;

/**
 * The error of a failed call. Payme refused: {@link PaymeAPIError}. Payme was not reached, or a read failed:
 * {@link PaymeConnectionError}. A write may have been carried out: {@link PaymeOutcomeUnknownError}.
 */
export function errorOf(call: FailedCall, failure: Failure, target: Target, scrub: Scrub): PaymeError {
  if (failure.kind === "refused") return refusal(call, failure.error, target, scrub);
  const cause = failure.kind === "aborted" ? failure.reason : undefined;
  const what = `${call.method}: ${scrub.text(describe(call, failure, target))}`;
  // A server that fails says nothing about the key.
  const isOutage = failure.kind === "bad_answer" && failure.status !== undefined && failure.status >= 500;
  const where = failure.kind === "bad_answer" && !isOutage ? combinationHint(target) : undefined;
  if (failure.kind === "never_reached") {
    return new PaymeConnectionError(`${what}. Payme did not receive it.`, { hint: reachHint(failure.code, target) });
  }
  if (call.class === "read") {
    const problem = failure.kind === "bad_answer" ? failure.problem : undefined;
    return new PaymeConnectionError(`${what}. It only reads: asking again is safe.`, { hint: where, cause, problem });
  }
  const settledBy = settlingRead(call.method);
  const advice = call.method in HARMLESS_TO_REPEAT ? "" : `: do not repeat it, ask ${settledBy}`;
  return new PaymeOutcomeUnknownError(`${what}. It may have been carried out${advice}.`, {
    method: call.method,
    settledBy,
    aborted: failure.kind === "aborted",
    hint: where ?? settlingHint(call.method, settledBy),
    cause,
  });
}

/** The `code` that `onExchange` gets: one word for a failure, or Payme's own code. */
export function exchangeCode(failure: Failure): number | string | null {
  if (failure.kind === "refused") return failure.error.code ?? null;
  return failure.kind === "never_reached" ? "unreachable" : failure.kind;
}

function describe(call: FailedCall, failure: Exclude<Failure, { kind: "refused" }>, { apiBase }: Target): string {
  switch (failure.kind) {
    case "never_reached":
      return `${apiBase} could not be reached (${failure.code})`;
    case "broken":
      return `the connection to ${apiBase} broke before an answer came (${failure.code})`;
    case "timeout":
      return `no answer from ${apiBase} within ${call.timeoutMs} ms`;
    case "aborted":
      return `the call to ${apiBase} was ended by its signal`;
    case "bad_answer":
      return `${apiBase} answered ${failure.what}`;
  }
}

function refusal(call: FailedCall, error: RefusalObject, target: Target, scrub: Scrub): PaymeAPIError {
  const { code, message } = error;
  const said = messageText(message);
  const clean = scrub.data(error);
  return new PaymeAPIError(said === "" ? `${call.method} was refused with code ${code ?? "none"}` : scrub.text(said), {
    errorCode: code === undefined ? null : String(code),
    responseData: isRecord(clean) ? clean : null,
    reason: reasonOf(call.method, code, message),
    texts: typeof message === "object" ? textsOf(message, scrub) : {},
    hint: code === undefined ? undefined : refusalHint(call.method, code, target, () => quoted(error.data, scrub)),
  });
}

function textsOf(message: Partial<LocalizedText>, scrub: Scrub): Partial<LocalizedText> {
  const { ru, uz, en } = message;
  return {
    ...(ru === undefined ? {} : { ru: scrub.text(ru) }),
    ...(uz === undefined ? {} : { uz: scrub.text(uz) }),
    ...(en === undefined ? {} : { en: scrub.text(en) }),
  };
}

const LONGEST_QUOTE = 300;

/** The `data` of a refusal as a hint shows it, with a space before; empty where there is none. */
function quoted(data: unknown, scrub: Scrub): string {
  if (data === undefined || data === null || data === "") return "";
  // What the endpoint answered may be JSON within a text: each text is cleaned before it is written as JSON.
  const shown = JSON.stringify(mapTexts(scrub.data(data), (text) => hideByForm(hideNamedSecrets(text))));
  return ` Payme's data: ${shown.length > LONGEST_QUOTE ? `${shown.slice(0, LONGEST_QUOTE)}…` : shown}`;
}

function refusalHint(method: string, code: number, target: Target, data: () => string): string | undefined {
  // -31050 to -31099 are not Payme's own: the cashbox's billing refused the account.
  if (isAccountError(code)) return "The cashbox's own Merchant API endpoint refused this account.";
  switch (code) {
    case SubscribeErrorCode.ACCESS_DENIED:
      return combinationHint(target);
    case SubscribeErrorCode.MERCHANT_NOT_FOUND:
      return `Payme knows no such cashbox, or has blocked it. ${combinationHint(target)}`;
    case SubscribeErrorCode.RECEIPT_NOT_FOUND_OR_PAID:
      return "Payme answers this for a receipt that does not exist, and for one that is paid: ask receipts.check.";
    case SubscribeErrorCode.SERVER_UNAVAILABLE:
      return method === "receipts.create" || method === "receipts.pay"
        ? "Either the cashbox's own Merchant API endpoint refused the amount, or Payme is unavailable."
        : "Payme is unavailable: ask again later.";
    case SubscribeErrorCode.CARD_NOT_FOUND:
    case SubscribeErrorCode.INVALID_TOKEN_FORMAT:
      return "The token is unknown, removed, or of another mode: the payer must enter the card again.";
    case SubscribeErrorCode.INVALID_FIELD:
      return `A field has a value that this cashbox does not take: compare account with the fields set in the cabinet.${data()}`;
    case SubscribeErrorCode.AMOUNT_TOO_SMALL:
    case SubscribeErrorCode.AMOUNT_TOO_LARGE:
      return "The limits are set for the cashbox. Amounts are in tiyin: 1 som is 100 tiyin.";
    case SubscribeErrorCode.MERCHANT_UNAVAILABLE:
    case SubscribeErrorCode.MERCHANT_MISBEHAVES:
      return (
        "The cashbox's own Merchant API endpoint did not answer as it should. The card may have been debited: " +
        `ask ${settlingRead(method)} before you repeat a write.${data()}`
      );
    case SubscribeErrorCode.SYSTEM_ERROR:
    case SubscribeErrorCode.PROCESSING_UNAVAILABLE:
    case SubscribeErrorCode.PROCESSING_NOT_OPERATIONAL:
    case SubscribeErrorCode.PROCESSING_DOWN:
    case SubscribeErrorCode.PROCESSING_DISCONNECTED:
    case SubscribeErrorCode.TEMPORARILY_UNAVAILABLE:
    case SubscribeErrorCode.MAINTENANCE:
      return `A failure inside Payme. Ask ${settlingRead(method)} before you repeat a write.`;
    case SubscribeErrorCode.METHOD_NOT_FOUND:
      return `This address does not know the method. ${combinationHint(target)}`;
    default:
      return undefined;
  }
}

/** The hint for an answer that makes no sense: most often the key is right, and its address or scheme is wrong. */
function combinationHint({ apiBase, auth, mode }: Target): string {
  if (auth === "id")
    return `The call went to ${apiBase} (mode "${mode}"). Check that merchantId is of a cashbox of this mode.`;
  const other = auth === "key" ? "signature" : "key";
  return (
    `The call went to ${apiBase} with auth "${auth}" (mode "${mode}"). Check that merchantId and key are of this cashbox ` +
    `and this mode. The other combination is auth "${other}" at ${defaultApiBase(other, mode)}.`
  );
}

function reachHint(code: string, { apiBase }: Target): string {
  if (/CERT|TLS|SSL|UNABLE_TO|HOSTNAME/.test(code)) {
    return `The TLS connection to ${apiBase} was refused: check its certificate, a proxy between, and apiUrl.`;
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "The name does not resolve: check apiUrl and the DNS.";
  return "Check apiUrl, the firewall, and whether this machine may make outgoing connections.";
}

function settlingHint(method: string, settledBy: string): string {
  const harmless = HARMLESS_TO_REPEAT[method];
  if (harmless !== undefined) return harmless;
  return settledBy === "receipts.get_all"
    ? "List the receipts from just before the call with receipts.getAll, and look for your own id in the account."
    : `Call ${settledBy} with the same id: its answer says what happened.`;
}

/** Writes that no read settles, and that move no money. */
const HARMLESS_TO_REPEAT: Readonly<Record<string, string>> = {
  "cards.create":
    "No read can tell, for the token is in the answer. It is safe to make another: a token pays nothing until it is verified.",
  "cards.get_verify_code": "The SMS may be on its way: wait a minute for it, then ask for another.",
  "receipts.send": "The SMS may be on its way: no read can tell. Sending another moves no money.",
};
