import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import type { SqlStorage } from "../../src/entry/adapter";
import { postgresStorage } from "../../src/entry/postgres";
import { sqliteStorage } from "../../src/entry/sqlite";
import { ledgerMigrations } from "../../src/storage/sql/migrations";
import { scope, transactionRow } from "../ledger/rows";
import { describeOnPostgres, newDatabase, openPool } from "../postgres/database";
import { temporaryFolder } from "./kits";

/** What migrate() ran before transactions had the type of their reference, and two rows: a live one and one that ended. */
function olderSchema({ tables }: Pick<SqlStorage<unknown>, "tables">, dialect: "sqlite" | "postgres"): string[] {
  const { part, steps } = ledgerMigrations(tables, dialect);
  const count = steps.findIndex((step) => step.join().includes("reference_type"));
  expect(count).toBeGreaterThan(0);
  const rowOf = (paymeId: string, state: number) =>
    `INSERT INTO ${tables.transaction} (cashbox, mode, payme_id, source, transaction_id, state, order_key, one_time, amount,
       account, time, create_time, perform_time, cancel_time)
     VALUES ('${scope.cashbox}', '${scope.mode}', '${paymeId}', 'merchant', 'our-1', ${state}, '197', 1, 5000000, '{"order_id":197}', 1, 1, 0, 0)`;
  return [
    `CREATE TABLE ${tables.migration} (part VARCHAR, step INTEGER, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)`,
    ...steps.slice(0, count).flat(),
    ...steps.slice(0, count).map((_, n) => `INSERT INTO ${tables.migration} (part, step) VALUES ('${part}', ${n + 1})`),
    rowOf("live", 1),
    rowOf("ended", -1),
  ];
}

/** Old references are text, and hold their order against every type; new ones keep theirs. */
async function assertMigrated(storage: SqlStorage<unknown>): Promise<void> {
  await storage.migrate();
  for (const paymeId of ["live", "ended"]) {
    expect(await storage.findTransaction(scope, paymeId)).toMatchObject({
      reference: "197",
      referenceType: "string",
      orderSpace: scope.cashbox,
    });
  }
  const number = transactionRow({ ...scope, paymeId: "number", reference: "197", referenceType: "number" });
  expect(await storage.addTransaction(number)).toMatchObject({ outcome: "order_busy", row: { paymeId: "live" } });
  const other = { ...number, reference: "198" };
  expect(await storage.addTransaction(other)).toEqual({ outcome: "applied", row: other });
  expect(await storage.findLiveByOrder(scope, "198")).toEqual(other);
}

describe("the type of a reference, over tables with rows of an older version", () => {
  it("is text there, on SQLite", async () => {
    const { file, remove } = temporaryFolder();
    onTestFinished(remove);
    const storage = sqliteStorage({ file });
    onTestFinished(() => storage.close());
    const bare = new Database(file);
    for (const sql of olderSchema(storage, "sqlite")) bare.exec(sql);
    bare.close();
    await assertMigrated(storage);
  });

  describeOnPostgres("on PostgreSQL", () => {
    it("is text there", async () => {
      const pool = openPool(await newDatabase());
      onTestFinished(() => pool.end());
      const storage = postgresStorage(pool);
      await pool.query("CREATE SCHEMA payme");
      for (const sql of olderSchema(storage, "postgres")) await pool.query(sql);
      await assertMigrated(storage);
    });
  });
});
