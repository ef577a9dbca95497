import type { NewEvent } from "./event";
import { type Ledger, withHooks } from "./hooks";
import type { Outcome, Scope } from "./outcome";
import type { Verbs } from "./storage";

/** One report of money (or of its return) on its way into the books. */
export interface GuardedChange<Tx, Row> extends Scope {
  /** The payment or order it is about. */
  readonly subject: string;
  /** The Payme id that it names. */
  readonly paymeId: string;
  /** The guarded change or changes. Only `applied` goes on; anything else is rolled back and returned. */
  guard(verbs: Verbs): Promise<Outcome<Row>>;
  /** The owner's effect, inside the same transaction, once the guard has won. */
  readonly hook?: ((row: Row, tx: Tx) => unknown) | undefined;
  /** What happened, for the book of events. */
  events(row: Row): readonly NewEvent[];
}

/**
 * The one door through which money is booked: guard, hook and events in one commit, whoever reported it.
 *
 * The outcome is that of the guard. A hook that throws undoes everything, as {@link withHooks} says.
 */
export async function commitChange<Tx, Row>(ledger: Ledger<Tx>, change: GuardedChange<Tx, Row>): Promise<Outcome<Row>> {
  // What the last run of the transaction met; a database may run it again.
  let missed: Outcome<Row> | undefined;
  try {
    return await withHooks(ledger, async ({ verbs, tx, hook }) => {
      missed = undefined;
      const won = await change.guard(verbs);
      if (won.outcome !== "applied") {
        missed = won;
        // A guard of two changes may have made the first: only a throw takes it back.
        throw new Error("rolled back: the guard was not won");
      }
      if (change.hook) await hook(change, () => change.hook?.(won.row, tx));
      await verbs.appendEvents(change.events(won.row));
      return won;
    });
  } catch (error) {
    if (missed !== undefined) return missed;
    throw error;
  }
}
