import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import type { SqlStorage } from "../../src/entry/adapter";
import { postgresStorage } from "../../src/entry/postgres";
import { sqliteStorage } from "../../src/entry/sqlite";
import { OPEN_OF_USER } from "../../src/storage/sql/payments";
import { paymentRow, scope } from "../ledger/rows";
import { describeOnPostgres, newDatabase, openPool } from "../postgres/database";
import { temporaryFolder } from "./kits";
import { olderTables } from "./older-tables";

const MARK = "open_user";

/** An open payment of before. */
const row = (payment: string, n: number) => `INSERT INTO ${payment}
    (id, user_id, amount, status, cashbox, mode, held, created_ms, updated_ms, checks)
  VALUES ('old-${n}', 'user-1', 500000, 'PENDING', '${scope.cashbox}', '${scope.mode}', 0, 1, 1, 0)`;

async function countsOldOnes(storage: SqlStorage<unknown>): Promise<void> {
  await storage.migrate();
  await storage.migrate();
  const add = async (id: string) =>
    (await storage.addPayment(paymentRow({ id, userId: "user-1" }), { mostOpen: 3 })).outcome;
  expect([await add("new-1"), await add("new-2")]).toEqual(["applied", "too_many_open"]);
}

it("payments that were open before there was a bound count: SQLite, by the index", async () => {
  const { file, remove } = temporaryFolder();
  const storage = sqliteStorage({ file });
  const bare = new Database(file);
  onTestFinished(async () => {
    bare.close();
    await storage.close();
    remove();
  });
  for (const sql of olderTables({ tables: storage.tables, dialect: "sqlite" }, MARK)) bare.exec(sql);
  for (const n of [1, 2]) bare.exec(row("payme_payment", n));
  await countsOldOnes(storage);
  const sql = `EXPLAIN QUERY PLAN SELECT 1 FROM payme_payment WHERE cashbox = ? AND mode = ? AND user_id = ? AND ${OPEN_OF_USER}`;
  // EXPLAIN alone does not look whether the schema has changed.
  const fresh = new Database(file);
  const [plan] = fresh.prepare<unknown[], { detail: string }>(sql).all("default", "test", "user-1");
  fresh.close();
  expect(plan?.detail).toContain("idx_payme_payment_open_user (user_id=? AND cashbox=? AND mode=? AND status=?)");
});

describeOnPostgres("on PostgreSQL", () => {
  it("payments that were open before there was a bound count, by the index", async () => {
    const pool = openPool(await newDatabase());
    onTestFinished(() => pool.end());
    const storage = postgresStorage(pool);
    await pool.query("CREATE SCHEMA payme");
    for (const sql of olderTables({ tables: storage.tables, dialect: "postgres" }, MARK)) await pool.query(sql);
    for (const n of [1, 2]) await pool.query(row("payme.payme_payment", n));
    await countsOldOnes(storage);
    const client = await pool.connect();
    onTestFinished(() => client.release());
    await client.query("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan");
    await client.query(`PREPARE open_of_user(text, text, text) AS
      SELECT 1 FROM payme.payme_payment WHERE cashbox = $1 AND mode = $2 AND user_id = $3 AND ${OPEN_OF_USER}`);
    const { rows } = await client.query("EXPLAIN EXECUTE open_of_user('default', 'test', 'user-1')");
    expect(JSON.stringify(rows)).toContain("idx_payme_payment_open_user");
  });
});
