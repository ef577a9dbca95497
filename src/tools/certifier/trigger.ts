import { setTimeout as wait } from "node:timers/promises";
import { type Answer, type CertifierCall, createCaller } from "./caller";
import { type CertifyOptions, DEFAULT_TIMEOUT_MS, expectReached } from "./certify";
import { reach } from "./endpoint";
import { fail, inShort, Verdict } from "./expect";
import { oneLine } from "./report";
import { type CertifiedOrder, createRun } from "./run";
import { type Expected, SCENARIOS, type ScenarioName } from "./scenarios";

/** Options of {@link trigger}. */
export interface TriggerOptions extends Pick<CertifyOptions, "api" | "key" | "now" | "sleep" | "timeoutMs"> {
  readonly scenario: ScenarioName;
  /** An unpaid order. */
  readonly order: CertifiedOrder;
  /** Called after each call that the story judges. */
  readonly onCall?: ((call: TriggeredCall) => void) | undefined;
  /** Ends the story before its next call. Its open transaction is cancelled; trigger rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A call of a story, and whether its answer is what Payme expects. */
export interface TriggeredCall {
  readonly method: string;
  readonly isExpected: boolean;
  readonly expected: string;
  readonly got: string;
  /** Without the key. */
  readonly exchange: CertifierCall;
}

/** The result of {@link trigger}. */
export interface TriggerResult {
  readonly scenario: ScenarioName;
  readonly isExpected: boolean;
  /** Up to the first answer that Payme does not expect. */
  readonly calls: readonly TriggeredCall[];
}

/**
 * Plays one story of Payme with one order against an endpoint. It ends at the first answer that Payme does not expect, and
 * cancels the transaction that it leaves open.
 *
 * @throws CertifierError when the endpoint is not reachable, or for an order that Payme could never ask for.
 */
export async function trigger({ scenario, order, onCall, signal, ...options }: TriggerOptions): Promise<TriggerResult> {
  const { key, timeoutMs = DEFAULT_TIMEOUT_MS, now = Date.now, sleep = wait } = options;
  const caller = createCaller({ endpoint: reach(options.api), key, secrets: [], timeoutMs });
  const run = createRun({
    ...{ caller, now, sleep, kind: "one-time" as const, freeFields: [] },
    ...{ field: undefined, unknownAccount: undefined, otherKey: undefined },
    newOrder: () => order,
  });
  const calls: TriggeredCall[] = [];

  function see(answer: Answer, [words, check]: Expected): Answer {
    expectReached(caller);
    const verdict = verdictOf(() => {
      check(answer);
      if (answer.status !== 200) fail("HTTP status 200", answer);
    });
    const { method, exchange } = answer;
    const { expected, got } = verdict ?? { expected: words, got: inShort(answer) };
    const texts = { expected: caller.scrub(expected), got: oneLine(caller.scrub(got)) };
    const call = { method, isExpected: verdict === undefined, ...texts, exchange };
    calls.push(call);
    onCall?.(call);
    if (verdict !== undefined) throw verdict;
    signal?.throwIfAborted();
    return answer;
  }

  try {
    await SCENARIOS[scenario].play({ run, order: await run.newOrder(), see });
  } catch (error) {
    if (!(error instanceof Verdict)) throw error;
  } finally {
    await run.tidy();
  }
  return { scenario, isExpected: calls.every((call) => call.isExpected), calls };
}

function verdictOf(check: () => unknown): Verdict | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof Verdict) return error;
    throw error;
  }
}

/** Returns the lines of a call: what was asked, what was answered, and whether Payme expects that. */
export function tellCall({
  method,
  isExpected,
  expected,
  got,
  exchange: { request, response, failure },
}: TriggeredCall) {
  const answer = response === null ? (failure ?? "none") : `HTTP ${response.status} ${oneLine(response.body)}`;
  const verdict = isExpected ? `ok        ${expected}` : `FAIL      expected ${expected}; got ${got}`;
  return [method, `  request   ${request.body}`, `  answer    ${answer}`, `  ${verdict}`].join("\n");
}
