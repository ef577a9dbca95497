import { setTimeout as wait } from "node:timers/promises";
import type { AccountKind } from "./account-kind";
import { type Caller, createCaller } from "./caller";
import { CertifierError } from "./certifier-error";
import type { Check, CheckResult } from "./check";
import { certifierChecks } from "./checks";
import { type CertifiedEndpoint, reach } from "./endpoint";
import { Verdict } from "./expect";
import { type CertifiedOrder, createRun, type Run } from "./run";

/** Options of {@link certify}. */
export interface CertifyOptions {
  /** The endpoint: an address; or, in this process, a function from requests to responses, or an object with `fetch`. */
  api: CertifiedEndpoint;
  /** The endpoint's key of the cashbox. No report holds it. */
  key: string;
  /**
   * Gives a new unpaid order each time; {@link ORDERS_NEEDED} are needed. Undefined: no order is left, and the checks that
   * need one are skipped. An account that can be paid again (`accumulative`, `fixedPrice`) may be the same each time.
   */
  newOrder(): CertifiedOrder | undefined | Promise<CertifiedOrder | undefined>;
  /** The account can be paid any number of times, with any amount. Default: once. */
  accumulative?: boolean | undefined;
  /** The account can be paid any number of times, each time at the same price: other amounts must be refused. */
  fixedPrice?: boolean | undefined;
  /** The account field that refusals must name. Default: the field that is wrong. */
  field?: string | undefined;
  /** Account fields that decide nothing, such as a comment. Default: none, and a wrong value of each field must be refused. */
  freeFields?: readonly string[] | undefined;
  /** Runs only these checks (`create.repeat`) and groups of checks (`create`). Two checks always run: the others need them. */
  only?: readonly string[] | undefined;
  /**
   * An account that does not exist. Default: the order's account with another value of the same form, for each of its fields.
   */
  unknownAccount?: Readonly<Record<string, unknown>> | undefined;
  /** Returns how often an order was fulfilled. No answer of the endpoint shows this. */
  credited?: ((order: CertifiedOrder) => number | Promise<number>) | undefined;
  /** A key that ChangePassword may set; the old key is restored. Default: ChangePassword is not called. */
  otherKey?: string | undefined;
  /** Called at the end of each check. */
  onCheck?: ((check: CheckResult) => void) | undefined;
  /** Ends the run before its next check, or in a wait. Open transactions are cancelled; certify rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** The time limit of an answer. Default 30,000 ms. A method that was late once is given less. */
  timeoutMs?: number | undefined;
  /** The endpoint's clock, where it is not the clock of the machine, and a function that moves it. */
  now?: (() => number) | undefined;
  sleep?: ((ms: number) => unknown) | undefined;
}

/** The result of {@link certify}. */
export interface CertifyResult {
  readonly passed: number;
  readonly failed: number;
  /** Sources disagree, or Payme tolerates the answer. */
  readonly warned: number;
  readonly skipped: number;
  readonly checks: readonly CheckResult[];
}

/** The number of orders of a run. They end paid, refunded or cancelled. */
export const ORDERS_NEEDED = 8;

export const DEFAULT_TIMEOUT_MS = 30_000;
/** These always run. After a failure of one of them, no other check can run. */
const GATES = ["http.answers", "auth.right-key"];

/**
 * Calls a Merchant API endpoint as Payme's sandbox does, and as Payme does where integrations were seen to fail. It does not
 * replace Payme's certification. It shares no code with the engine of this package.
 *
 * It creates, performs and cancels transactions on the given orders. It dates times back and does not wait for them. It waits
 * for five seconds where an endpoint refuses transactions of the past, for one second where times are whole seconds, and for
 * one minute where an expired transaction holds its order.
 *
 * @throws CertifierError when the key is missing, no check has a name of `only`, the endpoint is not reachable, or `newOrder`
 * gives an order that cannot be new. A failed check throws no error: see `failed`.
 * @example
 * const newOrder = async () => ({ account: { order_id: 1 }, amount: som(50_000) });
 * const { failed, checks } = await certify({ api: fetchMerchant(merchant), key, newOrder });
 */
export async function certify(options: CertifyOptions): Promise<CertifyResult> {
  const { key, timeoutMs = DEFAULT_TIMEOUT_MS, otherKey } = options;
  expectKey(key);
  const kind = kindOf(options);
  const chosen = chosenChecks(options.only, kind);
  const caller = createCaller({
    endpoint: reach(options.api),
    key,
    secrets: otherKey === undefined ? [] : [otherKey],
    timeoutMs,
  });
  const run = createRun({
    caller,
    kind,
    field: options.field,
    freeFields: options.freeFields ?? [],
    unknownAccount: options.unknownAccount,
    otherKey,
    credited: options.credited,
    newOrder: () => options.newOrder(),
    now: options.now ?? Date.now,
    sleep: options.sleep ?? ((ms) => waitFor(ms, options.signal)),
  });
  try {
    const checks = await runAll(chosen, run, options);
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

/** Waits. @throws the signal's reason. */
async function waitFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await wait(ms, undefined, { signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
}

/** @throws CertifierError where no call so far was answered. */
export function expectReached({ log }: Caller): void {
  const [first] = log;
  if (first === undefined || log.some(({ status }) => status !== 0)) return;
  throw new CertifierError(`no answer from the endpoint: ${first.exchange.failure ?? "unknown"}`);
}

/** @throws CertifierError for a key that is not set. A caller in JavaScript may give an unset variable. */
function expectKey(key: unknown): void {
  if (typeof key === "string" && key !== "") return;
  throw new CertifierError("the key is not set: give the cashbox's key as `key`, and see that its variable is set");
}

function kindOf({ accumulative, fixedPrice }: CertifyOptions): AccountKind {
  if (fixedPrice === true) return "fixed-price";
  return accumulative === true ? "accumulative" : "one-time";
}

/** The checks of this kind of account with these names. @throws CertifierError for a name without a check. */
function chosenChecks(only: readonly string[] | undefined, kind: AccountKind): readonly Check[] {
  const checks = certifierChecks.filter(({ kinds }) => kinds === undefined || kinds.includes(kind));
  if (only === undefined) return checks;
  const isNamed = ({ id }: Check, name: string) => id === name || groupOf(id) === name;
  for (const name of only) {
    if (checks.some((check) => isNamed(check, name))) continue;
    const groups = [...new Set(certifierChecks.map(({ id }) => groupOf(id)))].join(", ");
    throw new CertifierError(`no check of this kind of account is called "${name}"; the groups are ${groups}`);
  }
  return checks.filter((check) => GATES.includes(check.id) || only.some((name) => isNamed(check, name)));
}

/** `create` of `create.repeat`. */
function groupOf(id: string): string | undefined {
  return id.split(".")[0];
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

function countOf(checks: readonly CheckResult[]): Omit<CertifyResult, "checks"> {
  const count = (status: CheckResult["status"]) => checks.filter((check) => check.status === status).length;
  return { passed: count("passed"), failed: count("failed"), warned: count("warned"), skipped: count("skipped") };
}
