import { PaymeConfigError } from "../../kit/errors";

/** A prepared statement. `Row` is what its rows are: the caller says so. */
export interface SqliteStatement<Row = unknown> {
  /** True where the statement returns rows. */
  readonly reader: boolean;
  run(...params: unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  get(...params: unknown[]): Row | undefined;
  all(...params: unknown[]): Row[];
  /** The same with each row as an array of its columns, two of which may have one name. */
  raw(): Pick<SqliteStatement, "get" | "all">;
}

/** The `tx` of hooks: statements through it commit with the payment. The same for every driver. */
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
  /** True while a transaction is open: better-sqlite3 and bun:sqlite. */
  readonly inTransaction?: boolean | undefined;
  /** The same: node:sqlite. One of both is needed, since SQLite may end a transaction by itself. */
  readonly isTransaction?: boolean | undefined;
}

/** A connection with one shape for every driver. */
export interface SqliteConnection extends SqliteHandle {
  readonly inTransaction: boolean | undefined;
  close(): unknown;
}

/** The members of the drivers' statements. */
interface DriverStatement<Row> extends Omit<SqliteStatement<Row>, "reader" | "raw"> {
  /** better-sqlite3 and bun:sqlite. */
  readonly reader?: boolean;
  /** node:sqlite. */
  columns?(): readonly unknown[];
  setReturnArrays?(enabled: boolean): void;
  /** bun:sqlite. */
  values?(...params: unknown[]): unknown[][];
  /** better-sqlite3: switches the statement. */
  raw?(enabled: boolean): Pick<SqliteStatement, "get" | "all">;
}

interface Driver extends SqliteDatabase {
  prepare<Row>(sql: string): DriverStatement<Row>;
}

/**
 * Returns a connection that you opened yourself as hooks get it: `storage.using(sqliteConnection(database))`.
 *
 * @throws PaymeConfigError for what is no connection of a driver.
 */
export function sqliteConnection(database: SqliteDatabase): SqliteConnection {
  if (!isDriver(database)) throw refused("it has no prepare, exec and close");
  return {
    get inTransaction() {
      return database.inTransaction ?? database.isTransaction;
    },
    prepare: <Row>(sql: string) => statementOf(database.prepare<Row>(sql)),
    exec: (sql) => database.exec(sql),
    close: () => database.close(),
  };
}

/** Handles of ORMs come here too, in spite of the types. */
function isDriver(database: Partial<SqliteDatabase>): database is Driver {
  return [database.prepare, database.exec, database.close].every((member) => typeof member === "function");
}

function statementOf<Row>(made: DriverStatement<Row>): SqliteStatement<Row> {
  return {
    get reader() {
      return made.reader ?? (made.columns?.().length ?? 1) > 0;
    },
    run: (...params) => made.run(...params),
    // bun:sqlite gives null.
    get: (...params) => made.get(...params) ?? undefined,
    all: (...params) => made.all(...params),
    raw: () => arraysOf(made),
  };
}

function arraysOf(made: DriverStatement<unknown>): ReturnType<SqliteStatement["raw"]> {
  const all = (...params: unknown[]) => made.values?.(...params) ?? inArrays(made, (rows) => rows.all(...params));
  return { all, get: (...params) => all(...params)[0] };
}

/** Calls a statement while its rows are arrays. */
function inArrays<Result>(
  made: DriverStatement<unknown>,
  call: (rows: Pick<SqliteStatement, "get" | "all">) => Result,
): Result {
  const as = (enabled: boolean) => {
    made.setReturnArrays?.(enabled);
    return made.raw?.(enabled) ?? made;
  };
  try {
    return call(as(true));
  } finally {
    as(false);
  }
}

/** Returns the same statement, each call of which is made by `around`. */
export function aroundCalls<Row>(
  statement: SqliteStatement<Row>,
  around: <Result>(call: () => Result) => Result,
): SqliteStatement<Row> {
  const each = <Result>(call: (...params: unknown[]) => Result) => {
    return (...params: unknown[]) => around(() => call(...params));
  };
  return {
    get reader() {
      return statement.reader;
    },
    run: each(statement.run),
    get: each(statement.get),
    all: each(statement.all),
    raw() {
      const { get, all } = statement.raw();
      return { get: each(get), all: each(all) };
    },
  };
}

/** Returns the error of a driver, or of a handle of an ORM, on which the guarantees would not hold. */
export function refused(what: string, cause?: unknown): PaymeConfigError {
  return new PaymeConfigError(`sqliteStorage cannot use this driver: ${what}`, {
    hint: "Leave out open, or let it return a connection of better-sqlite3, node:sqlite (Node 22.16) or bun:sqlite. For Drizzle or Kysely in hooks: forDrizzle(tx), forKysely(tx).",
    cause,
  });
}
