import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import type { SqlStorage } from "../../src/entry/adapter";
import { postgresStorage } from "../../src/entry/postgres";
import { sqliteStorage } from "../../src/entry/sqlite";
import type { PaymentRow } from "../../src/ledger";
import { ledgerMigrations } from "../../src/storage/sql/migrations";
import { paymentRow, scope } from "../ledger/rows";
import { databaseUrl, describeOnPostgres, newDatabase, newSchema, openPool } from "../postgres/database";
import { temporaryFolder } from "./kits";

/** A storage, and a way past it: people change rows by hand. */
interface Books {
  readonly storage: SqlStorage<unknown>;
  /** The name of the table of payments, as SQL has it. */
  readonly payment: string;
  byHand(sql: string): Promise<unknown>;
}

async function inFile(): Promise<Books> {
  const { file, remove } = temporaryFolder();
  onTestFinished(remove);
  const storage = sqliteStorage({ file });
  await storage.migrate();
  const bare = new Database(file);
  onTestFinished(async () => {
    bare.close();
    await storage.close();
  });
  return { storage, payment: "payme_payment", byHand: async (sql) => bare.exec(sql) };
}

async function onPostgres(): Promise<Books> {
  const schema = newSchema();
  const pool = openPool(await databaseUrl(), { max: 16 });
  onTestFinished(() => pool.end());
  const storage = postgresStorage(pool, { schema });
  await storage.migrate();
  return { storage, payment: `${schema}.payme_payment`, byHand: (sql) => pool.query(sql) };
}

const add = ({ storage }: Books, rows: readonly Partial<PaymentRow>[]) =>
  Promise.all(rows.map((row, n) => storage.addPayment(paymentRow({ id: `payment-${n}`, ...row }))));

function rules(open: () => Promise<Books>) {
  it("follows every change of a payment", async () => {
    const books = await open();
    const count = () => books.storage.paymentStatistics(scope);
    await add(books, [{}, {}, { mode: "live" }]);
    await books.storage.changePayment(scope, "payment-0", {
      from: ["PENDING"],
      to: "PAID",
      at: 5,
      paidBy: "receipt-0",
    });
    expect(await count()).toMatchObject({ total: 2, paid: 1, pending: 1, notified: 0, errorCodes: [] });
    await books.storage.noteNotification(scope, "payment-0", { at: 6 });
    const failure = { from: ["PENDING"], to: "FAILED", at: 7, errorCode: "-31050" } as const;
    await books.storage.changePayment(scope, "payment-1", failure);
    const errorCodes = [{ code: "-31050", count: 1 }];
    expect(await count()).toMatchObject({ total: 2, paid: 1, pending: 0, failed: 1, notified: 1, errorCodes });
  });

  it("is undone with the change that it counts", async () => {
    const books = await open();
    const refused = books.storage.transaction(async (tx) => {
      await books.storage.using(tx).addPayment(paymentRow());
      throw new Error("no");
    });
    await expect(refused).rejects.toThrow("no");
    expect(await books.storage.paymentStatistics(scope)).toMatchObject({ total: 0, pending: 0 });
  });

  it("follows what a person changes by hand", async () => {
    const books = await open();
    await add(books, [{}, {}, {}]);
    await books.byHand(`UPDATE ${books.payment} SET status = 'PAID', payme_error_code = 'x' WHERE id <> 'payment-2'`);
    await books.byHand(`DELETE FROM ${books.payment} WHERE id = 'payment-0'`);
    const errorCodes = [{ code: "x", count: 1 }];
    expect(await books.storage.paymentStatistics(scope)).toMatchObject({ total: 2, paid: 1, pending: 1, errorCodes });
    await books.byHand(`DELETE FROM ${books.payment}`);
    expect(await books.storage.paymentStatistics(scope)).toMatchObject({ total: 0, errorCodes: [] });
  });

  it("says of one user what the rows say", async () => {
    const books = await open();
    await add(books, [{ userId: "a" }, { userId: "a", errorCode: "-31050" }, { userId: "b" }]);
    const ofOne = await books.storage.paymentStatistics(scope, { userId: "a" });
    expect(ofOne).toMatchObject({ total: 2, pending: 2, errorCodes: [{ code: "-31050", count: 1 }] });
  });
}

