import type { Scope } from "../../ledger/outcome";
import type { Cursor } from "../../ledger/storage";
import type { MemoryTable } from "./memory-table";

/** An entry of an index: the key of the row that it leads to. */
export interface Entry {
  key: string;
}

/** The key of a row: its scope and id. */
export function keyOf(scope: Scope, id: string): string {
  return `${scope.mode}\u0000${scope.cashbox}\u0000${id}`;
}

/** True for a row of the scope. */
export function isOf(scope: Scope, row: Scope): boolean {
  return row.cashbox === scope.cashbox && row.mode === scope.mode;
}

/** The row that an index entry leads to. */
export function follow<Row extends object>(table: MemoryTable<Row>, entry: Entry | undefined): Row | undefined {
  return entry === undefined ? undefined : table.get(entry.key);
}

/** True for a position after the cursor. */
export function isAfter(cursor: Cursor | undefined, time: number, id: string): boolean {
  return cursor === undefined || time > cursor.time || (time === cursor.time && id > cursor.id);
}

/** Orders rows by time, then id. */
export function byTime<Row>(time: (row: Row) => number, id: (row: Row) => string): (a: Row, b: Row) => number {
  return (a, b) => time(a) - time(b) || (id(a) < id(b) ? -1 : 1);
}
