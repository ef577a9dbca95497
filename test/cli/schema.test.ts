import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { postgresStorage } from "../../src/entry/postgres";
import { sqliteStorage } from "../../src/entry/sqlite";
import { sqlTariffStore } from "../../src/entry/tariffs";
import { paymentRow, scope } from "../ledger/rows";
import { withClient } from "../postgres/cluster";
import { describeOnPostgres, newDatabase, openPool } from "../postgres/database";
import { temporaryFolder } from "../storage/kits";
import { cli } from "./kit";

describe("payme-kit schema cannot run: exit code 2", () => {
  it.each([
    ["without a database", [], "one of them"],
    ["with two", ["--postgres", "--sqlite"], "one of them"],
    ["with a schema in SQLite", ["--sqlite", "--schema", "payme"], "SQLite has no schemas"],
    ["with a schema that is no name", ["--postgres", "--schema", 'x"; DROP SCHEMA public; --'], "cannot be the name"],
  ])("%s", async (_, args, because) => {
    const { code, err } = await cli(["schema", ...args]);
    expect(code).toBe(2);
    expect(err).toContain(because);
  });
});

const printed = async (...args: string[]) => {
  const { code, out } = await cli(["schema", ...args]);
  expect(code).toBe(0);
  return out;
};

describe("payme-kit schema --sqlite", () => {
  /** What SQLite itself keeps of a schema, without the white space of the statements that made it. */
  function catalogue(file: string) {
    const database = new Database(file);
    const rows = database.prepare("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").all();
    database.close();
    return JSON.parse(JSON.stringify(rows).replaceAll(/(?:\\n| )+/g, " "));
  }

  function newFile(): string {
    const { file, remove } = temporaryFolder();
    onTestFinished(remove);
    return file;
  }

  async function migrated(file: string) {
    const storage = sqliteStorage({ file });
    await storage.migrate();
    await sqlTariffStore(storage).migrate();
    await storage.close();
  }

  it("prints the same schema that migrate() makes, and leaves it nothing to do", async () => {
    const [byHand, byUs] = [newFile(), newFile()];
    const database = new Database(byHand);
    database.exec(await printed("--sqlite", "--tariffs"));
    database.close();
    await migrated(byUs);
    expect(catalogue(byHand)).toEqual(catalogue(byUs));
    await migrated(byHand);
    expect(catalogue(byHand)).toEqual(catalogue(byUs));
  });

  it("leaves tariffs out where nobody asks for them", async () => {
    expect(await printed("--sqlite")).not.toContain("payme_grant");
  });
});

describeOnPostgres("payme-kit schema --postgres", () => {
  const CATALOGUE = `
    SELECT 'column' AS kind, table_name || '.' || column_name AS name,
      concat_ws(' ', data_type, collation_name, is_nullable, column_default, is_identity) AS what
    FROM information_schema.columns WHERE table_schema = $1
    UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = $1
    UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = $1::regnamespace
    UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger
      WHERE tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = $1::regnamespace) AND NOT tgisinternal
    UNION ALL SELECT 'function', proname, regexp_replace(pg_get_functiondef(oid), '\\s+', ' ', 'g') FROM pg_proc
      WHERE pronamespace = $1::regnamespace
    ORDER BY 1, 2`;

  const catalogue = (url: string, schema = "payme") =>
    withClient(url, async (client) => (await client.query(CATALOGUE, [schema])).rows);

  async function migrated(url: string, schema?: string) {
    const pool = openPool(url);
    const storage = postgresStorage(pool, { schema });
    await storage.migrate();
    await sqlTariffStore(storage).migrate();
    await pool.end();
  }

  it("prints the same schema that migrate() makes, and leaves it nothing to do", async () => {
    const [byHand, byUs] = [await newDatabase(), await newDatabase()];
    const script = await printed("--postgres", "--tariffs");
    await withClient(byHand, (client) => client.query(script));
    await migrated(byUs);
    const made = await catalogue(byUs);
    expect(made.length).toBeGreaterThan(60);
    expect(await catalogue(byHand)).toEqual(made);
    await migrated(byHand);
    expect(await catalogue(byHand)).toEqual(made);
  });

  it("prints it for a schema of any name", async () => {
    const url = await newDatabase();
    await withClient(url, async (client) => client.query(await printed("--postgres", "--schema", "books")));
    const names = await catalogue(url, "books");
    await migrated(url, "books");
    expect(await catalogue(url, "books")).toEqual(expect.arrayContaining(names));
    expect(await catalogue(url, "public")).toEqual([]);
  });

  /** Often enough for the counts to be summed up, which removes rows. */
  async function settleMany(url: string) {
    const pool = openPool(url, { max: 4 });
    const storage = postgresStorage(pool);
    const settle = async (id: string) => {
      await storage.addPayment(paymentRow({ id }));
      await storage.changePayment(scope, id, { from: ["PENDING"], to: "PAID", at: 5, paidBy: id });
    };
    try {
      await Promise.all(Array.from({ length: 400 }, (_, n) => settle(`payment-${n}`)));
      expect(await storage.paymentStatistics(scope)).toMatchObject({ total: 400, paid: 400 });
    } finally {
      await pool.end();
    }
  }

  it("a server on it needs no right to make or remove anything", async () => {
    const url = await newDatabase();
    const role = `shop_${new URL(url).pathname.slice(1)}`;
    await withClient(url, async (client) => {
      await client.query(await printed("--postgres", "--tariffs"));
      await client.query(`CREATE ROLE ${role} LOGIN`);
      await client.query(`GRANT USAGE ON SCHEMA payme TO ${role}`);
      await client.query(`GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA payme TO ${role}`);
    });
    const asShop = new URL(url);
    asShop.username = role;
    await expect(migrated(asShop.href)).resolves.toBeUndefined();
    await expect(settleMany(asShop.href)).resolves.toBeUndefined();
    await expect(migrated(asShop.href, "other")).rejects.toThrow("permission denied");
  });
});
