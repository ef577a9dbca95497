import Database from "better-sqlite3";
import { sql as drizzleSql } from "drizzle-orm";
import { drizzle as drizzleBetter } from "drizzle-orm/better-sqlite3";
import { drizzle as drizzleMysql } from "drizzle-orm/mysql-proxy";
import { drizzle as drizzlePg } from "drizzle-orm/pg-proxy";
import { drizzle as drizzleSqlite } from "drizzle-orm/sqlite-proxy";
import { Kysely, sql as kyselySql, MysqlDialect, PostgresDialect, SqliteDialect } from "kysely";
import pg from "pg";
import { expect, it, onTestFinished } from "vitest";
import { postgresSeam, sqlStorage } from "../../src/entry/adapter";
import { drizzleStorage } from "../../src/entry/drizzle";
import { kyselyStorage } from "../../src/entry/kysely";
import { postgresStorage } from "../../src/entry/postgres";
import { prismaStorage } from "../../src/entry/prisma";
import { PaymeConfigError } from "../../src/kit/errors";
import { databaseUrl, describeOnPostgres, openPool } from "../postgres/database";

const nothing = async () => ({ rows: [] });
const onDrizzle = (db: unknown) => Reflect.apply(drizzleStorage, undefined, [db, { sql: drizzleSql }]);
const REFUSED = expect.objectContaining({ name: "PaymeConfigError", hint: expect.stringContaining("sqliteStorage") });

it.each([
  ["SQLite", () => onDrizzle(drizzleBetter(new Database(":memory:")))],
  ["an asynchronous SQLite, as libsql is", () => onDrizzle(drizzleSqlite(nothing))],
  ["MySQL", () => onDrizzle(drizzleMysql(nothing))],
  // postgres.js keeps its options so; the package itself is tried in test/package.
  [
    "postgres.js that renames",
    () =>
      onDrizzle(
        Object.assign(drizzlePg(nothing), { $client: { options: { transform: { column: { from: String } } } } }),
      ),
  ],
  [
    "postgres.js that changes values",
    () =>
      onDrizzle(
        Object.assign(drizzlePg(nothing), { $client: { options: { transform: { value: { from: String } } } } }),
      ),
  ],
])("drizzleStorage over %s is refused at the start", (_name, make) => {
  expect(make).toThrow(REFUSED);
});

it("drizzleStorage takes postgres.js with a transform of what is sent", () => {
  const transform = { undefined: null, column: { to: String }, value: {}, row: {} };
  expect(() => onDrizzle(Object.assign(drizzlePg(nothing), { $client: { options: { transform } } }))).not.toThrow();
});

it.each([
  ["SQLite", new SqliteDialect({ database: new Database(":memory:") })],
  ["MySQL", new MysqlDialect({ pool: async () => Promise.reject(new Error("not asked")) })],
])("kyselyStorage over %s is refused at the start", (_name, dialect) => {
  expect(() => kyselyStorage(new Kysely<object>({ dialect }), { sql: kyselySql })).toThrow(REFUSED);
});

it("kyselyStorage over PostgreSQL is not, before anything is connected", () => {
  const dialect = new PostgresDialect({ pool: async () => Promise.reject(new Error("not asked")) });
  expect(() => kyselyStorage(new Kysely<object>({ dialect }), { sql: kyselySql })).not.toThrow();
});

it.each([
  ["a Client of pg", new pg.Client()],
  ["an ORM's handle", drizzlePg(nothing)],
])("postgresStorage over %s is refused at the start", (_name, pool) => {
  expect(() => Reflect.apply(postgresStorage, undefined, [pool])).toThrow(REFUSED);
});

it("a client of Prisma over SQLite is refused with migrate(), which runs at each start", async () => {
  const database = new Database(":memory:");
  onTestFinished(() => void database.close());
  const $queryRawUnsafe = async (text: string) => database.prepare(text).all();
  const $transaction = async <R>(work: (tx: { $queryRawUnsafe: typeof $queryRawUnsafe }) => Promise<R>) =>
    work({ $queryRawUnsafe });
  const storage = prismaStorage({ $queryRawUnsafe, $transaction });
  await expect(storage.migrate()).rejects.toThrow(REFUSED);
  await expect(storage.transaction(async () => {})).rejects.toThrow(PaymeConfigError);
});

it("a database that is away at the start is away, not refused", async () => {
  const $queryRawUnsafe = () => Promise.reject(Object.assign(new Error("x"), { code: "ECONNREFUSED" }));
  const storage = prismaStorage({ $queryRawUnsafe, $transaction: (work) => work({ $queryRawUnsafe }) });
  await expect(storage.migrate()).rejects.toMatchObject({ code: "STORAGE_BUSY" });
});

describeOnPostgres("a driver that renames columns", () => {
  it("is refused with migrate(), before anything is made", async () => {
    const pool = openPool(await databaseUrl());
    onTestFinished(() => pool.end());
    const camel = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    const ask = async (text: string, params: readonly unknown[]) => {
      const { rows } = await pool.query<Record<string, unknown>>(text, [...params]);
      return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [camel(name), value])));
    };
    const storage = sqlStorage(
      postgresSeam<object>(
        { query: ask, queryIn: (_tx, text, params) => ask(text, params), transaction: (work) => work({}) },
        { schema: "renamed" },
      ),
    );
    await expect(storage.migrate()).rejects.toThrow(REFUSED);
    const { rows } = await pool.query("SELECT to_regnamespace('renamed') AS made");
    expect(rows).toEqual([{ made: null }]);
  });
});
