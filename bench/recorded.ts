import Database from "better-sqlite3";
import type { SqliteDatabase } from "payme-kit/sqlite";

/** One call of the driver: `exec` has no parameters. */
export interface Issued {
  readonly sql: string;
  readonly params: readonly unknown[] | undefined;
}

/** Whether calls are written down just now. */
export interface Recorder {
  on: boolean;
}

/** A connection that writes down what goes through it. */
export function recording(database: Database.Database, issued: Issued[], recorder: Recorder): SqliteDatabase {
  const note = (sql: string, params?: readonly unknown[]) => {
    if (recorder.on) issued.push({ sql, params });
  };
  return {
    get inTransaction() {
      return database.inTransaction;
    },
    prepare(sql) {
      const statement = database.prepare<unknown[]>(sql);
      return {
        run: (...params) => {
          note(sql, params);
          return statement.run(...params);
        },
        get: (...params) => {
          note(sql, params);
          return statement.get(...params);
        },
        all: (...params) => {
          note(sql, params);
          return statement.all(...params);
        },
      };
    },
    exec(sql) {
      note(sql);
      return database.exec(sql);
    },
    close: () => database.close(),
  };
}

/** How many of them are statements with parameters: BEGIN and COMMIT are not counted. */
export function statementCount(issued: readonly Issued[]): number {
  return issued.filter(({ params }) => params !== undefined).length;
}

/** Opens the file with the pragmas that our storage sets, through the bare driver. */
export function openBare(file: string): Database.Database {
  const database = new Database(file);
  for (const pragma of ["journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "mmap_size = 2147483648"]) {
    database.pragma(pragma);
  }
  return database;
}

/**
 * The same statements again, through the bare driver, each prepared once.
 *
 * @param valueFor how a recorded parameter is made that of another payment.
 */
export function replayer<Ids>(
  database: Database.Database,
  issued: readonly Issued[],
  valueFor: (recorded: unknown) => (ids: Ids) => unknown,
): (ids: Ids) => void {
  const steps = issued.map(({ sql, params }) => {
    if (params === undefined) return () => database.exec(sql);
    const statement = database.prepare(sql);
    const values = params.map(valueFor);
    return (ids: Ids) => {
      const bound = values.map((value) => value(ids));
      return statement.reader ? statement.all(...bound) : statement.run(...bound);
    };
  });
  return (ids) => {
    for (const step of steps) step(ids);
  };
}
