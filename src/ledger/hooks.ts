import { type Clock, type IdSource, randomId } from "../kit/clock";
import { isPaymeError, PaymeEffectError } from "../kit/errors";
import { type Eventual, isThenable } from "../kit/eventual";
import type { Logger } from "../kit/logger";
import { type Incident, recordIncident, stackOf } from "./incident";
import type { Scope } from "./outcome";
import type { Storage, Verbs } from "./storage";

/** A hook that takes longer gets a warning: others wait for the locks that it holds. */
const SLOW_HOOK_MS = 1_000;

/** The storage, clock and log with which money is recorded. */
export interface Ledger<Tx> {
  readonly storage: Storage<Tx>;
  readonly now: Clock;
  readonly logger: Logger;
  readonly newId?: IdSource | undefined;
  /** Tells a refusal of a hook from a failure. The caller gets a refusal as it was thrown. */
  readonly asRefusal?: ((error: unknown) => HookRefusal | undefined) | undefined;
  /** Called with each incident after its commit. */
  readonly onIncident?: ((incident: Incident) => unknown) | undefined;
}

/** A final no of a hook. */
export interface HookRefusal {
  /** Records, after the rollback, what a person or the story must know. */
  readonly report?: (() => Promise<unknown>) | undefined;
}

/** The payment or order of a hook: named in the log, and in the incident if the hook fails. */
export interface HookSubject extends Scope {
  /** The payment or order. */
  readonly subject: string;
  readonly paymeId: string;
  /** Joins the data of the incident if the hook fails. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Runs in the transaction that records a failed hook: keeps what is known of the call, and locks the row. False: another
   * call has made the change meanwhile, and nothing is wrong any more.
   */
  keepEvidence?(verbs: Verbs): Promise<boolean>;
}

/** One transaction of the storage in which the owner's hooks run. */
export interface LedgerTransaction<Tx> {
  readonly verbs: Verbs;
  /** The handle that hooks get. */
  readonly tx: Tx;
  /** Runs a hook of the shop. A slow one is logged. */
  hook<R>(subject: HookSubject, run: () => Eventual<R>): Promise<R>;
}

/**
 * Runs work on the books, with hooks in it, in one transaction.
 *
 * A hook that throws undoes everything. Then an incident `effect_failed` is recorded in a transaction of its own, and a
 * {@link PaymeEffectError} tells the caller to repeat. A database may run a transaction again: a hook may run more than once,
 * and commits at most once.
 */
export async function withHooks<Tx, R>(
  ledger: Ledger<Tx>,
  work: (transaction: LedgerTransaction<Tx>) => Promise<R>,
): Promise<R> {
  // The hook in which the last run of the transaction ended: it threw, or the deadline of the storage cut it off.
  let running: HookSubject | undefined;
  try {
    return await ledger.storage.transaction((tx) => {
      running = undefined;
      return work({
        tx,
        verbs: ledger.storage.using(tx),
        async hook(subject, run) {
          running = subject;
          const start = ledger.now();
          const returned = run();
          const result = isThenable(returned) ? await returned : returned;
          warnIfSlow(ledger, subject, ledger.now() - start);
          running = undefined;
          return result;
        },
      });
    });
  } catch (error) {
    if (running === undefined) throw error;
    const refusal = ledger.asRefusal?.(error);
    if (refusal === undefined) throw await reportFailedHook(ledger, running, error);
    await refusal.report?.();
    throw error;
  }
}

function warnIfSlow<Tx>({ logger }: Ledger<Tx>, { subject }: HookSubject, ms: number): void {
  if (ms > SLOW_HOOK_MS) logger.warn("a hook took long, and held the transaction open", { ms, subject });
}

async function reportFailedHook<Tx>(ledger: Ledger<Tx>, hook: HookSubject, error: unknown): Promise<PaymeEffectError> {
  const errorId = (ledger.newId ?? randomId)();
  const { cashbox, mode, subject, paymeId, data } = hook;
  ledger.logger.error("a hook threw: everything was rolled back", { errorId, subject, paymeId, stack: stackOf(error) });
  const at = ledger.now();
  const incident = { cashbox, mode, kind: "effect_failed", subject, paymeId, at, data: { ...data, errorId } } as const;
  await recordIncident(ledger, incident, hook.keepEvidence).catch((cause) => {
    ledger.logger.error("the incident could not be recorded", { errorId, stack: stackOf(cause) });
  });
  return new PaymeEffectError(`a hook threw and everything was rolled back (${errorId} in the log)`, {
    hint: (isPaymeError(error) ? error.hint : undefined) ?? "Repair the hook, then repeat the call or notification.",
    cause: error,
  });
}
