import { describe, expect, it, onTestFinished } from "vitest";
import { sqliteStorage } from "../../src/entry/sqlite";
import { sqlTariffStore } from "../../src/entry/tariffs";
import { describeOnPostgres } from "../postgres/database";
import { openMemory, openPostgres, openSqlite, temporaryFile } from "./open-stores";
import { tariffStoreSuite } from "./tariff-store-suite";

tariffStoreSuite("memory", openMemory);
tariffStoreSuite("sqlite", () => openSqlite());
tariffStoreSuite("sqlite in memory", () => openSqlite(":memory:"));
describeOnPostgres("on PostgreSQL", () => tariffStoreSuite("postgres", openPostgres));

describe("tariffs in SQLite", () => {
  async function migrated(prepare: string[] = []) {
    const storage = sqliteStorage({ file: temporaryFile() });
    onTestFinished(() => storage.close());
    await storage.transaction(async (tx) => {
      for (const sql of prepare) tx.exec(sql);
    });
    const store = sqlTariffStore(storage, { tables: { tariff: "tariff", user: "user" } });
    await store.migrate();
    const query = (sql: string) => storage.transaction(async (tx) => tx.prepare(sql).all());
    return { storage, store, query };
  }

  it("the user's table has the guide's columns and its foreign key", async () => {
    const { query } = await migrated();
    expect(
      await query(`SELECT name, type, "notnull" FROM pragma_table_info('user') WHERE name LIKE 'tariff%'`),
    ).toEqual(
      expect.arrayContaining([
        { name: "tariff_id", type: "INTEGER", notnull: 0 },
        { name: "tariff_expires_at", type: "TIMESTAMP", notnull: 0 },
      ]),
    );
    expect(await query(`SELECT "table", "from", "to" FROM pragma_foreign_key_list('user')`)).toEqual([
      { table: "tariff", from: "tariff_id", to: "id" },
    ]);
  });

  it("times are UTC text that people and date functions read", async () => {
    const { storage, store, query } = await migrated();
    const written = async (expiresAt: number | null) => {
      await storage.transaction(async (tx) => {
        await store.using(tx).lockUser("user-1");
        await store.using(tx).saveProjection("user-1", { tariffId: null, expiresAt, nextChangeAt: expiresAt });
      });
      return query(`SELECT tariff_expires_at AS at, strftime('%Y', tariff_expires_at) AS year FROM "user"`);
    };
    const time = Date.UTC(2026, 1, 3, 4, 5, 6, 7);
    expect(await written(time)).toEqual([{ at: "2026-02-03 04:05:06.007", year: "2026" }]);
    expect(await written(8.64e15 + 1)).toEqual([{ at: "9999-12-31 23:59:59.999", year: "9999" }]);
    expect(await written(null)).toEqual([{ at: null, year: null }]);
  });

  it("a user table that is there already keeps its rows and gets the columns that it lacks", async () => {
    const { store, query } = await migrated([
      `CREATE TABLE "user" (id VARCHAR PRIMARY KEY, phone VARCHAR, tariff_id INTEGER NULL)`,
      `INSERT INTO "user" (id, phone) VALUES ('user-1', '+998')`,
    ]);
    expect(await store.findUser("user-1")).toEqual({ id: "user-1", tariffId: null, tariffExpiresAt: null });
    expect(await query(`SELECT phone FROM "user"`)).toEqual([{ phone: "+998" }]);
  });

  it("a user table that takes no bare id works for users who have a row", async () => {
    const { storage, store } = await migrated([
      `CREATE TABLE "user" (id VARCHAR PRIMARY KEY, phone VARCHAR NOT NULL)`,
      `INSERT INTO "user" (id, phone) VALUES ('user-1', '+998')`,
    ]);
    const lock = (id: string) => storage.transaction((tx) => store.using(tx).lockUser(id));
    expect(await lock("user-1")).toEqual({ id: "user-1", tariffId: null, tariffExpiresAt: null });
    await expect(lock("user-2")).rejects.toThrow(/NOT NULL/);
  });

  it("the database itself keeps a payment from giving two grants", async () => {
    const { query } = await migrated();
    const insert = `INSERT INTO payme_grant (payment_id, user_id, tariff_id, name, price, duration_days, settled_ms)
      VALUES ('payment-1', 'user-1', 1, 'Premium', 1, 1, 1) RETURNING payment_id`;
    await query(insert);
    await expect(query(insert)).rejects.toThrow(/UNIQUE/);
  });

  it("the sweep and the grants of a user are found by an index", async () => {
    const { query } = await migrated();
    const planOf = async (sql: string) => JSON.stringify(await query(`EXPLAIN QUERY PLAN ${sql}`));
    expect(
      await planOf(`SELECT id FROM "user" WHERE tariff_change_ms <= 1 ORDER BY tariff_change_ms, id LIMIT 1`),
    ).toContain("idx_user_tariff_change");
    expect(await planOf("SELECT * FROM payme_grant WHERE user_id = 'a' AND revoked_ms IS NULL")).toContain(
      "idx_payme_grant_user_id",
    );
  });

  it.each(['user"; DROP TABLE x; --', "", "таблица"])("%j is refused as the name of a table", (user) => {
    const storage = sqliteStorage({ file: ":memory:" });
    expect(() => sqlTariffStore(storage, { tables: { user } })).toThrow(/cannot be the name of a table/);
  });
});
