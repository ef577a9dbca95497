import { PaymeConfigError } from "../kit/errors";
import { after, type Eventual } from "../kit/eventual";
import type { NewEvent } from "./event";
import { type HookSubject, type Ledger, type LedgerTransaction, withHooks } from "./hooks";
import { type Closes, closingBy } from "./incident";
import type { Outcome } from "./outcome";
import type { Verbs } from "./storage";

/** The guarded change, hook and events of one commit. */
export interface GuardedChange<Tx, Row> extends HookSubject {
  /** Makes the guarded change or changes. Only `applied` goes on; anything else is rolled back and returned. */
  guard(verbs: Verbs): Promise<Outcome<Row>>;
  /** The subject, where only the changed row tells it. */
  subjectOf?(row: Row): HookSubject;
  /** The hook of the shop. Runs in the same transaction, after the guard has won. False rolls everything back. */
  readonly hook?: GuardedHook<Tx, Row> | undefined;
  /** The events to write, incidents too. */
  events(row: Row): readonly NewEvent[];
  /** The incidents that it puts right, closed in the same commit. */
  readonly closes?: Closes | undefined;
}

/** A hook that answers `true` or `false`, and its name for the log. */
export interface GuardedHook<Tx, Row> {
  readonly name: string;
  run(row: Row, tx: Tx): Eventual<unknown>;
}

/** The outcome of a guarded change. `refused`: the hook answered false, everything was rolled back, the row is as it would have been. */
export type Committed<Row> = Outcome<Row> | { readonly outcome: "refused"; readonly row: Row };

/**
 * Commits guard, hook and events together. Everything that records money goes through here.
 *
 * Returns the outcome of the guard, or `refused`. A hook that throws undoes everything: see {@link withHooks}.
 */
export function commitChange<Tx, Row>(
  ledger: Ledger<Tx>,
  change: GuardedChange<Tx, Row> & { readonly hook?: undefined },
): Promise<Outcome<Row>>;
export function commitChange<Tx, Row>(ledger: Ledger<Tx>, change: GuardedChange<Tx, Row>): Promise<Committed<Row>>;
export async function commitChange<Tx, Row>(
  ledger: Ledger<Tx>,
  change: GuardedChange<Tx, Row>,
): Promise<Committed<Row>> {
  // How a run ended that was rolled back. A database may run the transaction again, so each run begins without it.
  let undone: Committed<Row> | undefined;
  try {
    return await withHooks(ledger, async (transaction) => {
      undone = undefined;
      const outcome = await changeInside(transaction, change);
      if (outcome.outcome !== "applied") {
        undone = outcome;
        // A guard of two changes may have made the first: only a throw takes it back.
        throw new Error(`rolled back: ${outcome.outcome}`);
      }
      const subject = change.subjectOf?.(outcome.row) ?? change;
      await appendAndClose(transaction, subject, change.closes, change.events(outcome.row));
      return outcome;
    });
  } catch (error) {
    if (undone !== undefined) return undone;
    throw error;
  }
}

function appendAndClose<Tx>(
  transaction: LedgerTransaction<Tx>,
  subject: HookSubject,
  closes: Closes | undefined,
  events: readonly NewEvent[],
): Promise<void> {
  const [first] = events;
  // What the change opens it does not put right.
  const kinds = closes?.kinds.filter((kind) => events.every((event) => event.kind !== kind)) ?? [];
  const closing = closes && first && closingBy(subject, { ...closes, kinds }, first);
  return transaction.append(events, closing, { ends: true });
}

async function changeInside<Tx, Row>(
  { verbs, tx, hook }: LedgerTransaction<Tx>,
  change: GuardedChange<Tx, Row>,
): Promise<Committed<Row>> {
  const won = await change.guard(verbs);
  const { hook: asked } = change;
  if (won.outcome !== "applied" || asked === undefined) return won;
  const isOurs = await hook(change.subjectOf?.(won.row) ?? change, () => answerOf(asked, won.row, tx));
  return isOurs ? won : { outcome: "refused", row: won.row };
}

/** Runs a hook, and returns its answer. @throws PaymeConfigError for anything but true and false. */
export function answerOf<Tx, Row>(hook: GuardedHook<Tx, Row>, row: Row, tx: Tx): Eventual<boolean> {
  return after(hook.run(row, tx), (answer) => requireAnswer(hook.name, answer));
}

function requireAnswer(hook: string, answer: unknown): boolean {
  if (typeof answer === "boolean") return answer;
  throw new PaymeConfigError(`${hook} answered ${answer === null ? "null" : typeof answer} instead of true or false`, {
    hint: "Answer true where the order was yours to change, else false: `return result.changes === 1`.",
  });
}
