import { expect, it } from "vitest";
import { postgresStorage } from "../../src/entry/postgres";
import type { DoctorDatabase } from "../../src/operate/doctor/subject";
import { openDatabase } from "../../src/tools/cli/open-database";
import { withClient } from "../postgres/cluster";
import { describeOnPostgres, newDatabase, openPool } from "../postgres/database";
import { stallingProxy } from "../postgres/stalling-proxy";
import { POSTGRES_CHECKS } from "./postgres-checks";
import { look, openWorld, told } from "./world";

/** A migrated database, as the command opens it. The tests' server runs without fsync: that answer is put right here. */
async function openPostgres({ hasFsync = true } = {}) {
  const url = await newDatabase();
  const pool = openPool(url);
  await postgresStorage(pool).migrate();
  await pool.end();
  const opened = openDatabase(url, undefined);
  const sent: string[] = [];
  const sql: DoctorDatabase["sql"] = {
    dialect: "postgres",
    read: (work) =>
      opened.sql.read((executor) =>
        work({
          async execute(statement, params) {
            sent.push(statement);
            const rows = await executor.execute(statement, params);
            return hasFsync && statement.includes("'fsync'") ? [{ value: "on" }] : rows;
          },
        }),
      ),
  };
  return { ...opened, url, sql, sent, change: (text: string) => withClient(url, (client) => client.query(text)) };
}

const onlyDatabase = async (database: DoctorDatabase, more: object = {}) =>
  look({ parts: { env: {}, database, only: ["database", "clock.database"], ...more } });

describeOnPostgres("the doctor on PostgreSQL", () => {
  it("has nothing to say of a healthy one, and sends SELECT alone", async () => {
    const { parts } = await openWorld();
    const database = await openPostgres();
    const findings = await look({ parts: { ...parts, database } });
    await database.close();
    expect(told(findings)).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual(expect.arrayContaining(POSTGRES_CHECKS));
    expect(database.sent.length).toBeGreaterThan(5);
    expect(database.sent.filter((statement) => !/^SELECT /.test(statement))).toEqual([]);
  });

  it("cannot write by its connection", async () => {
    const database = await openPostgres();
    const write = database.sql.read((executor) => executor.execute("CREATE TABLE mine (id INTEGER)", []));
    await expect(write).rejects.toThrow(/only reads/);
    await database.close();
  });

  it.each([
    {
      check: "database.indexes",
      what: "one is not valid",
      sql: "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'payme.idx_payme_transaction_held_order'::regclass",
    },
    { check: "database.indexes", what: "one is gone", sql: "DROP INDEX payme.idx_payme_payment_pending" },
    { check: "database.migrated", what: "no table", sql: "DROP SCHEMA payme CASCADE" },
    {
      check: "database.synchronous-commit",
      what: "off by default",
      status: "uncertain",
      sql: `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$`,
    },
  ])("$check: $what", async ({ check, sql, status = "wrong" }) => {
    const database = await openPostgres();
    await database.change(sql);
    expect(told(await onlyDatabase(database))).toEqual([`${check} ${status}`]);
    await database.close();
  });

  it("database.fsync: off, as in the tests", async () => {
    const database = await openPostgres({ hasFsync: false });
    expect(told(await onlyDatabase(database))).toEqual(["database.fsync wrong"]);
    await database.close();
  });

  it("clock.database: 5 minutes apart", async () => {
    const database = await openPostgres();
    const now = () => Date.now() - 5 * 60_000;
    expect(told(await onlyDatabase(database, { now }))).toEqual(["clock.database wrong"]);
    await database.close();
  });

  it("database.reached: a network that swallows everything is one finding, within the limit", async () => {
    const proxy = await stallingProxy(await newDatabase());
    proxy.stall();
    const database = openDatabase(proxy.url, undefined);
    const before = Date.now();
    expect(told(await onlyDatabase(database, { timeoutMs: 300 }))).toEqual(["database.reached uncertain"]);
    expect(Date.now() - before).toBeLessThan(1_500);
    proxy.close();
    await database.close();
  });
});
