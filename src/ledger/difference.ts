import { TransactionState } from "../protocol/states";

/** How a transaction stands on one side: its amount in tiyin, and 1 waiting, 2 paid, -1 cancelled, -2 refunded. */
export interface BookState {
  readonly amount: number;
  readonly state: number;
}

/** What Payme's books and ours do not say alike. */
export interface Difference {
  /** Payme's id of the transaction or receipt. */
  readonly id: string;
  readonly kind: "missing_here" | "missing_there" | "amount_differs" | "state_differs";
  /** What Payme says; null: nothing. */
  readonly theirs: BookState | null;
  /** What our books say; null: nothing. */
  readonly ours: BookState | null;
  /** One side says that it is paid: money is at stake, not only a state. */
  readonly isPaid: boolean;
}

/** Where two sides differ; undefined where they agree, or where neither knows it. */
export function differenceOf(id: string, theirs: BookState | null, ours: BookState | null): Difference | undefined {
  const kind = kindOf(theirs, ours);
  if (kind === undefined) return undefined;
  const isPaid = [theirs, ours].some((standing) => standing?.state === TransactionState.PERFORMED);
  return { id, kind, theirs, ours, isPaid };
}

function kindOf(theirs: BookState | null, ours: BookState | null): Difference["kind"] | undefined {
  if (theirs === null) return ours === null ? undefined : "missing_there";
  if (ours === null) return "missing_here";
  if (theirs.amount !== ours.amount) return "amount_differs";
  return theirs.state === ours.state ? undefined : "state_differs";
}
