import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import type { SqlStorage } from "../../src/entry/adapter";
import { postgresStorage } from "../../src/entry/postgres";
import { sqliteStorage } from "../../src/entry/sqlite";
import { tariffIdOf } from "../../src/entry/tariffs";
import { scope } from "../ledger/rows";
import { describeOnPostgres, newDatabase, openPool } from "../postgres/database";
import { temporaryFolder } from "./kits";
import { GUIDE_COLUMNS, olderTables } from "./older-tables";

const SNAPSHOT = '{"version":2,"tariffId":3,"name":"a \\"tariffId\\":9","price":5000000,"durationDays":30}';
const FIRST_SNAPSHOT = '{"tariffId":3,"name":"Premium","price":50000,"durationDays":30}';

/** `tariff_id` and `data` of a row, and its `data` after the step. */
const ROWS: Readonly<Record<string, readonly [tariffId: number | null, data: string | null, after: string | null]>> = {
  "a snapshot": [3, SNAPSHOT, SNAPSHOT],
  "a snapshot of the first form": [3, FIRST_SNAPSHOT, FIRST_SNAPSHOT],
  "no data": [7, null, '{"tariffId":7}'],
  "data that is null": [7, "null", '{"tariffId":7}'],
  "an empty object": [7, "{}", '{"tariffId":7}'],
  "an object of the shop": [7, '{"note":"\\"tariffId\\":9"}', '{"tariffId":7,"note":"\\"tariffId\\":9"}'],
  "an object with a tariff inside": [7, '{"cart":{"tariffId":9}}', '{"tariffId":7,"cart":{"tariffId":9}}'],
  "a list": [7, "[1,2]", '{"tariffId":7,"data":[1,2]}'],
  "a text that no database reads": [7, '"\\u0000\\ud800"', '{"tariffId":7,"data":"\\u0000\\ud800"}'],
  "no tariff and no data": [null, null, null],
  "no tariff, and data of the shop": [null, '{"tariffId":9}', '{"tariffId":9}'],
};

const quote = (value: string | null) => (value === null ? "NULL" : `'${value}'`);

/** The rows of an older version in its table. The step before gives those with a tariff their kind. */
function olderRows(payment: string): string[] {
  return Object.entries(ROWS).map(
    ([id, [tariffId, data]]) =>
      `INSERT INTO ${payment} (id, user_id, amount, status, tariff_id, kind, data, cashbox, mode, held, created_ms, updated_ms, checks)
       VALUES ('${id}', 'user-1', 5000000, 'PENDING', ${tariffId ?? "NULL"}, '${tariffId === null ? "order" : "tariff"}',
         ${quote(data)}, '${scope.cashbox}', '${scope.mode}', 0, 1, 1, 0)`,
  );
}

interface Books {
  readonly storage: SqlStorage<unknown>;
  /** The table of payments, as SQL has it. */
  readonly payment: string;
  ask(sql: string): Promise<readonly unknown[]>;
}

async function inFile(): Promise<Books> {
  const { file, remove } = temporaryFolder();
  const storage = sqliteStorage({ file });
  const bare = new Database(file);
  onTestFinished(async () => {
    bare.close();
    await storage.close();
    remove();
  });
  return {
    storage,
    payment: "payme_payment",
    async ask(sql) {
      const statement = bare.prepare(sql);
      if (statement.reader) return statement.all();
      statement.run();
      return [];
    },
  };
}

async function onPostgres(): Promise<Books> {
  const pool = openPool(await newDatabase());
  onTestFinished(() => pool.end());
  await pool.query("CREATE SCHEMA payme");
  return {
    storage: postgresStorage(pool),
    payment: "payme.payme_payment",
    ask: async (sql) => (await pool.query(sql)).rows,
  };
}

const olderOf = ({ tables, sql }: SqlStorage<unknown>) => olderTables({ tables, dialect: sql.dialect }, GUIDE_COLUMNS);

const SHAPES = {
  sqlite: {
    columns: "SELECT name, type FROM pragma_table_info('payme_payment') ORDER BY name",
    indexes: "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'payme_payment' ORDER BY name",
  },
  postgres: {
    columns: `SELECT column_name AS name, data_type AS type FROM information_schema.columns
      WHERE table_name = 'payme_payment' ORDER BY 1`,
    indexes: "SELECT indexname AS name FROM pg_indexes WHERE tablename = 'payme_payment' ORDER BY 1",
  },
};

function rules(open: () => Promise<Books>): void {
  it("keeps the tariff of each payment in its data", async () => {
    const { storage, payment, ask } = await open();
    for (const sql of [...olderOf(storage), ...olderRows(payment)]) await ask(sql);
    await storage.migrate();
    const rows = await ask(`SELECT id, data FROM ${payment} ORDER BY id`);
    const expected = Object.entries(ROWS).map(([id, [, , data]]) => ({ id, data }));
    expect(rows).toEqual(expected.sort((one, other) => (one.id < other.id ? -1 : 1)));
    for (const [id, [tariffId]] of Object.entries(ROWS)) {
      const found = await storage.findPayment(scope, { id });
      expect(found && tariffIdOf(found), id).toBe(tariffId);
    }
    expect(await storage.paymentStatistics(scope)).toMatchObject({ total: Object.keys(ROWS).length });
  });

  it("leaves the same table as a new database has", async () => {
    const [old, fresh] = [await open(), await open()];
    for (const sql of olderOf(old.storage)) await old.ask(sql);
    for (const { storage } of [old, fresh]) await storage.migrate();
    for (const sql of Object.values(SHAPES[old.storage.sql.dialect])) {
      expect(await old.ask(sql)).toEqual(await fresh.ask(sql));
    }
    const columns = JSON.stringify(await fresh.ask(SHAPES[fresh.storage.sql.dialect].columns));
    expect(columns).not.toMatch(/tariff|_at"|payment_method|timestamp/i);
    const indexes = await fresh.ask(SHAPES[fresh.storage.sql.dialect].indexes);
    expect(JSON.stringify(indexes)).not.toMatch(/created_at|status/);
  });
}

describe("the step that takes the guide's columns out", () => {
  describe("on SQLite", () => rules(inFile));
  describeOnPostgres("on PostgreSQL", () => rules(onPostgres));
});
