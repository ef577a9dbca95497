/**
 * The result of a guarded verb, with the row as it now stands.
 *
 * - `applied`: this call made the change. Its caller carries the effects out, in the same transaction.
 * - `already_applied`: an earlier call made the same change. Nothing happened; answer from the row.
 * - `conflict`: the state of the row does not allow the change. Nothing happened; the row says why.
 * - `not_found`: there is no such row.
 */
export type Outcome<Row> =
  | { readonly outcome: "applied" | "already_applied" | "conflict"; readonly row: Row }
  | { readonly outcome: "not_found" };

/** The row after a guarded verb. Where there is none any more (no verb of ours deletes one), as it was before. */
export function rowAfter<Row>(changed: Outcome<Row>, before: Row): Row {
  return changed.outcome === "not_found" ? before : changed.row;
}

/** The cashbox of a row, and live or test money. Part of every query, so that rows of two scopes never meet. */
export interface Scope {
  /** The shop's name for the cashbox; `"default"` where there is one. */
  readonly cashbox: string;
  readonly mode: "live" | "test";
}
