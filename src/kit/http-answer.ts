import { isPaymeError, type PaymeErrorCode } from "./errors";

/** The answer to an error over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly code: PaymeErrorCode;
  /** What the caller did wrong; from 500 on a fixed text. What happened inside is for your log. */
  readonly message: string;
  /** Seconds for the header `Retry-After`, where the same request may be sent again. */
  readonly retryAfter?: number | undefined;
}

/** From 500 on with the text for the caller. */
const ANSWERS: Readonly<Record<PaymeErrorCode, readonly [status: number, text?: string, retryAfter?: number]>> = {
  VALIDATION_FAILED: [400],
  SIGNATURE_INVALID: [401],
  NOT_FOUND: [404],
  CONFLICT: [409],
  TOO_MANY_OPEN: [409],
  BODY_TOO_LARGE: [413],
  CONFIG_INVALID: [500, "internal error"],
  STORAGE_MISUSE: [500, "internal error"],
  API_REFUSED: [502, "Payme refused the request"],
  EFFECT_FAILED: [503, "this does not work just now; try again", 5],
  NO_FULFILLER: [503, "this does not work just now; try again", 5],
  STORAGE_BUSY: [503, "this does not work just now; try again", 5],
  CONNECTION_FAILED: [504, "Payme does not answer; try again", 5],
  // Whoever repeats a write may do it twice.
  OUTCOME_UNKNOWN: [504, "Payme did not answer"],
};

/**
 * Returns how to answer an error of this package over HTTP, in any framework. Undefined for every other error: it is yours.
 *
 * @example
 * const answer = httpAnswerOf(error);
 * if (answer === undefined) throw error;
 * return Response.json({ code: answer.code, message: answer.message }, { status: answer.status });
 */
export function httpAnswerOf(error: unknown): HttpAnswer | undefined {
  if (!isPaymeError(error)) return undefined;
  const [status, text, retryAfter] = ANSWERS[error.code];
  return { status, code: error.code, message: text ?? error.message, ...(retryAfter !== undefined && { retryAfter }) };
}
