import { type Clock, type IdSource, randomId } from "../kit/clock";
import { PaymeEffectError } from "../kit/errors";
import { isThenable } from "../kit/eventual";
import type { Logger } from "../kit/logger";
import { type Incident, recordIncident, stackOf } from "./incident";
import type { Scope } from "./outcome";
import type { Storage, Verbs } from "./storage";

/** A hook that runs longer than this holds locks that others wait for: it is warned about. */
const SLOW_HOOK_MS = 1_000;

/** What booking works with. */
export interface Ledger<Tx> {
  readonly storage: Storage<Tx>;
  readonly now: Clock;
  readonly logger: Logger;
  readonly newId?: IdSource | undefined;
  /** Knows what a hook throws to say no for good: it goes to the caller as it is, and is no failure of the hook. */
  readonly asRefusal?: ((error: unknown) => HookRefusal | undefined) | undefined;
  /** Told of each incident once it is committed. */
  readonly onIncident?: ((incident: Incident) => unknown) | undefined;
}

/** A hook's no, for good. */
export interface HookRefusal {
  /** What a person must know of it: recorded after the rollback. */
  readonly incident?: RefusedIncident | undefined;
}

/** The part of an incident that a hook which says no can know. */
export type RefusedIncident = Pick<Incident, "kind" | "data">;

/** What a hook is about: named in the log, and in the incident if it fails. */
export interface HookSubject extends Scope {
  /** The payment or order. */
  readonly subject: string;
  readonly paymeId: string;
}

/** One transaction of the storage in which the owner's hooks run. */
export interface LedgerTransaction<Tx> {
  readonly verbs: Verbs;
  /** The handle that hooks get. */
  readonly tx: Tx;
  /** Runs a hook of the owner's; one that takes long is warned about. */
  hook<R>(concern: HookSubject, run: () => R | Promise<R>): Promise<R>;
}

/**
 * Runs work on the books, with hooks in it, in one transaction.
 *
 * A hook that throws undoes everything; then an incident `effect_failed` is recorded in a transaction of its own and a
 * {@link PaymeEffectError} tells the reporter to repeat. A hook may run more than once where a database runs a transaction
 * again, and commits at most once.
 */
export async function withHooks<Tx, R>(
  ledger: Ledger<Tx>,
  work: (booking: LedgerTransaction<Tx>) => Promise<R>,
): Promise<R> {
  // The hook in which the last run of the transaction ended, whether it threw or was cut off by the storage's deadline.
  let running: HookSubject | undefined;
  try {
    return await ledger.storage.transaction((tx) => {
      running = undefined;
      return work({
        tx,
        verbs: ledger.storage.using(tx),
        async hook(concern, run) {
          running = concern;
          const start = ledger.now();
          const returned = run();
          const result = isThenable(returned) ? await returned : returned;
          warnIfSlow(ledger, concern, ledger.now() - start);
          running = undefined;
          return result;
        },
      });
    });
  } catch (error) {
    if (running === undefined) throw error;
    const refusal = ledger.asRefusal?.(error);
    if (refusal === undefined) throw await reportFailedHook(ledger, running, error);
    if (refusal.incident !== undefined) await recordIncident(ledger, incidentOf(ledger, running, refusal.incident));
    throw error;
  }
}

function warnIfSlow<Tx>({ logger }: Ledger<Tx>, { subject }: HookSubject, ms: number): void {
  if (ms > SLOW_HOOK_MS) logger.warn("a hook took long, and held the transaction open", { ms, subject });
}

async function reportFailedHook<Tx>(
  ledger: Ledger<Tx>,
  concern: HookSubject,
  error: unknown,
): Promise<PaymeEffectError> {
  const errorId = (ledger.newId ?? randomId)();
  const { subject, paymeId } = concern;
  ledger.logger.error("a hook threw; everything was rolled back", { errorId, subject, paymeId, stack: stackOf(error) });
  const incident = incidentOf(ledger, concern, { kind: "effect_failed", data: { errorId } });
  await recordIncident(ledger, incident).catch((cause) => {
    ledger.logger.error("the incident could not be recorded", { errorId, stack: stackOf(cause) });
  });
  return new PaymeEffectError(`a hook threw and everything was rolled back (${errorId} in the log)`, {
    hint: "Mend the hook; the report of money may then be repeated.",
    cause: error,
  });
}

function incidentOf<Tx>({ now }: Ledger<Tx>, concern: HookSubject, { kind, data }: RefusedIncident): Incident {
  const { cashbox, mode, subject, paymeId } = concern;
  return { cashbox, mode, kind, subject, paymeId, at: now(), data };
}
