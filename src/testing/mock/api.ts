import type { Clock, Sleep } from "../../kit/clock";
import { isRecord } from "../../kit/json";
import { SubscribeErrorCode } from "../../protocol/codes";
import type { RpcErrorObject } from "../../protocol/json-rpc";
import { authenticate } from "./authenticate";
import type { TestCard } from "./cards";
import type { Cashbox } from "./cashbox";
import type { MockChoices } from "./choices";
import type { ExchangeLog, MockExchange } from "./exchange-log";
import type { FaultRule, FaultyCall } from "./faults";
import { methods } from "./methods";
import { carryOutLater } from "./methods/late";
import { parseJson } from "./parse-json";
import { DroppedConnection, Refusal } from "./refusal";

/** The parts of a mock that answer a call. */
interface ApiContext {
  cashbox(merchantId: string): Cashbox | undefined;
  readonly cards: readonly TestCard[];
  readonly choices: MockChoices;
  readonly faults: { pick(call: FaultyCall): FaultRule | undefined };
  readonly log: ExchangeLog;
  readonly now: Clock;
  readonly sleep: Sleep;
}

interface Call {
  readonly id: unknown;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The refusal of a wrong envelope. */
  readonly refusal?: Refusal | undefined;
}

type RpcOutcome = { readonly result: unknown } | { readonly error: RpcErrorObject };

/** Deeper parameters could not be copied or written. */
const MAX_DEPTH = 100;

/** Permissions for pages of other origins: they call `cards.*`. */
const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "X-Auth, Content-Type, Cache-Control",
  "Access-Control-Allow-Methods": "POST",
};

/** Answers `POST /api` as Payme does, or as a fault rule says. */
export async function answerApi(context: ApiContext, request: Request): Promise<Response> {
  if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: CORS });
  const start = context.now();
  const body = await request.text();
  const call = parseCall(body);
  const header = request.headers.get("x-auth");
  const fault = call.refusal === undefined ? context.faults.pick(call) : undefined;
  const merchantId = context.cashbox(header?.split(":")[0] ?? "")?.merchantId ?? null;
  const note = (code: MockExchange["code"], response: unknown) =>
    context.log.note({
      direction: "in",
      method: call.method,
      ms: context.now() - start,
      code,
      request: call.params,
      response,
      at: start,
      merchantId,
    });

  if (fault?.delayMs !== undefined) await context.sleep(fault.delayMs);
  if (fault?.kind === "drop_before") {
    note("dropped", null);
    throw new DroppedConnection();
  }
  if (fault?.kind === "http_status") {
    note(`http_${fault.status}`, null);
    const headers = { ...CORS, "Content-Type": "text/html" };
    return new Response("<html>an error page</html>", { status: fault.status, headers });
  }
  if (fault?.kind === "rpc_error" && fault.doneAfterMs !== undefined) {
    planLate(context, { header, body }, call, context.now() + fault.doneAfterMs);
  }
  const carryOut = () => outcomeOf(context, { httpMethod: request.method, header, body }, call);
  if (fault?.kind === "duplicate") await carryOut();
  const outcome = fault?.kind === "rpc_error" ? { error: errorOf(fault) } : await carryOut();
  const answer = "error" in outcome ? outcome.error : outcome.result;
  if (fault?.kind === "drop_after") {
    note("dropped", answer);
    throw new DroppedConnection();
  }
  if (fault?.kind === "malformed") {
    note("malformed", answer);
    return new Response(fault.body ?? "<html>502 Bad Gateway</html>", { headers: CORS });
  }
  note("error" in outcome ? outcome.error.code : null, answer);
  const isPaid = call.method === "receipts.pay" && "result" in outcome;
  return rpcResponse(isPaid && context.choices.payAnswersNullId ? null : call.id, outcome);
}

/** Plans a refused call to be carried out later, unless Payme would have refused it anyway. */
function planLate(
  context: ApiContext,
  { header, body }: { header: string | null; body: string },
  { method, params }: Call,
  at: number,
): void {
  try {
    const cashbox = authenticate({ header, method, body }, context.cashbox, context.choices);
    carryOutLater({ ...context, cashbox }, method, params, at);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

function errorOf({ code, message = "", data = null }: Extract<FaultRule, { kind: "rpc_error" }>): RpcErrorObject {
  return { code, message, data };
}

async function outcomeOf(
  { cards, choices, now, cashbox: find }: ApiContext,
  { httpMethod, header, body }: { httpMethod: string; header: string | null; body: string },
  call: Call,
): Promise<RpcOutcome> {
  try {
    if (httpMethod !== "POST") throw new Refusal(SubscribeErrorCode.NOT_POST, "The method must be POST.");
    if (call.refusal !== undefined) throw call.refusal;
    const cashbox = authenticate({ header, method: call.method, body }, find, choices);
    const method = methods.get(call.method);
    if (method === undefined) {
      throw new Refusal(SubscribeErrorCode.METHOD_NOT_FOUND, "Method not found.", { data: call.method });
    }
    return { result: await method({ cashbox, cards, choices, now }, call.params) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message, data, texts } = error;
    const inLanguages = texts ?? { ru: message, uz: message, en: message };
    return { error: { code, message: choices.messages === "languages" ? inLanguages : message, data } };
  }
}

function parseCall(body: string): Call {
  const nothing = { id: undefined, method: "", params: {} };
  const request = parseJson(body);
  if (request === undefined) {
    return { ...nothing, refusal: new Refusal(SubscribeErrorCode.PARSE_ERROR, "Parse error.") };
  }
  const refusal = new Refusal(SubscribeErrorCode.INVALID_REQUEST, "Invalid request.");
  if (!isRecord(request)) return { ...nothing, refusal };
  const { id, method, params = {} } = request;
  if (typeof method !== "string" || !isRecord(params) || isDeep(request)) return { ...nothing, id, refusal };
  return { id, method, params };
}

/** True for nesting deeper than any merchant's request. It goes level by level: recursion would overflow. */
function isDeep(request: object): boolean {
  let level: unknown[] = [request];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((value) => (typeof value === "object" && value !== null ? Object.values(value) : []));
  }
  return false;
}

/** The answer has the request's id, or none where the request has none, as at Payme. */
function rpcResponse(id: unknown, outcome: RpcOutcome): Response {
  const answer = { jsonrpc: "2.0", ...(id === undefined ? {} : { id }), ...outcome };
  const headers = { ...CORS, "Content-Type": "application/json; charset=utf-8" };
  return new Response(JSON.stringify(answer), { headers });
}
