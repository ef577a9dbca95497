import { createRequire } from "node:module";
import type BetterSqlite3 from "better-sqlite3";
import { PaymeConfigError } from "../../kit/errors";

/** A prepared statement of better-sqlite3 or a similar driver. `Row` is what its rows are: the caller says so. */
export interface SqliteStatement<Row = unknown> {
  run(...params: unknown[]): { changes: number | bigint };
  get(...params: unknown[]): Row | undefined;
  all(...params: unknown[]): Row[];
}

/** The `tx` of hooks: statements through it commit with the payment. */
export interface SqliteHandle {
  /** `tx.prepare<Order>("SELECT …").get(id)`: an `Order`, or undefined. */
  prepare<Row = unknown>(sql: string): SqliteStatement<Row>;
  exec(sql: string): unknown;
}

/** A connection of better-sqlite3 or a similar driver. */
export interface SqliteDatabase extends SqliteHandle {
  /** False after SQLite has ended the transaction by itself. Without this member, hooks must not swallow errors of the driver. */
  readonly inTransaction?: boolean | undefined;
  close(): unknown;
}

/** Opens a file with better-sqlite3. @throws PaymeConfigError when the driver is not installed. */
export function openBetterSqlite3(file: string): SqliteDatabase {
  const Database = loadDriver();
  return new Database(file);
}

function loadDriver(): typeof BetterSqlite3 {
  try {
    return createRequire(import.meta.url)("better-sqlite3");
  } catch (cause) {
    throw new PaymeConfigError("payme-kit/sqlite needs the package better-sqlite3, and could not load it", {
      hint: "npm install better-sqlite3 (version 12 for Node 20), or pass open: another driver with the same methods.",
      cause,
    });
  }
}
