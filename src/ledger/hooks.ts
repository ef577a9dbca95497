import { type IdSource, randomId } from "../kit/clock";
import { emit } from "../kit/emit";
import { isPaymeError, PaymeEffectError } from "../kit/errors";
import { type Eventual, isThenable } from "../kit/eventual";
import { currentTrace } from "../kit/trace";
import type { HookEvent } from "./book-event";
import type { EventRow, IncidentClosing, NewEvent } from "./event";
import { idsOf, paymentOf, recordIncident, stackOf, type Told, tellWritten, traceable, writeEvents } from "./incident";
import type { Scope } from "./outcome";
import type { LastStep, Storage, TurnOptions, Verbs } from "./storage";

/** A hook that takes longer gets a warning: others wait for the locks that it holds. */
const SLOW_HOOK_MS = 1_000;

/** The storage, clock and log with which money is recorded. */
export interface Ledger<Tx> extends Told, TurnOptions {
  readonly storage: Storage<Tx>;
  readonly newId?: IdSource | undefined;
  /** Tells a refusal of a hook from a failure. The caller gets a refusal as it was thrown. */
  readonly asRefusal?: ((error: unknown) => HookRefusal | undefined) | undefined;
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
  /** Writes events, which are told after the commit. */
  append(events: readonly NewEvent[], closing?: IncidentClosing, last?: LastStep): Promise<void>;
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
  let written: EventRow[] = [];
  let result: R;
  try {
    result = await ledger.storage.transaction(
      (tx) => {
        running = undefined;
        written = [];
        if (isObject(tx)) writtenIn.set(tx, written);
        const verbs = ledger.storage.using(tx);
        return work({
          tx,
          verbs,
          async append(events, closing, last) {
            written.push(...(await writeEvents(ledger, verbs, events, closing, last)));
          },
          async hook(subject, run) {
            running = subject;
            const start = ledger.now();
            const returned = run();
            const result = isThenable(returned) ? await returned : returned;
            tellIfSlow(ledger, subject, ledger.now() - start);
            running = undefined;
            return result;
          },
        });
      },
      { first: ledger.first },
    );
  } catch (error) {
    if (running === undefined) throw error;
    const refusal = ledger.asRefusal?.(error);
    if (refusal === undefined) throw await reportFailedHook(ledger, running, error);
    await refusal.report?.();
    throw error;
  }
  tellWritten(ledger, written);
  return result;
}

/** What the transaction of a handle has written: hooks of ours write through the handle alone. */
const writtenIn = /* @__PURE__ */ new WeakMap<object, EventRow[]>();

/** Writes events inside a transaction of {@link withHooks}, for a hook that has its handle only. They are told after the commit. */
export async function appendIn<Tx>(
  storage: Storage<Tx>,
  tx: Tx,
  events: readonly NewEvent[],
  closing?: IncidentClosing,
): Promise<void> {
  const rows = await storage.using(tx).appendEvents(traceable(events), closing);
  if (isObject(tx)) writtenIn.get(tx)?.push(...rows);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function tellIfSlow<Tx>(ledger: Ledger<Tx>, hook: HookSubject, ms: number): void {
  if (ms <= SLOW_HOOK_MS) return;
  ledger.logger.warn("a hook took long, and held the transaction open", { ms, ...idsOf(ledger, hook) });
  tellHook(ledger, hook, { kind: "hook.slow", ms });
}

function tellHook<Tx>(ledger: Ledger<Tx>, hook: HookSubject, what: Pick<HookEvent, "kind" | "ms" | "errorId">): void {
  const { onEvent, now, logger } = ledger;
  if (onEvent === undefined) return;
  const { cashbox, mode, paymeId } = hook;
  const paymentId = paymentOf(ledger, hook);
  emit(onEvent, { at: now(), cashbox, mode, trace: currentTrace(), paymentId, paymeId, ...what }, logger);
}

async function reportFailedHook<Tx>(ledger: Ledger<Tx>, hook: HookSubject, error: unknown): Promise<PaymeEffectError> {
  const errorId = (ledger.newId ?? randomId)();
  const { cashbox, mode, subject, paymeId, data } = hook;
  ledger.logger.error("a hook threw: everything was rolled back", {
    errorId,
    ...idsOf(ledger, hook),
    stack: stackOf(error),
  });
  tellHook(ledger, hook, { kind: "hook.failed", errorId });
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
