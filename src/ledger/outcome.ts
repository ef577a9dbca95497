/**
 * How a guarded verb ended, with the row as it now stands.
 *
 * - `applied`: this call made the change; its effects are this caller's to carry out, in the same transaction.
 * - `already_applied`: an earlier call made the same change. Nothing happened; answer from the row.
 * - `conflict`: the row is in a state that does not allow the change. Nothing happened; the row says why.
 * - `not_found`: there is no such row.
 */
export type Outcome<Row> =
  | { readonly outcome: "applied" | "already_applied" | "conflict"; readonly row: Row }
  | { readonly outcome: "not_found" };

/** What rows belong to: one cashbox, and live or test money. Part of every find, so that they never meet. */
export interface Scope {
  /** The shop's name for the cashbox; `"default"` where there is one. */
  readonly cashbox: string;
  readonly mode: "live" | "test";
}
