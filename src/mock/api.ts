import type { Clock, Sleep } from "../clock";
import { SubscribeErrorCode } from "../protocol/codes";
import type { Exchange } from "../protocol/exchange";
import { redact } from "../protocol/redact";
import { authenticate, type Credentials } from "./authenticate";
import type { createFaults, FaultRule } from "./faults";
import { methods } from "./methods";
import type { MethodContext } from "./methods/context";
import { isRecord } from "./methods/params";
import { DroppedConnection, Refusal } from "./refusal";

/** What answering a call needs. */
export interface ApiContext {
  readonly credentials: Credentials;
  readonly methods: MethodContext;
  readonly faults: ReturnType<typeof createFaults>;
  readonly exchanges: Exchange[];
  readonly now: Clock;
  readonly sleep: Sleep;
}

interface Call {
  readonly id: unknown;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** An error that Payme answers, as JSON-RPC has it. */
interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data: unknown;
}

const MAX_EXCHANGES = 10_000;

/** Answers `POST /api`: the same bytes that Payme would send, or what a fault makes of them. */
export async function answerApi(context: ApiContext, request: Request): Promise<Response> {
  const body = await request.text();
  const call = parseCall(body);
  const fault = call === undefined ? undefined : context.faults.pick(call);
  const early = await faultBefore(fault, context.sleep);
  const start = context.now();
  const outcome = early ?? (await outcomeOf(context, request, body, call));
  if (outcome instanceof Response) return outcome;
  log(context, call, outcome, context.now() - start);
  if (fault?.kind === "drop_after") throw new DroppedConnection();
  if (fault?.kind === "malformed") return new Response(fault.body ?? "<html>502 Bad Gateway</html>", { status: 200 });
  return rpcResponse(call?.id, outcome);
}

type RpcOutcome = { readonly result: unknown } | { readonly error: RpcError };

async function faultBefore(fault: FaultRule | undefined, sleep: Sleep): Promise<RpcOutcome | Response | undefined> {
  switch (fault?.kind) {
    case "drop_before":
      throw new DroppedConnection();
    case "delay":
      await sleep(fault.delayMs);
      return undefined;
    case "http_status":
      return new Response("<html>an error page</html>", {
        status: fault.status,
        headers: { "Content-Type": "text/html" },
      });
    case "rpc_error":
      return { error: { code: fault.code, message: fault.message ?? "", data: fault.data ?? null } };
    default:
      return undefined;
  }
}

async function outcomeOf(
  context: ApiContext,
  request: Request,
  body: string,
  call: Call | undefined,
): Promise<RpcOutcome> {
  try {
    if (request.method !== "POST") throw new Refusal(SubscribeErrorCode.NOT_POST, "The method must be POST.");
    if (call === undefined) throw new Refusal(SubscribeErrorCode.PARSE_ERROR, "Parse error.");
    authenticate(request.headers.get("x-auth"), call.method, body, context.credentials);
    const method = methods.get(call.method);
    if (method === undefined) {
      throw new Refusal(SubscribeErrorCode.METHOD_NOT_FOUND, "Method not found.", { data: call.method });
    }
    return { result: await method(context.methods, call.params) };
  } catch (error) {
    if (error instanceof Refusal) return { error: { code: error.code, message: error.message, data: error.data } };
    throw error;
  }
}

function parseCall(body: string): Call | undefined {
  try {
    const request: unknown = JSON.parse(body);
    if (!isRecord(request)) return undefined;
    const { id, method, params } = request;
    return { id, method: typeof method === "string" ? method : "", params: isRecord(params) ? params : {} };
  } catch {
    return undefined;
  }
}

/** An id is echoed when it was given and left out when not, as Payme does it. */
function rpcResponse(id: unknown, outcome: RpcOutcome): Response {
  const answer = { jsonrpc: "2.0", ...(id === undefined ? {} : { id }), ...outcome };
  return new Response(JSON.stringify(answer), { headers: { "Content-Type": "application/json; charset=utf-8" } });
}

function log({ exchanges }: ApiContext, call: Call | undefined, outcome: RpcOutcome, ms: number): void {
  exchanges.push({
    direction: "in",
    method: call?.method ?? "",
    ms,
    code: "error" in outcome ? outcome.error.code : null,
    request: redact(call?.params ?? null),
    response: redact("error" in outcome ? outcome.error : outcome.result),
  });
  // A mock may run beside an editor for weeks.
  if (exchanges.length > MAX_EXCHANGES) exchanges.splice(0, exchanges.length - MAX_EXCHANGES);
}
