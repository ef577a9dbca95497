import Database from "better-sqlite3";

/** A process of its own that holds the write lock on a file until it is told to let go. */
const database = new Database(process.argv[2]);
database.exec("BEGIN IMMEDIATE");
process.once("message", () => {
  database.exec("ROLLBACK");
  process.disconnect();
});
process.send?.("locked");
