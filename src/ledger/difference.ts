import type { Tiyin } from "../kit/money";
import { TransactionState } from "../protocol/states";

/** The amount and state of a transaction on one side: 1 waiting, 2 paid, -1 cancelled, -2 refunded. */
export interface BookState {
  readonly amount: Tiyin;
  readonly state: number;
}

/** One transaction on which Payme's books and ours differ. */
export interface Difference {
  /** Payme's id of the transaction or receipt; empty for an unread receipt without one. */
  readonly id: string;
  readonly kind: "missing_here" | "missing_there" | "amount_differs" | "state_differs" | "unread";
  /** Of `unread`: the member of Payme's receipt that cannot be read, never its value. */
  readonly problem?: string | undefined;
  /** Payme's side; null: Payme has no such transaction, or it cannot be read. */
  readonly theirs: BookState | null;
  /** Our side; null: we have no such transaction. */
  readonly ours: BookState | null;
  /** True where one side says that it is paid, or cannot be read: money is at stake, not only a state. */
  readonly isPaid: boolean;
}

/** Returns where two sides differ; undefined where they agree, or where neither has the transaction. */
export function differenceOf(id: string, theirs: BookState | null, ours: BookState | null): Difference | undefined {
  const kind = kindOf(theirs, ours);
  if (kind === undefined) return undefined;
  const isPaid = [theirs, ours].some((side) => side?.state === TransactionState.PERFORMED);
  return { id, kind, theirs, ours, isPaid };
}

function kindOf(theirs: BookState | null, ours: BookState | null): Difference["kind"] | undefined {
  if (theirs === null) return ours === null ? undefined : "missing_there";
  if (ours === null) return "missing_here";
  if (theirs.amount !== ours.amount) return "amount_differs";
  return theirs.state === ours.state ? undefined : "state_differs";
}
