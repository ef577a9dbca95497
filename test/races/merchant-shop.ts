import pg from "pg";
import { type Executor, type SqlSeam, sqlStorage } from "../../src/entry/adapter";
import { type PostgresHandle, postgresStorage } from "../../src/entry/postgres";
import { randomId, systemClock } from "../../src/kit/clock";
import type { Storage } from "../../src/ledger";
import { sqliteExecutor } from "../../src/storage/sqlite/connection";
import { type SqliteHandle, sqliteConnection } from "../../src/storage/sqlite/driver";
import { openUnguarded, readThenWrite } from "../faulty/adapters/unguarded";
import { openShop, type ShopOptions } from "../merchant/shop";
import { postgresBooks, type ShopBooks, sqliteBooks } from "../merchant/shop-books";
import { isPostgres, type Variant } from "./databases";
import { unguarded } from "./unguarded-pool";

/** How many orders there are to race for. */
export const ORDERS = 200;

/** The shop of one process on a database that others may share: real clock, real ids, so that an answer made anew is another. */
export function openRacingShop(address: string, variant: Variant) {
  return isPostgres(address) ? onPostgres(address, variant) : inFile(address, variant);
}

function inFile(file: string, variant: Variant) {
  const books = sqliteBooks(file, variant === "guarded" ? undefined : unguardedFile(file));
  return { ...racing(books), close: books.close };
}

function onPostgres(connectionString: string, variant: Variant) {
  const pool = new pg.Pool({ connectionString });
  const storage = variant === "guarded" ? postgresStorage(pool) : unguardedPostgres(pool);
  return { ...racing(postgresBooks(pool, "payme", storage)), close: () => pool.end() };
}

function racing<Tx>(books: ShopBooks<Tx>) {
  const options: ShopOptions<Tx> = { now: systemClock, newId: randomId, canRefund: () => false };
  return openShop(books, options, ORDERS);
}

function unguardedFile(file: string): Storage<SqliteHandle> {
  const database = sqliteConnection(openUnguarded(file));
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
  return withoutTransactions({ dialect: "sqlite", tx: database, executor, close: async () => void database.close() });
}

function unguardedPostgres(pool: pg.Pool): Storage<PostgresHandle> {
  const executor: Executor = {
    execute: async (sql, params) => (await pool.query(unguarded(sql), [...params])).rows,
  };
  return withoutTransactions({ dialect: "postgres", schema: "payme", tx: pool, executor, close: async () => {} });
}

/**
 * As much code works: a statement, an await, the next one; no transaction around them, no guard in them, no unique index
 * below them. The row is read, looked at, and then written.
 */
function withoutTransactions<Tx>({
  tx,
  executor,
  ...seam
}: Pick<SqlSeam<Tx>, "dialect" | "schema" | "close"> & { tx: Tx; executor: Executor }): Storage<Tx> {
  const storage = sqlStorage<Tx>({
    ...seam,
    read: (work) => work(executor),
    transaction: (work) => work(tx),
    readOnly: (work) => work(tx),
    executorOf: () => executor,
  });
  const unguarded = { ...storage, ...readThenWrite(storage) };
  return { ...unguarded, using: () => unguarded };
}
