import type { ErrorRequestHandler } from "express";
import { type IdSource, isPaymeError, type Logger } from "payme-kit";
import { errorBody, refusalOf } from "./error-answer";
import { languageOf } from "./payer-texts";
import { Refusal } from "./refusal";

/** Answers every error in the guide's form. What nobody expected goes to the log, and its id to the caller. */
export function answerError(logger: Logger, newId: IdSource): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const refusal = refusalOf(error, "other") ?? unexpected(error);
    if (refusal.status > 500 && !refusal.isCounted)
      logger.warn("request failed", { ...whatOf(refusal), stack: stackOf(refusal.cause) });
    if (refusal.status === 401) response.set("WWW-Authenticate", "Bearer");
    if (refusal.status === 503) response.set("Retry-After", "5");
    // What is left of the body is taken in, or the sender might meet a broken connection in place of the answer.
    request.resume();
    response.vary("Accept-Language");
    response.status(refusal.status).json(errorBody(refusal, languageOf(request)));
  };

  function unexpected(error: unknown): Refusal {
    const errorId = newId();
    logger.error("unexpected error", { errorId, stack: stackOf(error) });
    const refusal = new Refusal(500, "INTERNAL_ERROR", `unexpected; the log has it as error ${errorId}`);
    refusal.errorId = errorId;
    return refusal;
  }
}

function whatOf({ status, code, message, cause }: Refusal) {
  const hint = isPaymeError(cause) ? cause.hint : undefined;
  return { status, error_code: code, error: message, hint };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
