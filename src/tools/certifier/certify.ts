import { setTimeout as wait } from "node:timers/promises";
import { type Caller, createCaller } from "./caller";
import { CertifierError } from "./certifier-error";
import type { Check, CheckResult } from "./check";
import { certifierChecks } from "./checks";
import { type Endpoint, reach } from "./endpoint";
import { Verdict } from "./expect";
import { type CertifiedOrder, createRun, type Run } from "./run";

/** What {@link certify} works with. */
export interface CertifyOptions {
  /** The endpoint: its address; or, in this process, a function from requests to responses, or what has one as `fetch`. */
  api: Endpoint;
  /** The cashbox's key, as the endpoint has it. It is in no report. */
  key: string;
  /**
   * Gives an order that nobody has paid, another one each time; {@link ORDERS_NEEDED} are needed. Undefined: none is left, and
   * what would need one is skipped. A balance (`accumulative`) may be the same each time.
   */
  newOrder(): CertifiedOrder | undefined | Promise<CertifiedOrder | undefined>;
  /** The account can be paid any number of times. Default: once. */
  accumulative?: boolean | undefined;
  /** The account field that refusals must name. Default: the account's first. */
  field?: string | undefined;
  /** An account that does not exist. Default: the order's, with another value of the same form. */
  unknownAccount?: Readonly<Record<string, unknown>> | undefined;
  /** How often an order was fulfilled: the one thing that no answer tells. */
  credited?: ((order: CertifiedOrder) => number | Promise<number>) | undefined;
  /** A key that ChangePassword may set, and set back. Default: it is not tried. */
  otherKey?: string | undefined;
  /** Told of each check as it ends. */
  onCheck?: ((check: CheckResult) => void) | undefined;
  /** Ends the run before its next check: what is open is cancelled, and certify rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** How long an answer may take. Default 30,000 ms. */
  timeoutMs?: number | undefined;
  /** The endpoint's clock, where it is not the machine's, and how to let it run on. */
  now?: (() => number) | undefined;
  sleep?: ((ms: number) => unknown) | undefined;
}

/** What came of it. */
export interface Certificate {
  readonly passed: number;
  readonly failed: number;
  /** Sources disagree, or Payme tolerates it. */
  readonly warned: number;
  readonly skipped: number;
  readonly checks: readonly CheckResult[];
}

/** How many orders a run uses: they end paid, refunded or cancelled. */
export const ORDERS_NEEDED = 6;

const DEFAULT_TIMEOUT_MS = 30_000;
/** Where one of these fails, nothing behind it can be seen. */
const GATES = ["http.answers", "auth.right-key"];

/**
 * Calls a Merchant API endpoint as Payme's sandbox does, and as Payme does where integrations were seen to fail. It is not Payme's
 * own certification, and takes its place in no way; it shares no code with the engine of this package.
 *
 * It creates, performs and cancels transactions on the given orders. Time is dated back, never waited for; only an endpoint that
 * creates no transaction of the past makes it wait for five seconds, and one whose times are whole seconds for one.
 *
 * @throws CertifierError when the endpoint cannot be reached, or `newOrder` gives what can be no fresh order. A check that fails is no error: see `failed`.
 * @example
 * const { failed, checks } = await certify({ api: merchant, key, newOrder: async () => ({ account: { order_id: 1 }, amount: 5_000_000 }) });
 */
export async function certify(options: CertifyOptions): Promise<Certificate> {
  const { key, timeoutMs = DEFAULT_TIMEOUT_MS, accumulative: isAccumulative = false } = options;
  const caller = createCaller({
    endpoint: reach(options.api),
    key,
    secrets: options.otherKey === undefined ? [] : [options.otherKey],
    timeoutMs,
  });
  const run = createRun({
    caller,
    isAccumulative,
    field: options.field,
    unknownAccount: options.unknownAccount,
    otherKey: options.otherKey,
    credited: options.credited,
    newOrder: () => options.newOrder(),
    now: options.now ?? Date.now,
    sleep: options.sleep ?? wait,
  });
  try {
    const checks = await runAll(certifierChecks.filter(isAbout(isAccumulative)), run, options);
    return { ...countOf(checks), checks };
  } finally {
    await run.tidy();
  }
}

async function runAll(checks: readonly Check[], run: Run, { onCheck, signal }: CertifyOptions): Promise<CheckResult[]> {
  const ended: CheckResult[] = [];
  for (const check of checks) {
    signal?.throwIfAborted();
    const shut = ended.find(({ id, status }) => GATES.includes(id) && status === "failed");
    const result = shut ? resultOf(check, new Verdict("skipped", "", `see ${shut.id}`), run) : await end(check, run);
    expectReached(run.caller);
    ended.push(result);
    onCheck?.(result);
  }
  return ended;
}

/** @throws CertifierError when no call was ever answered. */
function expectReached({ log }: Caller): void {
  const [first] = log;
  if (first === undefined || log.some(({ status }) => status !== 0)) return;
  throw new CertifierError(`no answer from the endpoint: ${first.exchange.failure ?? "unknown"}`);
}

function isAbout(isAccumulative: boolean): (check: Check) => boolean {
  return ({ only }) => only === undefined || (only === "accumulative") === isAccumulative;
}

async function end(check: Check, run: Run): Promise<CheckResult> {
  try {
    await check.run(run);
    return resultOf(check, undefined, run);
  } catch (error) {
    if (error instanceof Verdict) return resultOf(check, error, run);
    throw error;
  }
}

function resultOf(check: Check, verdict: Verdict | undefined, { caller }: Run): CheckResult {
  const { id, method, rule, sandbox = null, source, mend } = check;
  return {
    id,
    method,
    rule,
    sandbox,
    status: verdict?.status ?? "passed",
    expected: verdict && verdict.expected !== "" ? caller.scrub(verdict.expected) : null,
    got: verdict ? caller.scrub(verdict.got) : null,
    source,
    mend,
    exchange: verdict?.answer?.exchange ?? null,
  };
}

function countOf(checks: readonly CheckResult[]): Omit<Certificate, "checks"> {
  const count = (status: CheckResult["status"]) => checks.filter((check) => check.status === status).length;
  return { passed: count("passed"), failed: count("failed"), warned: count("warned"), skipped: count("skipped") };
}
