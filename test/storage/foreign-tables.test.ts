import Database from "better-sqlite3";
import { PaymeConfigError } from "payme-kit";
import { postgresStorage } from "payme-kit/postgres";
import { sqliteStorage } from "payme-kit/sqlite";
import { sqlTariffStore } from "payme-kit/tariffs";
import { describe, expect, it, onTestFinished } from "vitest";
import { databaseUrl, describeOnPostgres, newSchema, openPool } from "../postgres/database";
import { temporaryFolder } from "../wedy/started";

type Tables = { readonly tariff?: string };

/** A database in which somebody has run `sql`; `tables` counts the tables that are there. */
async function onSqlite(sql: string) {
  const file = `${temporaryFolder()}/shop.db`;
  const shop = new Database(file);
  shop.exec(sql);
  const storage = sqliteStorage({ file, tables: { payment: "payment" } });
  onTestFinished(async () => {
    await storage.close();
    shop.close();
  });
  return {
    storage,
    migrateTariffs: (tables: Tables) => sqlTariffStore(storage, { tables }).migrate(),
    tables: async () => shop.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all().length,
  };
}

async function onPostgres(sql: string) {
  const schema = newSchema();
  const pool = openPool(await databaseUrl());
  onTestFinished(() => pool.end());
  await pool.query(`CREATE SCHEMA ${schema}; SET search_path = ${schema}; ${sql}; RESET search_path`);
  const count = "SELECT 1 FROM information_schema.tables WHERE table_schema = $1";
  const storage = postgresStorage(pool, { schema, tables: { payment: "payment" } });
  return {
    storage,
    migrateTariffs: (tables: Tables) => sqlTariffStore(storage, { tables }).migrate(),
    tables: async () => (await pool.query(count, [schema])).rows.length,
  };
}

async function refusalOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "migrated",
    (error: unknown) => error,
  );
}

const GUIDE = `CREATE TABLE payment (id VARCHAR PRIMARY KEY, user_id VARCHAR NOT NULL);
  CREATE INDEX idx_payment_user_id ON payment(user_id)`;

function rules(open: (sql: string) => ReturnType<typeof onSqlite> | ReturnType<typeof onPostgres>): void {
  it("migrate() over a table that is not ours names the table and the way out, and changes nothing", async () => {
    const { storage, tables } = await open(GUIDE);
    const refusal = await refusalOf(storage.migrate());
    expect(refusal).toBeInstanceOf(PaymeConfigError);
    expect(refusal).toMatchObject({
      message: expect.stringMatching(/a table "\S*payment" already, and payme-kit did not make it/),
      hint: expect.stringContaining("the option tables"),
    });
    expect(refusal).not.toHaveProperty("cause");
    expect(await tables()).toBe(1);
  });

  it("an index that is not ours is named, too: a renamed table keeps its indexes", async () => {
    const { storage } = await open(`${GUIDE}; ALTER TABLE payment RENAME TO old_payment`);
    const refusal = await refusalOf(storage.migrate());
    expect(refusal).toBeInstanceOf(PaymeConfigError);
    expect(refusal).toMatchObject({ message: expect.stringMatching(/an index "\S*idx_payment_user_id" already/) });
  });

  it("a second migrate() over our own tables is no refusal; a tariff table that is not ours is one", async () => {
    const { storage, migrateTariffs } = await open("CREATE TABLE tariff (id INTEGER PRIMARY KEY)");
    await storage.migrate();
    await storage.migrate();
    const refusal = await refusalOf(migrateTariffs({ tariff: "tariff" }));
    expect(refusal).toMatchObject({ name: "PaymeConfigError", message: expect.stringMatching(/a table "\S*tariff"/) });
    await migrateTariffs({});
  });
}

describe("on SQLite", () => {
  rules(onSqlite);

  it("a table whose name differs in its capitals only is the same one", async () => {
    const { storage } = await onSqlite("CREATE TABLE Payment (id TEXT)");
    expect(await refusalOf(storage.migrate())).toBeInstanceOf(PaymeConfigError);
  });
});

describeOnPostgres("on PostgreSQL", () => rules(onPostgres));
