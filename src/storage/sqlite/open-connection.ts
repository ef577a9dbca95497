import { awayCode } from "../storage-errors";
import { configure, isBusy } from "./connection";
import { refused, type SqliteConnection, type SqliteDatabase, sqliteConnection } from "./driver";

/** `RETURNING` came with 3.35. */
const OLDEST_MINOR = 35;

/**
 * Opens and configures a connection.
 *
 * @throws PaymeConfigError for a driver, or a handle of an ORM, on which the guarantees would not hold.
 */
export function openConnection(open: (file: string) => SqliteDatabase, file: string): SqliteConnection {
  const connection = sqliteConnection(open(file));
  configure(connection);
  const read = (sql: string) => Object.values(Object(connection.prepare(sql).get()))[0];
  const version = read("SELECT sqlite_version()");
  if (typeof version !== "string") throw refused("it is asynchronous");
  if (Number(version.split(".")[1]) < OLDEST_MINOR) throw refused(`its SQLite is ${version}, older than 3.35`);
  // Without it a reader waits for writers, and a writer for readers.
  if (file !== ":memory:" && read("PRAGMA journal_mode") !== "wal") throw refused("it cannot write ahead (WAL)");
  const seen = ["BEGIN", "ROLLBACK"].map((sql) => {
    connection.exec(sql);
    return connection.inTransaction;
  });
  // SQLite may end a transaction by itself: what a hook writes afterwards would be kept without the payment.
  if (seen[0] !== true || seen[1] !== false) {
    throw refused("it does not tell whether a transaction is open (inTransaction or isTransaction)");
  }
  return connection;
}

/**
 * Sees that two connections cannot write at once, and that we know the error of the second one: it has to wait.
 *
 * @throws PaymeConfigError where they can, or where it is unknown.
 */
export function assertLocks(first: SqliteConnection, second: SqliteConnection): void {
  const begun: SqliteConnection[] = [];
  try {
    for (const each of [first, second]) {
      each.exec("BEGIN IMMEDIATE");
      begun.push(each);
    }
  } catch (error) {
    if (isBusy(error)) return;
    // A file that may not be written is no fault of the driver.
    if (awayCode(error) !== null) throw error;
    throw refused("its error of a locked file is unknown", error);
  } finally {
    for (const each of begun) each.exec("ROLLBACK");
  }
  throw refused("two of its connections can write to the file at once");
}
