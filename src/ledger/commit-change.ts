import type { NewEvent } from "./event";
import { type Ledger, withHooks } from "./hooks";
import type { Outcome, Scope } from "./outcome";
import type { Verbs } from "./storage";

/** The guarded change, hook and events of one commit. */
export interface GuardedChange<Tx, Row> extends Scope {
  /** The id of the payment, or the reference of the order. */
  readonly subject: string;
  /** Payme's id of the transaction or receipt. */
  readonly paymeId: string;
  /** Makes the guarded change or changes. Only `applied` goes on; anything else is rolled back and returned. */
  guard(verbs: Verbs): Promise<Outcome<Row>>;
  /** The hook of the shop. Runs in the same transaction, after the guard has won. */
  readonly hook?: ((row: Row, tx: Tx) => unknown) | undefined;
  /** The events to write. */
  events(row: Row): readonly NewEvent[];
}

/**
 * Commits guard, hook and events together. Everything that records money goes through here.
 *
 * Returns the outcome of the guard. A hook that throws undoes everything: see {@link withHooks}.
 */
export async function commitChange<Tx, Row>(ledger: Ledger<Tx>, change: GuardedChange<Tx, Row>): Promise<Outcome<Row>> {
  // The outcome of a guard that has missed. A database may run the transaction again, so each run begins without it.
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
