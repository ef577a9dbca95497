import { awayCode, unusable } from "../storage-errors";
import { configure, isBusy } from "./connection";
import { type SqliteConnection, type SqliteDatabase, sqliteConnection } from "./driver";

/** Opens and configures a connection. @throws PaymeConfigError for a driver on which the guarantees would not hold. */
export function openConnection(open: (file: string) => SqliteDatabase, file: string): SqliteConnection {
  const connection = sqliteConnection(open(file));
  configure(connection);
  const read = (sql: string) => Object.values(Object(connection.prepare(sql).get()))[0];
  const version = read("SELECT sqlite_version()");
  if (typeof version !== "string") throw unusable("the driver is asynchronous");
  if (Number(version.split(".")[1]) < 35) throw unusable(`the driver's SQLite is ${version}, which has no RETURNING`);
  // Without it, readers and writers wait for each other.
  if (file !== ":memory:" && read("PRAGMA journal_mode") !== "wal")
    throw unusable("the driver does not write ahead (WAL)");
  const seen = ["BEGIN", "ROLLBACK"].map((sql) => {
    connection.exec(sql);
    return connection.inTransaction;
  });
  // What a hook writes after SQLite has ended its transaction would be kept without the payment.
  if (seen.join() !== "true,false")
    throw unusable("the driver does not tell whether a transaction is open (inTransaction)");
  return connection;
}

/** Sees that of two connections only one can write, and that the other's error is known: it has to wait. */
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
    throw awayCode(error) === null ? unusable("the driver's error of a locked file is unknown", error) : error;
  } finally {
    for (const each of begun) each.exec("ROLLBACK");
  }
  throw unusable("two connections of the driver write to one file at once, or none can");
}