describe("the count of payments", () => {
  describe("on SQLite", () => {
    rules(inFile);

    it("starts from what an older version has left", async () => {
      const { file, remove } = temporaryFolder();
      onTestFinished(remove);
      const bare = new Database(file);
      const tables = sqliteStorage({ file }).tables;
      for (const sql of stepsBeforeCount(tables, "sqlite")) bare.exec(sql);
      bare.exec(oldPayment("payme_payment"));
      bare.close();
      const storage = sqliteStorage({ file });
      onTestFinished(() => storage.close());
      await storage.migrate();
      expect(await storage.paymentStatistics(scope)).toMatchObject({ total: 1, paid: 1, notified: 1 });
    });
  });

  describeOnPostgres("on PostgreSQL", () => {
    rules(onPostgres);

    it("of 2,000 changes over 16 connections is exact, and its table stays small", async () => {
      const books = await onPostgres();
      const ids = Array.from({ length: 1_000 }, (_, n) => `payment-${n}`);
      await add(
        books,
        ids.map(() => ({})),
      );
      await Promise.all(
        ids.map((id) => books.storage.changePayment(scope, id, { from: ["PENDING"], to: "PAID", at: 5, paidBy: id })),
      );
      expect(await books.storage.paymentStatistics(scope)).toMatchObject({ total: 1_000, paid: 1_000, pending: 0 });
      const [row = {}] = await books.storage.sql.read((executor) =>
        executor.execute(`SELECT COUNT(*) AS rows FROM ${books.payment}_count`, []),
      );
      expect(Number(row.rows)).toBeLessThan(1_500);
    });

    it("of payments that one statement adds, or removes, takes one page", async () => {
      const books = await onPostgres();
      await books.byHand(
        `INSERT INTO ${books.payment} (id, user_id, amount, status, cashbox, mode, held, created_ms, updated_ms, checks)
         SELECT 'payment-' || n, 'user', 500000, CASE n % 2 WHEN 0 THEN 'PAID' ELSE 'PENDING' END,
           '${scope.cashbox}', '${scope.mode}', 0, 1, 1, 0 FROM generate_series(1, 5000) AS n`,
      );
      expect(await books.storage.paymentStatistics(scope)).toMatchObject({ total: 5_000, paid: 2_500, pending: 2_500 });
      await books.byHand(`DELETE FROM ${books.payment} WHERE status = 'PAID'`);
      expect(await books.storage.paymentStatistics(scope)).toMatchObject({ total: 2_500, paid: 0, pending: 2_500 });
      const [size = {}] = await books.storage.sql.read((executor) =>
        executor.execute(`SELECT pg_relation_size('${books.payment}_count') AS bytes`, []),
      );
      expect(Number(size.bytes)).toBe(8_192);
    });

    it("is empty after TRUNCATE", async () => {
      const books = await onPostgres();
      await add(books, [{}, {}]);
      await books.byHand(`TRUNCATE ${books.payment}`);
      expect(await books.storage.paymentStatistics(scope)).toMatchObject({ total: 0, pending: 0 });
    });

    it("starts from what an older version has left", async () => {
      const pool = openPool(await newDatabase());
      onTestFinished(() => pool.end());
      const storage = postgresStorage(pool);
      await pool.query("CREATE SCHEMA payme");
      for (const sql of stepsBeforeCount(storage.tables, "postgres")) await pool.query(sql);
      await pool.query(oldPayment("payme.payme_payment"));
      await storage.migrate();
      expect(await storage.paymentStatistics(scope)).toMatchObject({ total: 1, paid: 1, notified: 1 });
    });
  });
});

/** What migrate() ran before it made the count. */
function stepsBeforeCount(tables: SqlStorage<unknown>["tables"], dialect: "sqlite" | "postgres"): string[] {
  const { part, steps } = ledgerMigrations(tables, dialect);
  const migration = tables.migration;
  return [
    `CREATE TABLE ${migration} (part VARCHAR, step INTEGER, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)`,
    ...steps.slice(0, 2).flat(),
    ...[1, 2].map((step) => `INSERT INTO ${migration} (part, step) VALUES ('${part}', ${step})`),
  ];
}

const oldPayment = (table: string) => `
  INSERT INTO ${table} (id, user_id, amount, status, cashbox, mode, held, created_ms, updated_ms, checks, webhook_received_ms)
  VALUES ('old', 'user', 500000, 'PAID', '${scope.cashbox}', '${scope.mode}', 0, 1, 1, 0, 2)`;
