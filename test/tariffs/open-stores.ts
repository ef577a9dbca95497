import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { type PostgresHandle, postgresStorage } from "../../src/entry/postgres";
import { type SqliteHandle, sqliteStorage } from "../../src/entry/sqlite";
import { memoryTariffStore, sqlTariffStore } from "../../src/entry/tariffs";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MemoryTx } from "../../src/storage/memory/memory-table";
import { keyOf, payments } from "../../src/storage/memory/memory-tables";
import { databaseUrl, newSchema, openPool } from "../postgres/database";
import type { OpenedStore } from "./tariff-store-suite";

/** A file in a folder of its own, gone when the test ends. */
export function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "payme-tariffs-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "tariffs.db");
}

export async function openMemory(): Promise<OpenedStore<MemoryTx>> {
  const storage = memoryStorage();
  return {
    storage,
    store: memoryTariffStore(storage),
    deleteTariff: (id) => storage.transaction(async (tx) => tx.table("payme_tariff").delete(String(id))),
    rewriteData: (id, data) =>
      storage.transaction(async (tx) => {
        const key = keyOf({ cashbox: "default", mode: "test" }, id);
        const row = payments(tx).get(key);
        if (row === undefined) throw new Error("no such payment");
        payments(tx).set(key, { ...row, data });
      }),
    storedPrices: async () => undefined,
  };
}

/** On PostgreSQL, with the guide's names in a schema of its own; closed when the test ends. */
export async function openPostgres(): Promise<OpenedStore<PostgresHandle>> {
  const pool = openPool(await databaseUrl());
  onTestFinished(() => pool.end());
  const schema = newSchema();
  const storage = postgresStorage(pool, { schema, tables: { payment: "payment" } });
  return {
    storage,
    store: sqlTariffStore(storage, { tables: { tariff: "tariff", user: "user" } }),
    deleteTariff: async (id) => void (await pool.query(`DELETE FROM ${schema}.tariff WHERE id = $1`, [id])),
    rewriteData: async (id, data) => {
      const update = `UPDATE ${schema}.payment SET data = $1 WHERE id = $2 RETURNING id`;
      expect((await pool.query(update, [JSON.stringify(data), id])).rows).toHaveLength(1);
    },
    storedPrices: async (table) =>
      (await pool.query(`SELECT price FROM ${schema}.${table} ORDER BY price`)).rows.map(({ price }) => Number(price)),
  };
}

/** On a file, with the guide's names; closed when the test ends. */
export async function openSqlite(file = temporaryFile()): Promise<OpenedStore<SqliteHandle>> {
  const storage = sqliteStorage({ file, tables: { payment: "payment" } });
  onTestFinished(() => storage.close());
  return {
    storage,
    store: sqlTariffStore(storage, { tables: { tariff: "tariff", user: "user" } }),
    deleteTariff: (id) =>
      storage.transaction(async (tx) => {
        tx.prepare('DELETE FROM "tariff" WHERE id = ?').run(id);
      }),
    rewriteData: (id, data) =>
      storage.transaction(async (tx) => {
        const update = tx.prepare("UPDATE payment SET data = ? WHERE id = ?").run(JSON.stringify(data), id);
        expect(update.changes).toBe(1);
      }),
    storedPrices: (table) =>
      storage.transaction(async (tx) =>
        tx
          .prepare(`SELECT price FROM ${table} ORDER BY price`)
          .all()
          .map((row) => Number(Reflect.get(Object(row), "price"))),
      ),
  };
}
