import Database from "better-sqlite3";
import type pg from "pg";
import { type PostgresHandle, postgresStorage } from "../../src/entry/postgres";
import { type SqliteHandle, sqliteStorage } from "../../src/entry/sqlite";
import { type Tiyin, tiyin } from "../../src/kit/money";
import type { Storage } from "../../src/ledger";
import { type MemoryStorage, memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MemoryTx } from "../../src/storage/memory/memory-table";

/** An order of the shop's own, in the same storage as our transactions. */
export interface ShopOrder {
  id: number;
  amount: Tiyin;
  status: "new" | "reserved" | "paid" | "refunded";
  /** How often it was fulfilled, and taken back. */
  fulfilled: number;
  takenBack: number;
}

/** Where a shop keeps its orders beside our transactions. */
export interface ShopBooks<Tx> {
  readonly storage: Storage<Tx>;
  /** Makes the orders where they are not there yet. */
  open(orders: readonly ShopOrder[]): Promise<void>;
  find(tx: Tx, id: number): Awaitable<ShopOrder | undefined>;
  save(tx: Tx, order: ShopOrder): Awaitable<void>;
  /** An order as it is committed. */
  read(id: number): Awaitable<ShopOrder | undefined>;
}

type Awaitable<Value> = Value | Promise<Value>;

/** In memory. */
export function memoryBooks(storage: MemoryStorage = memoryStorage()): ShopBooks<MemoryTx> {
  const orders = (tx: MemoryTx) => tx.table<ShopOrder>("orders");
  const save = (tx: MemoryTx, order: ShopOrder) => orders(tx).set(String(order.id), order);
  return {
    storage,
    open: (all) => storage.transaction(async (tx) => all.forEach((order) => void save(tx, order))),
    find: (tx, id) => orders(tx).get(String(id)),
    save,
    read: (id) => orders(storage.published()).get(String(id)),
  };
}

/** In an SQLite file, which others may share. Closed by who opens it. */
export function sqliteBooks(
  file: string,
  storage: Storage<SqliteHandle> = sqliteStorage({ file }),
): ShopBooks<SqliteHandle> & { close(): Promise<void> } {
  let reader: Database.Database | undefined;
  return {
    storage,
    async open(all) {
      await storage.migrate();
      await storage.transaction(async (tx) => {
        tx.exec(`CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL, status TEXT NOT NULL,
          fulfilled INTEGER NOT NULL, taken_back INTEGER NOT NULL)`);
        const insert = tx.prepare("INSERT INTO orders VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
        for (const { id, amount, status, fulfilled, takenBack } of all)
          insert.run(id, amount, status, fulfilled, takenBack);
      });
    },
    find: (tx, id) => orderOf(tx.prepare(SELECT).get(id)),
    save(tx, { id, status, fulfilled, takenBack }) {
      tx.prepare("UPDATE orders SET status = ?, fulfilled = ?, taken_back = ? WHERE id = ?").run(
        status,
        fulfilled,
        takenBack,
        id,
      );
    },
    read(id) {
      reader ??= new Database(file, { readonly: true });
      return orderOf(reader.prepare(SELECT).get(id));
    },
    async close() {
      reader?.close();
      await storage.close();
    },
  };
}

/** On PostgreSQL, the orders beside our tables in the storage's schema. The pool is closed by who opens it. */
export function postgresBooks(
  pool: pg.Pool,
  schema: string,
  storage: Storage<PostgresHandle> = postgresStorage(pool, { schema }),
): ShopBooks<PostgresHandle> {
  const orders = `${schema}.orders`;
  const select = `SELECT id, amount, status, fulfilled, taken_back AS "takenBack" FROM ${orders} WHERE id = $1`;
  return {
    storage,
    async open(all) {
      await storage.migrate();
      await storage.transaction(async (tx) => {
        // As our own migrations do: processes that start at once take turns.
        await tx.query("SELECT pg_advisory_xact_lock(1)");
        await tx.query(`CREATE TABLE IF NOT EXISTS ${orders} (id INTEGER PRIMARY KEY, amount BIGINT NOT NULL,
          status TEXT NOT NULL, fulfilled INTEGER NOT NULL, taken_back INTEGER NOT NULL)`);
        const insert = `INSERT INTO ${orders}
          SELECT id, amount, status, fulfilled, "takenBack" FROM jsonb_to_recordset($1)
            AS made (id integer, amount bigint, status text, fulfilled integer, "takenBack" integer)
          ON CONFLICT DO NOTHING`;
        await tx.query(insert, [JSON.stringify(all)]);
      });
    },
    find: async (tx, id) => orderOf((await tx.query(select, [id])).rows[0]),
    async save(tx, { id, status, fulfilled, takenBack }) {
      const update = `UPDATE ${orders} SET status = $2, fulfilled = $3, taken_back = $4 WHERE id = $1`;
      await tx.query(update, [id, status, fulfilled, takenBack]);
    },
    read: async (id) => orderOf((await pool.query(select, [id])).rows[0]),
  };
}

const SELECT = "SELECT id, amount, status, fulfilled, taken_back AS takenBack FROM orders WHERE id = ?";
const STATUSES = ["new", "reserved", "paid", "refunded"] as const;

function orderOf(row: unknown): ShopOrder | undefined {
  if (typeof row !== "object" || row === null) return undefined;
  const number = (name: string) => Number(Reflect.get(row, name));
  const status = STATUSES.find((each) => each === Reflect.get(row, "status"));
  if (status === undefined) throw new Error("an order without a status");
  return {
    id: number("id"),
    amount: tiyin(number("amount")),
    status,
    fulfilled: number("fulfilled"),
    takenBack: number("takenBack"),
  };
}
