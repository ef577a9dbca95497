import ky from "ky";
import type * as z from "zod";
import type { Clock, Sleep } from "../clock";
import { PaymeValidationError } from "../errors";
import { answerOf, resultOf } from "./answer";
import { type Deadline, startDeadline } from "./deadline";
import { errorOf, exchangeCode, type Failure, type Target } from "./error-of";
import { maskCards } from "./mask-cards";
import { type CallClass, defaultTimeoutMs } from "./methods";
import { networkFailureOf } from "./network-failure";
import { readText } from "./read-text";
import type { Scrub } from "./scrub";
import type { TellExchange } from "./tell-exchange";
import type { XAuth } from "./x-auth";

/** Options of a single call. */
export interface CallOptions {
  /** Ends the call. A write that was already sent then has an unknown outcome. */
  signal?: AbortSignal | undefined;
  /** The longest that the call may take, repeats of a read included. Default: the client's, else 30 s (60 s for pay, cancel, confirm_hold). */
  timeoutMs?: number | undefined;
}

/** One call: what to ask, whether it may be repeated, and the shape that its result must have. */
export interface RpcCall<Result> extends CallOptions {
  method: string;
  params: object;
  class: CallClass;
  schema: z.ZodType<Result>;
}

/** Makes a call and gives its result, or throws the error that tells who failed. */
export type Rpc = <Result>(call: RpcCall<Result>) => Promise<Result>;

/** What {@link createRpc} is made of. */
export interface RpcParts {
  target: Target;
  xAuth: XAuth;
  scrub: Scrub;
  sleep: Sleep;
  now: Clock;
  /** How often a read is repeated whose connection failed. */
  retries: number;
  timeoutMs: number | undefined;
  fetch: typeof globalThis.fetch | undefined;
  tellExchange: TellExchange | undefined;
}

type Outcome<Result> = { kind: "value"; value: Result } | Failure;

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const FIRST_PAUSE_MS = 250;
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * The transport: JSON-RPC over `POST <host>/api`. The only file that knows ky, whose errors carry the request and
 * with it the key: none of them leaves this file, not even as a `cause`.
 */
export function createRpc(parts: RpcParts): Rpc {
  let lastId = 0;
  return async (call) => {
    const timeoutMs = timeoutOf(call, parts);
    call.signal?.throwIfAborted();
    lastId += 1;
    const prepared = parts.xAuth.prepare(jsonOf({ id: lastId, method: call.method, params: call.params }));
    const deadline = startDeadline(timeoutMs, call.signal);
    try {
      const outcome = await attempts(call, prepared, deadline, parts);
      if (outcome.kind === "value") return outcome.value;
      const failed = { method: call.method, class: call.class, timeoutMs };
      throw errorOf(failed, outcome, parts.target, parts.scrub.alsoOf(call.params));
    } finally {
      deadline.close();
    }
  };
}

async function attempts<Result>(
  call: RpcCall<Result>,
  prepared: Prepared,
  deadline: Deadline,
  parts: RpcParts,
): Promise<Outcome<Result>> {
  const repeats = call.class === "read" ? parts.retries : 0;
  for (let attempt = 0; ; attempt += 1) {
    const startedAt = parts.tellExchange && parts.now();
    const outcome = await send(call, prepared, deadline, parts);
    if (startedAt !== undefined) tell(call, outcome, parts.now() - startedAt, parts);
    const lostConnection = outcome.kind === "never_reached" || outcome.kind === "broken";
    if (!lostConnection || attempt >= repeats) return outcome;
    try {
      await parts.sleep(FIRST_PAUSE_MS * 4 ** attempt, deadline.signal);
    } catch {
      return deadline.ending() ?? outcome;
    }
  }
}

type Prepared = ReturnType<XAuth["prepare"]>;

async function send<Result>(
  call: RpcCall<Result>,
  prepared: Prepared,
  deadline: Deadline,
  { target, fetch }: RpcParts,
): Promise<Outcome<Result>> {
  try {
    return await deadline.limit(exchange(call.schema, `${target.apiBase}/api`, prepared, deadline.signal, fetch));
  } catch (error) {
    const { neverReached, code } = networkFailureOf(error);
    return deadline.ending() ?? { kind: neverReached ? "never_reached" : "broken", code };
  }
}

async function exchange<Result>(
  schema: z.ZodType<Result>,
  url: string,
  { body, header }: Prepared,
  signal: AbortSignal,
  fetch: typeof globalThis.fetch | undefined,
): Promise<Outcome<Result>> {
  const response = await ky.post(url, {
    body,
    headers: { "Content-Type": "application/json", "Cache-Control": "no-cache", "X-Auth": header },
    signal,
    // Each decided here: repeating, the time limit (ky's stops at the headers) and what counts as an answer.
    retry: 0,
    timeout: false,
    throwHttpErrors: false,
    // A redirect is no answer of Payme's, and following it would hand the key to another host.
    redirect: "manual",
    ...(fetch === undefined ? {} : { fetch }),
  });
  if (response.status !== 200) {
    void response.body?.cancel().catch(() => {});
    return { kind: "bad_answer", what: `HTTP ${response.status} (${mediaTypeOf(response)})` };
  }
  const read = await readText(response, MAX_ANSWER_BYTES);
  if ("problem" in read) return { kind: "bad_answer", what: `a body that is ${read.problem}` };
  const json = parseJson(read.text);
  if (json === undefined) return { kind: "bad_answer", what: `no JSON (${mediaTypeOf(response)})` };
  maskCards(json);
  const answer = answerOf(json);
  return answer.kind === "result" ? resultOf(schema, answer.result) : answer;
}

function tell<Result>(call: RpcCall<Result>, outcome: Outcome<Result>, ms: number, parts: RpcParts): void {
  parts.tellExchange?.({
    direction: "out",
    method: call.method,
    ms,
    code: outcome.kind === "value" ? null : exchangeCode(outcome),
    request: call.params,
    response: outcome.kind === "value" ? outcome.value : outcome.kind === "refused" ? outcome.error : null,
  });
}

function timeoutOf(call: RpcCall<unknown>, parts: RpcParts): number {
  const timeoutMs = call.timeoutMs ?? parts.timeoutMs ?? defaultTimeoutMs(call.method);
  if (isTimeoutMs(timeoutMs)) return timeoutMs;
  throw new PaymeValidationError(
    `${call.method}: timeoutMs must be a whole number of ms from 1 to ${LONGEST_TIMEOUT_MS}`,
  );
}

/** True for a time limit that a timer can keep. */
export function isTimeoutMs(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= LONGEST_TIMEOUT_MS;
}

function jsonOf(request: { id: number; method: string; params: object }): string {
  try {
    return JSON.stringify(request);
  } catch {
    throw new PaymeValidationError(
      `${request.method}: the params cannot be written as JSON (a bigint or a circle in them)`,
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function mediaTypeOf(response: Response): string {
  return /^[\w.+-]{1,40}\/[\w.+-]{1,40}/.exec(response.headers.get("content-type") ?? "")?.[0] ?? "no media type";
}
