import Database from "better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { scope } from "../ledger/rows";
import { withClient } from "../postgres/cluster";
import { olderTables } from "../storage/older-tables";
import { isPostgres, openAt } from "./databases";
import { onEachDatabase } from "./new-database";
import { runWorkers } from "./workers";

/** `MIGRATE_ROWS=100000` makes a long run: so many rows in each table. */
const ROWS = Number(process.env.MIGRATE_ROWS ?? 2_000);
const PROCESSES = 4;
/** The first step that the tables of the first edition do not have. */
const SECOND_EDITION = "ADD COLUMN reference_type";
const ALWAYS = { from: 0, to: Number.MAX_SAFE_INTEGER };

type Run = (sql: string) => Promise<readonly Record<string, unknown>[]>;

/** Runs statements beside our storage: they know none of its rules. */
function runAt<R>(address: string, work: (run: Run) => Promise<R>): Promise<R> {
  if (isPostgres(address)) {
    return withClient(address, async (client) => {
      await client.query("CREATE SCHEMA IF NOT EXISTS payme");
      return work(async (sql) => (await client.query(sql)).rows);
    });
  }
  const database = new Database(address);
  return work(async (sql) => {
    const statement = database.prepare<[], Record<string, unknown>>(sql);
    if (statement.reader) return statement.all();
    statement.run();
    return [];
  }).finally(() => database.close());
}

/**
 * Rows of the first edition. Of ten payments one is open, one failed and one was cancelled unpaid; four are paid and three of the
 * paid ones refunded, through each road. Of ten events one is an open incident, and one a resolved one.
 */
function olderRows(of: (table: "payment" | "transaction" | "event") => string): string[] {
  const { cashbox, mode } = scope;
  const series = `WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < ${ROWS})`;
  const isPaid = "n % 10 >= 3";
  const isRefunded = "n % 10 >= 7";
  const source = "CASE WHEN n % 10 IN (5, 8) THEN 'merchant' WHEN n % 10 IN (6, 9) THEN 'gateway' ELSE 'receipt' END";
  return [
    `${series} INSERT INTO ${of("payment")} (id, user_id, amount, status, tariff_id, data, cashbox, mode, held, created_ms,
        updated_ms, paid_ms, cancelled_ms, paid_by, paid_source, payme_transaction_id, checks)
      SELECT 'payment-' || n, 'user-' || (n % 100), 100000 + n % 997,
        CASE WHEN ${isRefunded} THEN 'CANCELLED' WHEN ${isPaid} THEN 'PAID' WHEN n % 10 = 2 THEN 'CANCELLED' WHEN n % 10 = 1 THEN 'FAILED' ELSE 'PENDING' END,
        CASE WHEN n % 3 = 0 THEN 7 END, CASE WHEN n % 6 = 0 THEN '{"note":"old"}' END, '${cashbox}', '${mode}', 0, n, n,
        CASE WHEN ${isPaid} THEN n + 1 END, CASE WHEN ${isRefunded} OR n % 10 = 2 THEN n + 2 END,
        CASE WHEN ${isPaid} THEN 'payme-' || n END, CASE WHEN ${isPaid} THEN ${source} END,
        CASE WHEN ${source} = 'receipt' THEN 'payme-' || n END, 0
      FROM series`,
    `${series} INSERT INTO ${of("transaction")} (cashbox, mode, payme_id, source, transaction_id, state, order_key, one_time, amount,
        account, time, create_time, perform_time, cancel_time)
      SELECT '${cashbox}', '${mode}', 'payme-' || n, ${source}, 'ours-' || n,
        CASE WHEN ${isRefunded} THEN -2 WHEN ${isPaid} THEN 2 WHEN n % 10 = 0 THEN 1 ELSE -1 END, 'payment-' || n, 1,
        100000 + n % 997, '{}', n, n, 0, 0
      FROM series`,
    `${series} INSERT INTO ${of("event")} (cashbox, mode, kind, subject, at_ms, is_incident, incident_key, resolved_ms, resolved_by)
      SELECT '${cashbox}', '${mode}', CASE WHEN n % 10 < 2 THEN 'double_payment' ELSE 'payment.paid' END, 'payment-' || n, n,
        CASE WHEN n % 10 < 2 THEN 1 ELSE 0 END, CASE WHEN n % 10 < 2 THEN 'key-' || n END,
        CASE WHEN n % 10 = 1 THEN n + 1 END, CASE WHEN n % 10 = 1 THEN 'Aziza' END
      FROM series`,
  ];
}

