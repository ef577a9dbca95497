import { isRecord } from "../../../kit/json";
import { MerchantErrorCode } from "../../../protocol/codes";
import type { LocalizedText } from "../../../protocol/states";
import { parseJson } from "../parse-json";

/** The methods of the Merchant API. */
export const MERCHANT_METHODS = [
  "CheckPerformTransaction",
  "CreateTransaction",
  "PerformTransaction",
  "CancelTransaction",
  "CheckTransaction",
  "GetStatement",
  "SetFiscalData",
  "ChangePassword",
] as const;

/** A method of the Merchant API. */
export type MerchantMethodName = (typeof MERCHANT_METHODS)[number];

/** A result: the endpoint did what was asked, or says that it had done it before. */
export interface MerchantResult {
  readonly outcome: "result";
  readonly method: MerchantMethodName;
  readonly result: Readonly<Record<string, unknown>>;
}

/** An error of the endpoint. An HTTP status other than 200, or an answer that is not JSON-RPC, counts as -32400. */
export interface MerchantRefusal {
  readonly outcome: "refused";
  readonly method: MerchantMethodName;
  readonly code: number;
  readonly message: string | Partial<LocalizedText>;
  readonly data: unknown;
}

/** No answer came to any attempt: it is not known whether the call was carried out. */
export interface MerchantNoAnswer {
  readonly outcome: "unknown";
  readonly method: MerchantMethodName;
}

/** The outcome of a call to a merchant's endpoint. */
export type MerchantAnswer = MerchantResult | MerchantRefusal | MerchantNoAnswer;

/** An answer as Payme reads it, and the mistake in its form. */
export interface ReadAnswer {
  readonly answer: MerchantResult | MerchantRefusal;
  readonly flaw?:
    | { readonly kind: "http_status" | "malformed_answer"; readonly expected: unknown; readonly actual: unknown }
    | undefined;
}

/** Reads an HTTP answer as Payme does. Source: developer.help.paycom.uz, "Протокол Merchant API", "Формат ответа". */
export function readAnswer(method: MerchantMethodName, id: number, status: number, body: string): ReadAnswer {
  if (status !== 200) {
    const answer = systemError(method, `HTTP ${status}`);
    return { answer, flaw: { kind: "http_status", expected: 200, actual: status } };
  }
  const envelope = parseJson(body);
  const answer = isRecord(envelope) ? answerOf(method, envelope) : undefined;
  if (!isRecord(envelope) || answer === undefined) {
    const flaw = { kind: "malformed_answer", expected: "result or error", actual: body.slice(0, 200) } as const;
    return { answer: systemError(method, "no JSON-RPC"), flaw };
  }
  // Two published libraries leave the id out, so Payme seems to accept that. Another id belongs to another call.
  const isOther = envelope.id !== undefined && envelope.id !== null && envelope.id !== id;
  return isOther
    ? { answer, flaw: { kind: "malformed_answer", expected: { id }, actual: { id: envelope.id } } }
    : { answer };
}

/** The answer that Payme assumes when an endpoint does not work. */
export function systemError(method: MerchantMethodName, message: string): MerchantRefusal {
  return { outcome: "refused", method, code: MerchantErrorCode.SYSTEM_ERROR, message, data: null };
}

/** True for no answer and for a system error: the endpoint may or may not have carried the call out. */
export function isUndecided(answer: MerchantAnswer): boolean {
  if (answer.outcome === "unknown") return true;
  return answer.outcome === "refused" && answer.code === MerchantErrorCode.SYSTEM_ERROR;
}

/** The content of an answer, for a log or a comparison. */
export function contentOf(answer: MerchantAnswer): unknown {
  if (answer.outcome === "result") return answer.result;
  return answer.outcome === "unknown" ? "no answer" : { code: answer.code, message: answer.message, data: answer.data };
}

/** Official code sends `error: null` beside a result, and the other way round: null counts as absent. */
function answerOf(
  method: MerchantMethodName,
  { result, error }: Record<string, unknown>,
): ReadAnswer["answer"] | undefined {
  const hasError = error !== undefined && error !== null;
  if (!hasError) return isRecord(result) ? { outcome: "result", method, result } : undefined;
  if (!isRecord(error) || typeof error.code !== "number" || !Number.isSafeInteger(error.code)) return undefined;
  if (result !== undefined && result !== null) return undefined;
  return { outcome: "refused", method, code: error.code, message: messageOf(error.message), data: error.data ?? null };
}

function messageOf(message: unknown): string | Partial<LocalizedText> {
  if (!isRecord(message)) return typeof message === "string" ? message : "";
  const { ru, uz, en } = message;
  return {
    ...(typeof ru === "string" ? { ru } : {}),
    ...(typeof uz === "string" ? { uz } : {}),
    ...(typeof en === "string" ? { en } : {}),
  };
}
