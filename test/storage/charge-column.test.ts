import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import type { SqlStorage } from "../../src/entry/adapter";
import { postgresStorage } from "../../src/entry/postgres";
import { sqliteStorage } from "../../src/entry/sqlite";
import { ledgerMigrations } from "../../src/storage/sql/migrations";
import { scope } from "../ledger/rows";
import { describeOnPostgres, newDatabase, openPool } from "../postgres/database";
import { temporaryFolder } from "./kits";

/** The statements that made the tables before charges had a claim, with an open payment in them. */
function tablesBefore({ tables }: SqlStorage<unknown>, dialect: "sqlite" | "postgres", payment: string): string[] {
  const { part, steps } = ledgerMigrations(tables, dialect);
  const before = steps.slice(0, 3);
  return [
    `CREATE TABLE ${tables.migration} (part VARCHAR, step INTEGER, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)`,
    ...before.flat(),
    ...before.map((_step, index) => `INSERT INTO ${tables.migration} (part, step) VALUES ('${part}', ${index + 1})`),
    `INSERT INTO ${payment}
       (id, user_id, amount, status, cashbox, mode, held, created_ms, updated_ms, checks, payme_transaction_id)
     VALUES ('old', 'user', 500000, 'PENDING', '${scope.cashbox}', '${scope.mode}', 0, 1, 1, 0, 'receipt-1')`,
  ];
}

async function isChargeable(storage: SqlStorage<unknown>): Promise<void> {
  await expect(storage.claimCharge(scope, "old", { at: 2, until: 9 })).rejects.toThrow();
  await storage.migrate();
  expect(await storage.findPayment(scope, { id: "old" })).toMatchObject({ status: "PENDING", chargeUntil: null });
  const claimed = await storage.claimCharge(scope, "old", { at: 2, until: 9 });
  expect(claimed).toMatchObject({ outcome: "applied", row: { chargeUntil: 9 } });
  expect(await storage.claimCharge(scope, "old", { at: 3, until: 9 })).toMatchObject({ outcome: "conflict" });
}

it("an open payment of an older version can be charged on SQLite", async () => {
  const { file, remove } = temporaryFolder();
  const storage = sqliteStorage({ file });
  const bare = new Database(file);
  onTestFinished(async () => {
    bare.close();
    await storage.close();
    remove();
  });
  for (const sql of tablesBefore(storage, "sqlite", "payme_payment")) bare.exec(sql);
  await isChargeable(storage);
});

describeOnPostgres("on PostgreSQL", () => {
  it("an open payment of an older version can be charged", async () => {
    const pool = openPool(await newDatabase());
    onTestFinished(() => pool.end());
    const storage = postgresStorage(pool);
    await pool.query("CREATE SCHEMA payme");
    for (const sql of tablesBefore(storage, "postgres", "payme.payme_payment")) await pool.query(sql);
    await isChargeable(storage);
  });
});
