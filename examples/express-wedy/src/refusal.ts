import type { PayerTexts } from "payme-kit";

/** The `error_code` of an answer. */
export type AnswerCode =
  | "VALIDATION_ERROR"
  | "UNAUTHORIZED"
  | "FORBIDDEN"
  | "NOT_FOUND"
  | "PAYME_CREATE_FAILED"
  | "PAYME_API_ERROR"
  | "WEBHOOK_FAILED"
  | "RATE_LIMITED"
  | "INTERNAL_ERROR";

/** Ends a request with an answer that says what is wrong with it. Its message is for developers. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** What the payer reads; where it is empty, the text of the status. */
  texts: PayerTexts = {};
  /** What the log calls an error that nobody expected. */
  errorId: string | undefined;
  /** True where one line of the log tells of many. */
  isCounted = false;

  constructor(
    readonly status: number,
    readonly code: AnswerCode,
    message: string,
    /** More about it, for `response_data`. */
    readonly details: Readonly<Record<string, unknown>> | null = null,
  ) {
    super(message);
  }
}

/** A field or body that is not what it should be. */
export const invalid = (message: string, details?: Readonly<Record<string, unknown>>) =>
  new Refusal(400, "VALIDATION_ERROR", message, details ?? null);

/** The same, with words for the payer. */
export function invalidFor(texts: PayerTexts, message: string): Refusal {
  const refusal = invalid(message);
  refusal.texts = texts;
  return refusal;
}

/** No token, or one that does not count. */
export const unauthorized = (message: string) => new Refusal(401, "UNAUTHORIZED", message);

export const forbidden = (message: string) => new Refusal(403, "FORBIDDEN", message);

export const notFound = (message: string) => new Refusal(404, "NOT_FOUND", message);

export const tooLarge = (limitBytes: number) =>
  new Refusal(413, "VALIDATION_ERROR", `the body is over the limit of ${limitBytes} bytes`);

/** A request that had to wait for too long before anything of it was done. */
export function overloaded(): Refusal {
  const refusal = new Refusal(503, "INTERNAL_ERROR", "the server is overloaded, and has done nothing; try again");
  refusal.isCounted = true;
  return refusal;
}

export const tooMany = () =>
  new Refusal(429, "RATE_LIMITED", "too many failed requests from your address; wait a minute");