/** Numbers and sums of all rows, in columns that every edition has. */
const TOTALS = {
  payment: "SELECT status AS name, COUNT(*) AS count, SUM(amount) AS amount FROM table GROUP BY status ORDER BY 1",
  transaction: `SELECT source || ' ' || state AS name, COUNT(*) AS count, SUM(amount) AS amount FROM table
    GROUP BY source, state ORDER BY 1`,
  event: `SELECT kind AS name, COUNT(*) AS count, COUNT(resolved_ms) AS amount FROM table GROUP BY kind ORDER BY 1`,
};

/** Of each road, what was paid, and what of it is refunded. */
const MONEY = `SELECT paid_source AS name, COUNT(*) AS count, SUM(amount) AS amount FROM table
  WHERE paid_ms IS NOT NULL GROUP BY paid_source ORDER BY 1`;
const REFUNDED = MONEY.replace("IS NOT NULL", "IS NOT NULL AND status = 'CANCELLED'");

onEachDatabase((newAddress) => {
  it(`${PROCESSES} processes that start at once bring ${ROWS} rows of the first edition along: sums are equal, what was called refunded is refunding until Payme is asked`, {
    timeout: 600_000,
  }, async () => {
    const address = await newAddress();
    const { storage, close } = openAt(address);
    onTestFinished(close);
    const of = (table: keyof typeof TOTALS) => storage.tables[table];
    const dialect = isPostgres(address) ? "postgres" : "sqlite";
    const sums = (run: Run) => async (table: keyof typeof TOTALS, sql: string) =>
      (await run(sql.replace("FROM table", `FROM ${of(table)}`))).map(({ name, count, amount }) => ({
        name: String(name),
        count: Number(count),
        amount: Number(amount),
      }));
    const all = async (run: Run) => [
      await sums(run)("payment", TOTALS.payment),
      await sums(run)("transaction", TOTALS.transaction),
      await sums(run)("event", TOTALS.event),
    ];
    const before = await runAt(address, async (run) => {
      for (const sql of [...olderTables({ tables: storage.tables, dialect }, SECOND_EDITION), ...olderRows(of)])
        await run(sql);
      return {
        all: await all(run),
        paid: await sums(run)("payment", MONEY),
        refunded: await sums(run)("payment", REFUNDED),
      };
    });

    const started = Date.now();
    const ended = await runWorkers(
      "./migrate-worker.ts",
      Array.from({ length: PROCESSES }, () => [address]),
    );
    const seconds = (Date.now() - started) / 1_000;
    expect(ended).toEqual(Array.from({ length: PROCESSES }, () => "migrated"));

    expect(await runAt(address, all)).toEqual(before.all);
    const totals = await storage.paymentTotals(scope, ALWAYS);
    const moneyOf = (name: string, member: "paid" | "refunded" | "refunding") => ({
      name,
      ...totals.find(({ source }) => source === name)?.[member],
    });
    expect(before.paid.map(({ name }) => moneyOf(name, "paid"))).toEqual(before.paid);
    // Payme takes the money of a Merchant transaction back at once; of a receipt nobody wrote down that it did.
    const none = { count: 0, amount: 0 };
    for (const { name, count, amount } of before.refunded) {
      const [done, queued] = name === "merchant" ? [{ count, amount }, none] : [none, { count, amount }];
      expect(moneyOf(name, "refunded")).toEqual({ name, ...done });
      expect(moneyOf(name, "refunding")).toEqual({ name, ...queued });
    }
    expect(before.refunded.map(({ name }) => name)).toEqual(["gateway", "merchant", "receipt"]);
    const asked = await storage.listDue(scope, { before: Number.MAX_SAFE_INTEGER, limit: ROWS });
    expect(asked).toHaveLength(totals.reduce((sum, { refunding }) => sum + refunding.count, 0));
    expect(asked.every(({ refund, status }) => refund === "queued" && status === "CANCELLED")).toBe(true);
    const counted = await storage.paymentStatistics(scope);
    expect(counted).toMatchObject({ total: ROWS, paid: ROWS * 0.4, cancelled: ROWS * 0.4, incidents: ROWS / 10 });
    if (process.env.MIGRATE_ROWS) console.info(dialect, `${seconds} s`, JSON.stringify({ ...before, totals }));
  });
});
