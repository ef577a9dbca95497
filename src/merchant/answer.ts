import { isPaymeError } from "../kit/errors";
import type { Logger } from "../kit/logger";
import { type Scope, stackOf } from "../ledger";
import { MerchantErrorCode } from "../protocol/codes";
import { type Exchange, type OnExchange, tellExchange } from "../protocol/exchange";
import { redact } from "../protocol/redact";
import type { GateResult } from "./gate";
import type { MerchantContext, MethodResult } from "./method";
import { merchantMethods } from "./methods";
import { Refusal, refusalOf } from "./refusal";

/** The answer to a call, and its JSON: in pieces where it may be long. */
export interface Answered {
  readonly answer: MethodResult | Refusal;
  readonly body: string | AsyncIterable<string>;
}

/** Runs a method. An error that is not a refusal goes to the log; Payme gets a system error without details. */
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
  const hint = isPaymeError(error) ? error.hint : undefined;
  logger.error(`${method} failed; Payme will repeat the call`, { errorId: newId(), hint, stack: stackOf(cause) });
  return refusalOf(MerchantErrorCode.SYSTEM_ERROR);
}

/** Returns the JSON of an answer: `result` or `error`, never both, and the id as it came. */
function bodyOf(answer: MethodResult | Refusal, idText: string, logger: Logger): Answered["body"] {
  if (answer instanceof Refusal) return refusedBody(answer, idText);
  if ("result" in answer) return `{"result":${JSON.stringify(answer.result)},"id":${idText}}`;
  return wrapped(answer.pieces, idText, logger);
}

/** Returns the JSON of a refusal. */
export function refusedBody(refusal: Refusal, idText: string): string {
  return `{"error":${JSON.stringify(errorOf(refusal))},"id":${idText}}`;
}

/** Returns the `error` of a refusal. */
function errorOf({ code, text, data }: Refusal) {
  return { code, message: text, data };
}

/** A long answer. Where a page cannot be read, the edge cuts it off, and the log says why. */
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

/** Calls `onExchange` with request and answer, redacted. Its errors go to the log. */
export function tellMerchantCall(
  onExchange: OnExchange | undefined,
  logger: Logger,
  admitted: GateResult,
  answer: MethodResult | Refusal,
  ms: number,
): void {
  if (onExchange === undefined) return;
  const isRefused = answer instanceof Refusal;
  const redacted = (): Exchange => ({
    direction: "in",
    method: "method" in admitted ? admitted.method : "",
    ms,
    code: isRefused ? answer.code : null,
    request: redact("params" in admitted ? admitted.params : null),
    response: redact(isRefused ? errorOf(answer) : "result" in answer ? answer.result : "[a statement]"),
  });
  tellExchange(onExchange, redacted, (error) => logger.error("onExchange threw", { stack: stackOf(error) }));
}
