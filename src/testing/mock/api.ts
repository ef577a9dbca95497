import type { Clock, Sleep } from "../../kit/clock";
import { SubscribeErrorCode } from "../../protocol/codes";
import type { LocalizedText } from "../../protocol/states";
import { authenticate, type ProvenCall } from "./authenticate";
import type { TestCard } from "./cards";
import type { Cashbox } from "./cashbox";
import type { MockChoices } from "./choices";
import type { ExchangeLog, MockExchange } from "./exchange-log";
import type { FaultRule, FaultyCall } from "./faults";
import { methods } from "./methods";
import { isRecord } from "./methods/params";
import { DroppedConnection, Refusal } from "./refusal";

/** What answering a call needs. */
export interface ApiContext {
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
  /** What is wrong with its envelope. */
  readonly refusal?: Refusal | undefined;
}

/** An error that Payme answers, as JSON-RPC has it. */
interface RpcError {
  readonly code: number;
  readonly message: string | Partial<LocalizedText>;
  readonly data: unknown;
}

type RpcOutcome = { readonly result: unknown } | { readonly error: RpcError };

/** Deeper parameters could be neither copied nor written. */
const MAX_DEPTH = 100;

/** What a page of another origin may do: `cards.*` is called from pages. */
const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "X-Auth, Content-Type, Cache-Control",
  "Access-Control-Allow-Methods": "POST",
};

/** Answers `POST /api`: the same bytes that Payme would send, or what a fault makes of them. */
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
    return errorPage(fault.status);
  }
  const carryOut = () => outcomeOf(context, request.method, { header, method: call.method, body }, call);
  if (fault?.kind === "duplicate") await carryOut();
  const outcome = fault?.kind === "rpc_error" ? faultyOutcome(fault) : await carryOut();
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

function errorPage(status: number): Response {
  return new Response("<html>an error page</html>", { status, headers: { ...CORS, "Content-Type": "text/html" } });
}

function faultyOutcome({ code, message, data }: Extract<FaultRule, { kind: "rpc_error" }>): RpcOutcome {
  return { error: { code, message: message ?? "", data: data ?? null } };
}

async function outcomeOf(context: ApiContext, httpMethod: string, proof: ProvenCall, call: Call): Promise<RpcOutcome> {
  const { cards, choices, now } = context;
  try {
    if (httpMethod !== "POST") throw new Refusal(SubscribeErrorCode.NOT_POST, "The method must be POST.");
    if (call.refusal !== undefined) throw call.refusal;
    const cashbox = authenticate(proof, context.cashbox, choices);
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
  let request: unknown;
  try {
    request = JSON.parse(body);
  } catch {
    return { ...nothing, refusal: new Refusal(SubscribeErrorCode.PARSE_ERROR, "Parse error.") };
  }
  const refusal = new Refusal(SubscribeErrorCode.INVALID_REQUEST, "Invalid request.");
  if (!isRecord(request)) return { ...nothing, refusal };
  const { id, method, params = {} } = request;
  if (typeof method !== "string" || !isRecord(params) || isDeep(request)) return { ...nothing, id, refusal };
  return { id, method, params };
}

/** True for what is nested deeper than any request of a merchant. Level by level: recursion would overflow first. */
function isDeep(request: object): boolean {
  let level: unknown[] = [request];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((value) => (typeof value === "object" && value !== null ? Object.values(value) : []));
  }
  return false;
}

/** An id is echoed when it was given and left out when not, as Payme does it. */
function rpcResponse(id: unknown, outcome: RpcOutcome): Response {
  const answer = { jsonrpc: "2.0", ...(id === undefined ? {} : { id }), ...outcome };
  return new Response(JSON.stringify(answer), {
    headers: { ...CORS, "Content-Type": "application/json; charset=utf-8" },
  });
}
