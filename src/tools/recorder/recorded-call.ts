import { at, isRecord, type JsonRecord } from "./json";
import type { RecordedExchange, RecordedProtocol, Recording } from "./recording";

/** A recorded JSON-RPC call whose request could be read, and its answer as far as there is one. */
export interface RecordedCall {
  readonly n: number;
  /** When it came, in ms. */
  readonly at: number;
  readonly method: string;
  readonly params: JsonRecord;
  /** The whole request. */
  readonly request: JsonRecord;
  /** The whole answer; undefined where none came, or one that is no JSON. */
  readonly answer: JsonRecord | undefined;
  /** The code of a refusal. */
  readonly code: number | undefined;
  readonly exchange: RecordedExchange;
}

/** The calls of one wire, in the order in which they came. */
export function callsOf(recording: Recording, protocol: RecordedProtocol): RecordedCall[] {
  return recording.exchanges.filter((each) => each.protocol === protocol).flatMap((each) => callOf(each) ?? []);
}

function callOf(exchange: RecordedExchange): RecordedCall | undefined {
  const { request, response, n } = exchange;
  if (request.body.kind !== "json" || !isRecord(request.body.value) || request.method === null) return undefined;
  const answer = response?.body.kind === "json" && isRecord(response.body.value) ? response.body.value : undefined;
  const { params } = request.body.value;
  const code = at(answer, "error", "code");
  return {
    n,
    at: exchange.at,
    method: request.method,
    params: isRecord(params) ? params : {},
    request: request.body.value,
    answer,
    code: typeof code === "number" ? code : undefined,
    exchange,
  };
}
