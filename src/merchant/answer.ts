import { isPaymeError } from "../kit/errors";
import type { Logger } from "../kit/logger";
import { type Scope, stackOf } from "../ledger";
import { MerchantErrorCode } from "../protocol/codes";
import type { MerchantContext, MethodResult } from "./context";
import { merchantMethods } from "./methods";
import { Refusal, refusalOf } from "./refusal";

/** What a call came to, and its JSON: in pieces where it may be long. */
export interface Answered {
  readonly answer: MethodResult | Refusal;
  readonly body: string | AsyncIterable<string>;
}

/** Carries a call out. What is no refusal is a system error: told to the log, with nothing of the inside on the wire. */
export async function call<Tx>(
  context: MerchantContext<Tx>,
  scope: Scope,
  { method, params, idText }: { method: string; params: Record<string, unknown>; idText: string },
): Promise<Answered> {
  const { logger } = context;
  try {
    const found = merchantMethods.get(method);
    if (found === undefined) throw refusalOf(MerchantErrorCode.METHOD_NOT_FOUND, method);
    const answer = await found(context, { scope, params });
    return { answer, body: bodyOf(answer, idText, logger) };
  } catch (error) {
    const answer = error instanceof Refusal ? error : systemError(context, method, error);
    return { answer, body: bodyOf(answer, idText, logger) };
  }
}

function systemError<Tx>({ newId, logger }: MerchantContext<Tx>, method: string, error: unknown): Refusal {
  const cause = isPaymeError(error) && error.cause instanceof Error ? error.cause : error;
  logger.error(`${method} failed; Payme is told to come again`, { errorId: newId(), stack: stackOf(cause) });
  return refusalOf(MerchantErrorCode.SYSTEM_ERROR);
}

/** An answer's JSON: `result` or `error`, never both, and the id as it came. */
function bodyOf(answer: MethodResult | Refusal, idText: string, logger: Logger): Answered["body"] {
  if (answer instanceof Refusal) return refusedBody(answer, idText);
  if ("result" in answer) return `{"result":${JSON.stringify(answer.result)},"id":${idText}}`;
  return wrapped(answer.pieces, idText, logger);
}

/** A refusal's JSON. */
export function refusedBody(refusal: Refusal, idText: string): string {
  return `{"error":${JSON.stringify(errorOf(refusal))},"id":${idText}}`;
}

/** A refusal as it is on the wire. */
export function errorOf({ code, text, data }: Refusal) {
  return { code, message: text, data };
}

/** A long answer. Where it cannot be finished it is cut off by whoever writes it; the log says why. */
async function* wrapped(pieces: AsyncIterable<string>, idText: string, logger: Logger): AsyncIterable<string> {
  try {
    yield '{"result":';
    yield* pieces;
    yield `,"id":${idText}}`;
  } catch (error) {
    logger.error("a statement was cut off", { stack: stackOf(error) });
    throw error;
  }
}
