import { randomId, systemClock } from "../../src/clock";
import type { Storage } from "../../src/ledger";
import { sqlStorage } from "../../src/storage/sql";
import { sqliteExecutor } from "../../src/storage/sqlite/connection";
import type { SqliteHandle } from "../../src/storage/sqlite/driver";
import { openUnguarded, readThenWrite } from "../faulty/adapters/unguarded";
import { openShop } from "../merchant/shop";
import { sqliteBooks } from "../merchant/shop-books";
import type { Variant } from "./book-calls";

/** How many orders there are to race for. */
export const ORDERS = 200;

/** The shop of one process on a file that others may share: real clock, real ids, so that an answer made anew is another. */
export function openRacingShop(file: string, variant: Variant) {
  const books = sqliteBooks(file, variant === "guarded" ? undefined : unguardedStorage(file));
  const shop = openShop(books, { now: systemClock, newId: randomId, canRefund: () => false }, ORDERS);
  return { ...shop, close: books.close };
}

/**
 * As much code works: a statement, an await, the next one; no transaction around them, no guard in them, no unique index
 * below them. The row is read, looked at, and then written.
 */
function unguardedStorage(file: string): Storage<SqliteHandle> {
  const database = openUnguarded(file);
  for (const pragma of ["journal_mode = WAL", "synchronous = OFF", "busy_timeout = 5000"]) {
    database.exec(`PRAGMA ${pragma}`);
  }
  const { execute } = sqliteExecutor(database);
  const executor = {
    // Most drivers answer later than at once.
    async execute(...statement: Parameters<typeof execute>) {
      await new Promise(setImmediate);
      return execute(...statement);
    },
  };
  const storage = sqlStorage<SqliteHandle>({
    dialect: "sqlite",
    read: (work) => work(executor),
    transaction: (work) => work(database),
    executorOf: () => executor,
    close: async () => void database.close(),
  });
  const unguarded = { ...storage, ...readThenWrite(storage) };
  return { ...unguarded, using: () => unguarded };
}
