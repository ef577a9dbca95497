import { unusable } from "../storage-errors";

/** A prepared statement. `Row` is what its rows are: the caller says so. */
export interface SqliteStatement<Row = unknown> {
  /** True where the statement returns rows. */
  readonly reader: boolean;
  run(...params: unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  get(...params: unknown[]): Row | undefined;
  all(...params: unknown[]): Row[];
  /** The same with each row as an array: two columns may have one name. */
  raw(): Pick<SqliteStatement, "get" | "all">;
}

/** The `tx` of hooks, the same for every driver: statements through it commit with the payment. */
export interface SqliteHandle {
  /** `tx.prepare<Order>("SELECT …").get(id)`: an `Order`, or undefined. */
  prepare<Row = unknown>(sql: string): SqliteStatement<Row>;
  exec(sql: string): unknown;
}

/** A connection of better-sqlite3, node:sqlite, bun:sqlite or a driver with the same methods. */
export interface SqliteDatabase {
  prepare(sql: string): Pick<SqliteStatement, "run" | "get" | "all">;
  exec(sql: string): unknown;
  close(): unknown;
  /** True while a transaction is open. This or `isTransaction` is needed: SQLite may end a transaction by itself. */
  readonly inTransaction?: boolean | undefined;
  /** The same in node:sqlite. */
  readonly isTransaction?: boolean | undefined;
  /** False once node:sqlite is closed: it refuses to be closed again. */
  readonly isOpen?: boolean | undefined;
}

/** A connection with one shape for every driver. */
export interface SqliteConnection extends SqliteHandle, Pick<SqliteDatabase, "close" | "inTransaction"> {}

/** What the drivers have beside `run`, `get` and `all`, each in its own way. */
interface DriverStatement<Row> extends Pick<SqliteStatement<Row>, "run" | "get" | "all"> {
  readonly reader?: boolean;
  raw?(): Pick<SqliteStatement, "all">;
  columns?(): readonly unknown[];
  setReturnArrays?(enabled: boolean): void;
  values?(...params: unknown[]): unknown[];
}

/**
 * Returns a connection that you opened yourself in the shape of a hook's `tx`, for `storage.using`.
 *
 * @throws PaymeConfigError for what is no connection of a driver.
 */
export function sqliteConnection(database: SqliteDatabase): SqliteConnection {
  if (!isDriver(database)) throw unusable("the driver has no prepare, exec and close");
  return {
    get inTransaction() {
      return database.inTransaction ?? database.isTransaction;
    },
    prepare<Row>(sql: string) {
      const made = database.prepare<Row>(sql);
      return {
        get reader() {
          return made.reader ?? (made.columns?.().length ?? 1) > 0;
        },
        run: (...params) => made.run(...params),
        // bun:sqlite gives null.
        get: (...params) => made.get(...params) ?? undefined,
        all: (...params) => made.all(...params),
        raw: () => inArrays(database.prepare(sql)),
      };
    },
    exec: (sql) => database.exec(sql),
    close: () => database.isOpen === false || database.close(),
  };
}

/** Handles of ORMs come here too, in spite of the types. */
function isDriver(
  database: Partial<SqliteDatabase>,
): database is SqliteDatabase & { prepare<Row>(sql: string): DriverStatement<Row> } {
  return [database.prepare, database.exec, database.close].every((member) => typeof member === "function");
}

/** Of bun:sqlite, whose `raw` is another thing; of node:sqlite; of better-sqlite3. */
function inArrays(made: DriverStatement<unknown>): Pick<SqliteStatement, "get" | "all"> {
  made.setReturnArrays?.(true);
  const all = (...params: unknown[]) => made.values?.(...params) ?? (made.raw?.() ?? made).all(...params);
  return { all, get: (...params) => all(...params)[0] };
}

/** Returns the same statement, each call of which is made by `around`. */
export function aroundCalls<Row>(
  statement: SqliteStatement<Row>,
  around: <Result>(call: () => Result) => Result,
): SqliteStatement<Row> {
  const each = <Result>(call: (...params: unknown[]) => Result) => {
    return (...params: unknown[]) => around(() => call(...params));
  };
  const { reader, run, get, all, raw } = statement;
  const arrays = () => ({ get: each(raw().get), all: each(raw().all) });
  return { reader, run: each(run), get: each(get), all: each(all), raw: arrays };
}
