import { httpAnswerOf, isPaymeError, PaymeAPIError, type PaymeError, PaymeValidationError } from "payme-kit";
import { type Language, payerText } from "./payer-texts";
import { type AnswerCode, invalid, Refusal, tooLarge } from "./refusal";

/** What a request was about: the same failure has another name when a payment is made or a notification is taken. */
export type Purpose = "create" | "cancel" | "webhook" | "other";

/** Limit of a JSON body in bytes. */
export const MAX_BODY_BYTES = 64 * 1024;

/** How an error is answered; undefined for what nobody expected. The only place that decides it. */
export function refusalOf(error: unknown, purpose: Purpose): Refusal | undefined {
  const refusal = error instanceof Refusal ? error : (paymeRefusal(error, purpose) ?? serverRefusal(error));
  const named = refusal !== undefined && purpose === "webhook" ? asWebhookRefusal(refusal) : refusal;
  if (named !== undefined && (error instanceof PaymeValidationError || error instanceof PaymeAPIError)) {
    named.texts = error.texts;
  }
  // For the log only: no answer shows it.
  if (named !== undefined && named !== error) named.cause ??= error;
  return named;
}

/** Waits for work of ours; where it fails, it fails by that purpose. */
export function failingAs<T>(purpose: Purpose, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw refusalOf(error, purpose) ?? error;
  });
}

/** The body of such an answer, in the guide's form: a text for the payer, and a hint for developers. */
export function errorBody(refusal: Refusal, language: Language) {
  const { code, details, message: hint } = refusal;
  const text = payerText(refusal, language);
  return { success: false, error: text, message: text, data: { error_code: code, response_data: details, hint } };
}

/** The guide's names for the answers of the package. 500 has none: nobody expected it. */
const NAMES: Readonly<Record<number, AnswerCode>> = {
  400: "VALIDATION_ERROR",
  401: "WEBHOOK_FAILED",
  404: "NOT_FOUND",
  409: "PAYME_API_ERROR",
  502: "PAYME_API_ERROR",
  503: "WEBHOOK_FAILED",
  504: "PAYME_API_ERROR",
};

function paymeRefusal(error: unknown, purpose: Purpose): Refusal | undefined {
  if (!isPaymeError(error)) return undefined;
  const { code, message } = error;
  if (code === "BODY_TOO_LARGE") return tooLarge(MAX_BODY_BYTES);
  if (code === "STORAGE_BUSY") {
    return new Refusal(503, "INTERNAL_ERROR", "the database is not available just now; try again");
  }
  if (code === "TOO_MANY_OPEN") return new Refusal(409, "VALIDATION_ERROR", withHint(error));
  if (code === "CONFLICT" && purpose !== "cancel") return invalid(withHint(error));
  const status = httpAnswerOf(error)?.status ?? 500;
  const name = purpose === "create" && status > 500 ? "PAYME_CREATE_FAILED" : NAMES[status];
  // A failed hook is told to the gateway, so that it repeats. To others it is unexpected.
  if (name === undefined || (status === 503 && purpose !== "webhook")) return undefined;
  const details = error instanceof PaymeAPIError ? error.responseData : null;
  return new Refusal(status, name, status === 400 || status === 409 ? withHint(error) : message, details);
}

function withHint({ message, hint }: PaymeError): string {
  return hint === undefined ? message : `${message}. ${hint}`;
}

/** What Express and its body parsers throw; their own texts stay inside. */
function serverRefusal(error: unknown): Refusal | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const status: unknown = Reflect.get(error, "status");
  const code: unknown = Reflect.get(error, "code");
  if (status === 413 || code === "LIMIT_FIELD_VALUE") return tooLarge(MAX_BODY_BYTES);
  if (error instanceof URIError) return invalid("the address is not correctly encoded");
  if (typeof code === "string" && code.startsWith("LIMIT_")) {
    return invalid("the form has a file, or too many or too long fields");
  }
  return typeof status === "number" && status >= 400 && status < 500 ? invalid("the body cannot be read") : undefined;
}

function asWebhookRefusal(refusal: Refusal): Refusal {
  const isOurs = refusal.status === 400 || refusal.status === 404;
  return isOurs ? new Refusal(refusal.status, "WEBHOOK_FAILED", refusal.message, refusal.details) : refusal;
}
