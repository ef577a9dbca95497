import { callSafely } from "../kit/emit";
import { isPaymeError } from "../kit/errors";
import { isRecord } from "../kit/json";
import type { Logger } from "../kit/logger";
import { currentTrace } from "../kit/trace";
import { type EventRow, type Scope, stackOf, traceable } from "../ledger";
import { MerchantErrorCode } from "../protocol/codes";
import type { OnExchange } from "../protocol/exchange";
import { redact } from "../protocol/redact";
import type { GateResult } from "./gate";
import type { MerchantCallEvent } from "./merchant-event";
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
    const answer = error instanceof Refusal ? error : systemError(context, { method, params }, error);
    if (error instanceof Refusal) await noteRefusal(context, scope, { method, params, code: answer.code });
    return { answer, body: bodyOf(answer, idText, logger) };
  }
}

/** The kind of the event that keeps the refusal of a call. */
const REFUSED = "call.refused";
/** "Not possible": with these a change of a known transaction is refused. */
const KEPT: readonly number[] = [MerchantErrorCode.CANNOT_PERFORM, MerchantErrorCode.CANNOT_CANCEL];

/** Keeps, for the story, that a change of a known transaction was refused. A repeat writes nothing, and no failure changes the answer. */
async function noteRefusal<Tx>(
  { storage, now, logger }: MerchantContext<Tx>,
  scope: Scope,
  {
    method,
    params,
    code,
  }: { readonly method: string; readonly params: Record<string, unknown>; readonly code: number },
): Promise<void> {
  const { id: paymeId } = params;
  if (!KEPT.includes(code) || typeof paymeId !== "string") return;
  try {
    const row = await storage.findTransaction(scope, paymeId);
    if (row === undefined) return;
    const subject = row.reference;
    const kept = await storage.listEvents(scope, { subject, kinds: [REFUSED], limit: 100 });
    const isKept = ({ paymeId: id, data }: EventRow) =>
      id === paymeId && isRecord(data) && data.method === method && data.code === code;
    if (kept.some(isKept)) return;
    const data = { method, code, state: row.state, amount: row.amount };
    await storage.appendEvents(traceable([{ ...scope, kind: REFUSED, subject, paymeId, at: now(), data }]));
  } catch (error) {
    logger.warn("a refusal could not be kept for the story", { transaction_id: paymeId, stack: stackOf(error) });
  }
}

function systemError<Tx>(
  { newId, logger }: MerchantContext<Tx>,
  { method, params }: { readonly method: string; readonly params: Record<string, unknown> },
  error: unknown,
): Refusal {
  const cause = isPaymeError(error) && error.cause instanceof Error ? error.cause : error;
  const hint = isPaymeError(error) ? error.hint : undefined;
  logger.error(`${method} failed; Payme will repeat the call`, {
    errorId: newId(),
    transaction_id: paymeIdIn(params),
    hint,
    stack: stackOf(cause),
  });
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
  callSafely(
    () =>
      onExchange({
        direction: "in",
        method: "method" in admitted ? admitted.method : "",
        ms,
        code: isRefused ? answer.code : null,
        request: redact("params" in admitted ? admitted.params : null),
        response: redact(isRefused ? errorOf(answer) : "result" in answer ? answer.result : "[a statement]"),
      }),
    (error) => logger.error("onExchange threw", { stack: stackOf(error) }),
  );
}

/** Returns the event of an answered call. */
export function callEvent(
  cashbox: string,
  admitted: GateResult,
  { at, ms, code }: { readonly at: number; readonly ms: number; readonly code: number | null },
): MerchantCallEvent {
  const base = { kind: "merchant.call", at, cashbox, trace: currentTrace(), code, ms } as const;
  if ("refusal" in admitted) return { method: "unknown", ...base };
  const { mode, method, params } = admitted;
  return { mode, method: merchantMethods.has(method) ? method : "unknown", paymeId: paymeIdIn(params), ...base };
}

/** An id only as Payme writes it: another text may be anything. */
function paymeIdIn({ id }: Record<string, unknown>): string | undefined {
  return typeof id === "string" && /^[0-9a-f]{24}$/.test(id) ? id : undefined;
}
