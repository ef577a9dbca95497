/*!
 * The CommonJS build contains ky (https://github.com/sindresorhus/ky). MIT License.
 * Copyright (c) Sindre Sorhus <sindresorhus@gmail.com> (https://sindresorhus.com)
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
 * files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
 * modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
 * Software is furnished to do so, subject to the following conditions: The above copyright notice and this permission notice
 * shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY
 * OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR
 * PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
 * LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR
 * THE USE OR OTHER DEALINGS IN THE SOFTWARE.
 */
import ky from "ky";
import type { Clock, Sleep } from "../kit/clock";
import { PaymeValidationError } from "../kit/errors";
import { readAnswer, resultOf } from "./answer";
import type { Rpc, RpcCall } from "./call";
import type { CalledMethod } from "./client-event";
import { type Deadline, startDeadline, timeoutOf } from "./deadline";
import { errorOf, exchangeCode, type Failure, type Target } from "./error-of";
import { networkFailureOf } from "./network-failure";
import type { Scrub } from "./scrub";
import type { TellExchange } from "./tell-exchange";
import type { XAuth } from "./x-auth";

/** Parts of {@link createRpc}. */
export interface RpcParts {
  target: Target;
  xAuth: XAuth;
  scrub: Scrub;
  sleep: Sleep;
  now: Clock;
  /** How often a read is repeated when its connection fails. */
  retries: number;
  timeoutMs: number | undefined;
  fetch: typeof globalThis.fetch | undefined;
  tellExchange: TellExchange | undefined;
  tellCall: ((call: CalledMethod) => void) | undefined;
}

type Outcome<Result> = { kind: "value"; value: Result } | Failure;
type Prepared = ReturnType<XAuth["prepare"]>;

const FIRST_PAUSE_MS = 250;
const PAUSE_FACTOR = 4;

/**
 * The transport: JSON-RPC over `POST <host>/api`. Only this file knows ky. Its errors carry the request, and so the key:
 * none of them leaves this file, not even as a `cause`.
 */
export function createRpc(parts: RpcParts): Rpc {
  let lastId = 0;
  return async (call) => {
    const timeoutMs = timeoutOf(call, parts.timeoutMs);
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

/** Sends until there is an outcome. Sends again only a read whose connection failed. */
async function attempts<Result>(
  call: RpcCall<Result>,
  prepared: Prepared,
  deadline: Deadline,
  parts: RpcParts,
): Promise<Outcome<Result>> {
  const repeats = call.class === "read" ? parts.retries : 0;
  for (let attempt = 0; ; attempt += 1) {
    const startedAt = parts.tellExchange || parts.tellCall ? parts.now() : undefined;
    const outcome = await send(call, prepared, deadline, parts);
    if (startedAt !== undefined) tell(call, outcome, startedAt, parts);
    const lostConnection = outcome.kind === "never_reached" || outcome.kind === "broken";
    if (!lostConnection || attempt >= repeats) return outcome;
    try {
      await parts.sleep(FIRST_PAUSE_MS * PAUSE_FACTOR ** attempt, deadline.signal);
    } catch {
      return deadline.ending() ?? outcome;
    }
  }
}

/** Sends once. Turns every error on the way into a failure without secrets. */
async function send<Result>(
  call: RpcCall<Result>,
  prepared: Prepared,
  deadline: Deadline,
  parts: RpcParts,
): Promise<Outcome<Result>> {
  try {
    const answer = await deadline.limit(post(prepared, deadline.signal, parts).then(readAnswer));
    return answer.kind === "result" ? resultOf(call.schema, answer.result) : answer;
  } catch (error) {
    const { neverReached, code } = networkFailureOf(error);
    return deadline.ending() ?? { kind: neverReached ? "never_reached" : "broken", code };
  }
}

function post({ body, header }: Prepared, signal: AbortSignal, { target, fetch }: RpcParts): Promise<Response> {
  return ky.post(`${target.apiBase}/api`, {
    body,
    headers: { "Content-Type": "application/json", "Cache-Control": "no-cache", "X-Auth": header },
    signal,
    // This file decides about repeats, the time limit (ky's ends at the headers) and what counts as an answer.
    retry: 0,
    timeout: false,
    throwHttpErrors: false,
    // Payme never redirects, and following a redirect would send the key to another host.
    redirect: "manual",
    ...(fetch === undefined ? {} : { fetch }),
  });
}

function tell<Result>(call: RpcCall<Result>, outcome: Outcome<Result>, startedAt: number, parts: RpcParts): void {
  const at = parts.now();
  const ms = at - startedAt;
  const code = outcome.kind === "value" ? null : exchangeCode(outcome);
  parts.tellCall?.({ at, method: call.method, ms, code, outcome: ENDINGS[outcome.kind] });
  const answered = outcome.kind === "value" ? outcome.value : null;
  parts.tellExchange?.({
    direction: "out",
    method: call.method,
    ms,
    code,
    request: call.params,
    response: outcome.kind === "refused" ? outcome.error : answered,
  });
}

const ENDINGS = {
  value: "ok",
  refused: "refused",
  never_reached: "unreachable",
  broken: "unknown",
  timeout: "unknown",
  aborted: "unknown",
  bad_answer: "unknown",
} as const satisfies Record<Outcome<unknown>["kind"], CalledMethod["outcome"]>;

function jsonOf(request: { id: number; method: string; params: object }): string {
  try {
    return JSON.stringify(request);
  } catch {
    throw new PaymeValidationError(`${request.method}: params must be writable as JSON, without bigint and circles`);
  }
}
