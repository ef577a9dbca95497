import { onlyReads } from "../only-reads";
import { aroundCalls, type SqliteHandle } from "./driver";

/**
 * Returns the connection as a handle that only reads. SQLite is told before each statement and released after it: all of
 * that is one synchronous step, so the same connection may serve writers, as that of a private database does.
 */
export function queryOnly(database: SqliteHandle): SqliteHandle {
  function reading<Result>(call: () => Result): Result {
    database.exec("PRAGMA query_only = ON");
    try {
      return call();
    } catch (error) {
      throw isReadOnlyRefusal(error) ? onlyReads(error) : error;
    } finally {
      database.exec("PRAGMA query_only = OFF");
    }
  }
  const refuse = () => {
    throw onlyReads();
  };
  return {
    // What it runs gives no rows: a write, or the begin of a transaction on the connection of all readers.
    prepare: <Row>(sql: string) => ({ ...aroundCalls(database.prepare<Row>(sql), reading), run: refuse }),
    exec: refuse,
  };
}

/** SQLite's own words: each driver has another place for the code. */
export function isReadOnlyRefusal(error: unknown): boolean {
  return error instanceof Error && error.message.includes("attempt to write a readonly database");
}
