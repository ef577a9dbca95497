import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import type { SqlStorage } from "../../src/entry/adapter";
import { postgresStorage } from "../../src/entry/postgres";
import { sqliteStorage } from "../../src/entry/sqlite";
import { ledgerMigrations } from "../../src/storage/sql/migrations";
import { scope } from "../ledger/rows";
import { describeOnPostgres, newDatabase, openPool } from "../postgres/database";
import { temporaryFolder } from "./kits";

const WIDE = 2_147_483_648;

/** The statements that made the tables before a reason had 64 bits, with an open and a cancelled transaction in them. */
function tablesBefore({ tables }: SqlStorage<unknown>, dialect: "sqlite" | "postgres", transaction: string): string[] {
  const { part, steps } = ledgerMigrations(tables, dialect);
  const postgresSteps = ledgerMigrations(tables, "postgres").steps;
  const before = steps.slice(
    0,
    postgresSteps.findIndex((step) => step.join().includes("COLUMN reason TYPE BIGINT")),
  );
  const row = (id: string, state: number, reason: string) => `INSERT INTO ${transaction}
      (cashbox, mode, payme_id, source, transaction_id, state, order_key, one_time, amount, account, time, create_time, perform_time, cancel_time, reason)
    VALUES ('${scope.cashbox}', '${scope.mode}', '${id}', 'merchant', '1', ${state}, '${id}', 1, 1, '{}', 1, 1, 0, 0, ${reason})`;
  return [
    `CREATE TABLE ${tables.migration} (part VARCHAR, step INTEGER, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)`,
    ...before.flat(),
    ...before.map((_step, index) => `INSERT INTO ${tables.migration} (part, step) VALUES ('${part}', ${index + 1})`),
    row("open", 1, "NULL"),
    row("ended", -1, "2147483647"),
  ];
}

async function takesWideReasons(storage: SqlStorage<unknown>): Promise<void> {
  await storage.migrate();
  await storage.migrate();
  const change = { from: 1, to: -1, at: 2, reason: WIDE } as const;
  expect(await storage.changeTransaction(scope, "open", change)).toMatchObject({ outcome: "applied" });
  expect(await storage.findTransaction(scope, "open")).toMatchObject({ reason: WIDE });
  expect(await storage.findTransaction(scope, "ended")).toMatchObject({ reason: 2_147_483_647 });
}

it("a table of an older version takes any reason on SQLite", async () => {
  const { file, remove } = temporaryFolder();
  const storage = sqliteStorage({ file });
  const bare = new Database(file);
  onTestFinished(async () => {
    bare.close();
    await storage.close();
    remove();
  });
  for (const sql of tablesBefore(storage, "sqlite", "payme_transaction")) bare.exec(sql);
  await takesWideReasons(storage);
});

describeOnPostgres("on PostgreSQL", () => {
  it("a table of an older version takes any reason", async () => {
    const pool = openPool(await newDatabase());
    onTestFinished(() => pool.end());
    const storage = postgresStorage(pool);
    await pool.query("CREATE SCHEMA payme");
    for (const sql of tablesBefore(storage, "postgres", "payme.payme_transaction")) await pool.query(sql);
    await takesWideReasons(storage);
  });
});
