import { isDeepStrictEqual } from "node:util";
import { maskCardNumber } from "../protocol/card";
import { at, isRecord, type JsonRecord, mapLeaves } from "./json";
import { callsOf, type RecordedCall } from "./recorded-call";
import type { RecordedOutcome, Recording } from "./recording";
import { maskPhone } from "./vault";

/** Options of {@link replayFetch}. */
export interface ReplayFetchOptions {
  /**
   * Parameters that need not be the same. Default: `from` and `to` (which move with the clock), `description`, `detail`,
   * `payer`. What the recording hides is never compared.
   */
  readonly ignore?: readonly string[] | undefined;
}

const IGNORED = ["from", "to", "description", "detail", "payer"];
const READS = /^(receipts\.(check|get|get_all)|cards\.check)$/;

/** Why no answer came, as `fetch` has it. */
const FAILURES: Readonly<Partial<Record<RecordedOutcome, string>>> = {
  unreachable: "ECONNREFUSED",
  broken: "ECONNRESET",
  timeout: "ETIMEDOUT",
  caller_gone: "ECONNRESET",
  interrupted: "ECONNRESET",
};

/**
 * A `fetch` that answers a client with what Payme answered when the recording was made: calls are found by their method and
 * parameters, in order. A read that is asked more often than it was gets its last answer again. What was cut off then is
 * cut off now.
 *
 * Tokens are the recording's placeholders (`token-1`), as its answers have them; a card's number may be whole or masked.
 *
 * Where nothing was recorded for a call it answers with an error whose code is 0 and whose message names the nearest
 * recorded call: a client shows that, and nothing of what a `fetch` throws.
 *
 * @example
 * const recording = parseRecording(await readFile("test/payme.jsonl", "utf8"));
 * const client = createPaymeClient({ merchantId, key: "any", fetch: replayFetch(recording) });
 */
export function replayFetch(recording: Recording, options: ReplayFetchOptions = {}): typeof globalThis.fetch {
  const ignored = new Set(options.ignore ?? IGNORED);
  const calls = callsOf(recording, "subscribe");
  const used = new Set<RecordedCall>();

  return async (input, init) => {
    const request = new Request(input, init);
    request.signal.throwIfAborted();
    const given = parsed(await request.text());
    const method = String(given.method);
    const params = comparable(isRecord(given.params) ? given.params : {}, ignored);
    const fitting = calls.filter((call) => call.method === method && isFit(comparable(call.params, ignored), params));
    const next = fitting.find((call) => !used.has(call)) ?? (READS.test(method) ? fitting.at(-1) : undefined);
    if (next === undefined) return refusal(nothingFor(method, params, { calls, fitting, ignored }));
    used.add(next);
    return respond(next, given);
  };
}

function refusal(message: string): Response {
  return Response.json({ error: { code: 0, message, data: null } });
}

function respond(call: RecordedCall, given: JsonRecord): Response {
  const { exchange } = call;
  const { response, outcome } = exchange;
  const failure = FAILURES[outcome];
  if (failure !== undefined || response === null) {
    const code = exchange.problem ?? failure ?? "ECONNRESET";
    throw new TypeError("fetch failed", { cause: Object.assign(new Error(outcome), { code }) });
  }
  const { body, headers, status } = response;
  const type = headers["content-type"];
  return new Response(status === 204 ? null : textOf(body, response.id, given), {
    status,
    headers: type === undefined ? {} : { "Content-Type": type },
  });
}

type Answered = NonNullable<RecordedCall["exchange"]["response"]>;

function textOf(body: Answered["body"], id: Answered["id"], given: JsonRecord): string {
  if (body.kind === "text") return body.text;
  if (body.kind !== "json") return "";
  if (id !== "echoed" || !isRecord(body.value)) return JSON.stringify(body.value);
  return JSON.stringify({ ...body.value, id: given.id });
}

function parsed(text: string): JsonRecord {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

/** The parameters that matter, with what a recording hides as it hides it. */
function comparable(params: JsonRecord, ignored: ReadonlySet<string>): JsonRecord {
  const kept = Object.fromEntries(Object.entries(params).filter(([name]) => !ignored.has(name)));
  const masked = mapLeaves(kept, (leaf, name) => {
    if (name === "number" && !String(leaf).includes("*")) return maskCardNumber(String(leaf));
    if (name === "code" || name === "cvv" || name === "customer") return "[hidden]";
    if (name === "phone") return maskPhone(String(leaf));
    return leaf;
  });
  return isRecord(masked) ? masked : {};
}

/** Account values may be numbers here and texts there: Payme takes both. */
function isFit(recorded: JsonRecord, given: JsonRecord): boolean {
  const asTexts = (params: JsonRecord) => ({
    ...params,
    account: mapLeaves(params.account, (leaf) => (leaf === undefined ? leaf : String(leaf))),
  });
  return isDeepStrictEqual(asTexts(recorded), asTexts(given));
}

function nothingFor(
  method: string,
  params: JsonRecord,
  {
    calls,
    fitting,
    ignored,
  }: { calls: readonly RecordedCall[]; fitting: readonly RecordedCall[]; ignored: ReadonlySet<string> },
): string {
  if (fitting.length > 0)
    return `replayFetch: ${method} was recorded ${fitting.length} time(s) with these parameters, and is called once more`;
  const [nearest] = calls.filter((call) => call.method === method);
  if (nearest === undefined) return `replayFetch: ${method} was not recorded`;
  const recorded = comparable(nearest.params, ignored);
  const names = [...new Set([...Object.keys(recorded), ...Object.keys(params)])];
  const differing = names.filter((name) => !isFit({ [name]: at(recorded, name) }, { [name]: at(params, name) }));
  return `replayFetch: ${method} was not recorded with these parameters; call ${nearest.n} has another ${differing.join(", ")}`;
}
