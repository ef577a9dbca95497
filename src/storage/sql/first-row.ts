import type { Outcome, Scope } from "../../ledger";
import type { Executor, SqlRow, SqlValue } from "./executor";

/** Runs a statement on rows of a scope and gives the first row it returns, decoded. */
export async function firstRow<Row>(
  executor: Executor,
  sql: string,
  scope: Scope,
  params: readonly SqlValue[],
  decode: (row: SqlRow) => Row,
): Promise<Row | undefined> {
  const [row] = await executor.execute(sql, [scope.cashbox, scope.mode, ...params]);
  return row === undefined ? undefined : decode(row);
}

/** The outcome of a guarded change: applied where a row came back, else what the row as it stands means. */
export async function outcomeOf<Row>(
  changed: Row | undefined,
  find: () => Promise<Row | undefined>,
  missed: (row: Row) => "already_applied" | "conflict",
): Promise<Outcome<Row>> {
  if (changed !== undefined) return { outcome: "applied", row: changed };
  const row = await find();
  return row === undefined ? { outcome: "not_found" } : { outcome: missed(row), row };
}
