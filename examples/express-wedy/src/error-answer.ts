import {
  PaymeAPIError,
  PaymeConnectionError,
  PaymeEffectError,
  PaymeOutcomeUnknownError,
  PaymeSignatureError,
  PaymeStorageError,
  PaymeValidationError,
} from "payme-kit";
import { BodyTooLargeError } from "payme-kit/express";
import { type Language, payerText } from "./payer-texts";
import { invalid, notFound, Refusal, tooLarge } from "./refusal";

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

function paymeRefusal(error: unknown, purpose: Purpose): Refusal | undefined {
  const failed = purpose === "create" ? "PAYME_CREATE_FAILED" : "PAYME_API_ERROR";
  if (error instanceof BodyTooLargeError) return tooLarge(MAX_BODY_BYTES);
  if (error instanceof PaymeSignatureError) return new Refusal(401, "WEBHOOK_FAILED", error.message);
  if (error instanceof PaymeAPIError) return new Refusal(502, failed, error.message, error.responseData);
  if (error instanceof PaymeConnectionError || error instanceof PaymeOutcomeUnknownError) {
    return new Refusal(504, failed, error.message);
  }
  // Told to the gateway so that it repeats: the hook failed, or another process fulfils what was paid.
  if (error instanceof PaymeEffectError && purpose === "webhook")
    return new Refusal(503, "WEBHOOK_FAILED", error.message);
  if (error instanceof PaymeStorageError && error.code === "STORAGE_BUSY") return databaseAway();
  return error instanceof PaymeValidationError ? validationRefusal(error, purpose) : undefined;
}

function validationRefusal(error: PaymeValidationError, purpose: Purpose): Refusal {
  const text = error.hint === undefined ? error.message : `${error.message}. ${error.hint}`;
  if (error.code === "NOT_FOUND") return notFound(error.message);
  if (error.code === "CONFLICT" && purpose === "cancel") return new Refusal(409, "PAYME_API_ERROR", text);
  return invalid(text);
}

/** What Express, its body parsers and the database's driver throw; their own texts stay inside. */
function serverRefusal(error: unknown): Refusal | undefined {
  const { status, code } = factsOf(error);
  if (typeof code === "string" && DATABASE_AWAY.test(code)) return databaseAway();
  if (status === 413 || code === "LIMIT_FIELD_VALUE") return tooLarge(MAX_BODY_BYTES);
  if (error instanceof URIError) return invalid("the address is not correctly encoded");
  if (typeof code === "string" && code.startsWith("LIMIT_")) {
    return invalid("the form has a file, or too many or too long fields");
  }
  return typeof status === "number" && status >= 400 && status < 500 ? invalid("the body cannot be read") : undefined;
}

const DATABASE_AWAY = /^SQLITE_(BUSY|LOCKED|IOERR|CANTOPEN|FULL|CORRUPT|NOTADB|READONLY|PROTOCOL)/;

function databaseAway(): Refusal {
  return new Refusal(503, "INTERNAL_ERROR", "the database is not available just now; try again");
}

function factsOf(error: unknown): { status: unknown; code: unknown } {
  if (typeof error !== "object" || error === null) return { status: undefined, code: undefined };
  return { status: Reflect.get(error, "status"), code: Reflect.get(error, "code") };
}

function asWebhookRefusal(refusal: Refusal): Refusal {
  const isOurs = refusal.status === 400 || refusal.status === 404;
  return isOurs ? new Refusal(refusal.status, "WEBHOOK_FAILED", refusal.message, refusal.details) : refusal;
}
