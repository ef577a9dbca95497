import { MerchantErrorCode } from "../../../protocol/codes";
import type { LocalizedText } from "../../../protocol/states";
import { isRecord } from "../methods/params";

/** A method of the Merchant API. */
export type MerchantMethodName =
  | "CheckPerformTransaction"
  | "CreateTransaction"
  | "PerformTransaction"
  | "CancelTransaction"
  | "CheckTransaction"
  | "GetStatement"
  | "SetFiscalData"
  | "ChangePassword";

/** The endpoint did it, or says that it had done it. */
export interface MerchantResult {
  readonly outcome: "result";
  readonly method: MerchantMethodName;
  readonly result: Readonly<Record<string, unknown>>;
}

/** The endpoint said no. An HTTP status other than 200, and an answer that is no JSON-RPC, are read as -32400. */
export interface MerchantRefusal {
  readonly outcome: "refused";
  readonly method: MerchantMethodName;
  readonly code: number;
  readonly message: string | Partial<LocalizedText>;
  readonly data: unknown;
}

/** No answer came, in all attempts: whether it was done is not known. */
export interface MerchantSilence {
  readonly outcome: "unknown";
  readonly method: MerchantMethodName;
}

/** What came of a call to a merchant's endpoint. */
export type MerchantAnswer = MerchantResult | MerchantRefusal | MerchantSilence;

/** What is wrong with the form of an answer. */
export interface AnswerFlaw {
  readonly kind: "http_status" | "malformed_answer";
  readonly expected: unknown;
  readonly actual: unknown;
}

/** An answer as Payme reads it, and what is wrong with its form. */
export interface ReadAnswer {
  readonly answer: MerchantResult | MerchantRefusal;
  readonly flaw?: AnswerFlaw | undefined;
}

/** Reads an HTTP answer as Payme does. Source: developer.help.paycom.uz, "Протокол Merchant API", "Формат ответа". */
export function readAnswer(method: MerchantMethodName, id: number, status: number, body: string): ReadAnswer {
  if (status !== 200) {
    const answer = systemError(method, `HTTP ${status}`);
    return { answer, flaw: { kind: "http_status", expected: 200, actual: status } };
  }
  const envelope = parse(body);
  const answer = isRecord(envelope) ? answerOf(method, envelope) : undefined;
  if (!isRecord(envelope) || answer === undefined) {
    const flaw = { kind: "malformed_answer", expected: "result or error", actual: body.slice(0, 200) } as const;
    return { answer: systemError(method, "no JSON-RPC"), flaw };
  }
  // Two published libraries leave the id out, so that Payme seems to bear it; another one is an answer to another call.
  const isOther = envelope.id !== undefined && envelope.id !== null && envelope.id !== id;
  return isOther
    ? { answer, flaw: { kind: "malformed_answer", expected: { id }, actual: { id: envelope.id } } }
    : { answer };
}

/** What Payme makes of an endpoint that does not work. */
export function systemError(method: MerchantMethodName, message: string): MerchantRefusal {
  return { outcome: "refused", method, code: MerchantErrorCode.SYSTEM_ERROR, message, data: null };
}

/** True where it is not known whether the endpoint did what it was asked: no answer, or a system error. */
export function isUndecided(answer: MerchantAnswer): boolean {
  if (answer.outcome === "unknown") return true;
  return answer.outcome === "refused" && answer.code === MerchantErrorCode.SYSTEM_ERROR;
}

/** An answer's content, as a log or a comparison has it. */
export function contentOf(answer: MerchantAnswer): unknown {
  if (answer.outcome === "result") return answer.result;
  return answer.outcome === "unknown" ? "no answer" : { code: answer.code, message: answer.message, data: answer.data };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
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
