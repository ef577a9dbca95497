import { type Clock, type IdSource, randomId } from "../clock";
import { PaymeEffectError } from "../errors";
import type { Logger } from "../logger";
import type { NewEvent } from "./event";
import type { Incident } from "./incident";
import type { Outcome, Scope } from "./outcome";
import type { Storage, Verbs } from "./storage";

/** A hook that runs longer than this holds locks that others wait for: it is warned about. */
const SLOW_HOOK_MS = 1_000;

/** What completing works with. */
export interface Ledger<Tx> {
  readonly storage: Storage<Tx>;
  readonly now: Clock;
  readonly logger: Logger;
  readonly newId?: IdSource | undefined;
  /** Told of each incident once it is committed. */
  readonly onIncident?: ((incident: Incident) => unknown) | undefined;
}

/** One report of money (or of its return) on its way into the books. */
export interface Completion<Tx, Row> extends Scope {
  /** The payment or order it is about. */
  readonly subject: string;
  /** The Payme id that it names. */
  readonly paymeId: string;
  /** The guarded change or changes. Only `applied` goes on; anything else is rolled back and returned. */
  guard(verbs: Verbs): Promise<Outcome<Row>>;
  /** The owner's effect, inside the same transaction, once the guard has won. */
  readonly hook?: ((row: Row, tx: Tx) => unknown) | undefined;
  /** True for what a hook throws to say no for good: it goes to the caller as it is, and is no incident. */
  readonly isRefusal?: ((error: unknown) => boolean) | undefined;
  /** What happened, for the book of events. */
  events(row: Row): readonly NewEvent[];
}

/**
 * The one door through which money is booked: guard, hook and events in one commit, whoever reported it.
 *
 * The outcome is that of the guard. A hook that throws undoes everything; then an incident `effect_failed` is recorded in
 * a transaction of its own and a {@link PaymeEffectError} tells the reporter to repeat. A hook may run more than once
 * where a database runs a transaction again, and commits at most once.
 */
export async function complete<Tx, Row>(ledger: Ledger<Tx>, completion: Completion<Tx, Row>): Promise<Outcome<Row>> {
  // What the last run of the transaction met; a database may run it again.
  let missed: Outcome<Row> | undefined;
  let isInHook = false;
  try {
    return await ledger.storage.transaction(async (tx) => {
      missed = undefined;
      isInHook = false;
      const verbs = ledger.storage.using(tx);
      const won = await completion.guard(verbs);
      if (won.outcome !== "applied") {
        missed = won;
        // A guard of two changes may have made the first: only a throw takes it back.
        throw new Error("rolled back: the guard was not won");
      }
      isInHook = true;
      await runHook(ledger, completion, won.row, tx);
      isInHook = false;
      await verbs.appendEvents(completion.events(won.row));
      return won;
    });
  } catch (error) {
    if (missed !== undefined) return missed;
    // Whether the hook threw or was cut off by the storage's deadline.
    if (!isInHook || completion.isRefusal?.(error) === true) throw error;
    throw await reportFailedHook(ledger, completion, error);
  }
}

async function runHook<Tx, Row>(ledger: Ledger<Tx>, completion: Completion<Tx, Row>, row: Row, tx: Tx): Promise<void> {
  if (completion.hook === undefined) return;
  const start = ledger.now();
  await completion.hook(row, tx);
  const ms = ledger.now() - start;
  if (ms > SLOW_HOOK_MS) {
    ledger.logger.warn("a hook took long, and held the transaction open", { ms, subject: completion.subject });
  }
}

async function reportFailedHook<Tx, Row>(
  ledger: Ledger<Tx>,
  completion: Completion<Tx, Row>,
  error: unknown,
): Promise<PaymeEffectError> {
  const errorId = (ledger.newId ?? randomId)();
  const { cashbox, mode, subject, paymeId } = completion;
  ledger.logger.error("a hook threw; everything was rolled back", { errorId, subject, paymeId, stack: stackOf(error) });
  const incident: Incident = {
    cashbox,
    mode,
    kind: "effect_failed",
    subject,
    paymeId,
    at: ledger.now(),
    data: { errorId },
  };
  await recordIncident(ledger, incident).catch((cause) => {
    ledger.logger.error("the incident could not be recorded", { errorId, stack: stackOf(cause) });
  });
  return new PaymeEffectError(`a hook threw and everything was rolled back (${errorId} in the log)`, {
    hint: "Mend the hook; the report of money may then be repeated.",
    cause: error,
  });
}

/** Records an incident in a transaction that commits, and tells who listens. A repeat is recorded once. */
export async function recordIncident<Tx>(ledger: Ledger<Tx>, incident: Incident): Promise<void> {
  const written = await ledger.storage.appendEvents([incident]);
  if (written.length === 0) return;
  const { kind, subject, paymeId } = incident;
  ledger.logger.error(`incident: ${kind}`, { kind, subject, paymeId });
  void tell(ledger, incident);
}

/** Nobody waits for who listens, and what goes wrong there goes to the log: a rejection that nobody takes ends the process. */
async function tell<Tx>(ledger: Ledger<Tx>, incident: Incident): Promise<void> {
  try {
    await ledger.onIncident?.(incident);
  } catch (error) {
    ledger.logger.error("onIncident threw", { stack: stackOf(error) });
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
