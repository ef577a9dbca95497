import type { SqlStorage } from "payme-kit/adapter";
import { tariffIdOf } from "payme-kit/tariffs";
import { describe, expect, it } from "vitest";
import { migrateWithGuide } from "../../examples/express-wedy/src/guide-tables";
import { paymentRow, scope } from "../ledger/rows";
import { GUIDE_COLUMNS, olderTables } from "../storage/older-tables";
import { type GuideDatabase, guideRows, onBoth } from "./guide-books";

const ROWS = 3_000;
const HOSTILE = ["'; DROP TABLE payment; --", 'a "name" of \\ $body$ $1', "قيمة 🧾\nline", "%' OR idx_payment_", ""];
const STATUSES = ["PAID", "CANCELLED", "FAILED", "PENDING", "REFUNDED"] as const;
/** The step before which no payment had a kind. */
const KINDS = "ADD COLUMN kind";

const quote = (value: string | number | null) =>
  value === null ? "NULL" : typeof value === "number" ? String(value) : `'${value.replaceAll("'", "''")}'`;

/** Row `n` of an earlier version: paid, refunded, failed, open, cancelled; of a tariff, with each form of `data`, or of none. */
function rowOf(n: number): Record<string, string | number | null> {
  const kind = STATUSES[n % STATUSES.length];
  const hostile = HOSTILE[n % HOSTILE.length] ?? "";
  const tariffId = n % 3 === 0 ? null : (n % 7) + 1;
  const created = 1_700_000_000_000 + n * 977;
  const paid = kind === "PAID" || kind === "REFUNDED" ? created + 1 : null;
  const notified = n % 4 === 0 ? created + 2 : null;
  const snapshot = { tariffId, name: hostile, durationDays: 30 };
  const datas = [
    null,
    { ...snapshot, price: 50_000 },
    { version: 2, ...snapshot, price: 5_000_000 },
    { note: hostile },
    [n],
  ];
  const data = tariffId === null ? { tariffId: 9 } : (datas[n % datas.length] ?? null);
  return {
    id: `payment-${n}`,
    user_id: `user ${hostile} ${n % 10}`,
    amount: 5_000_000 + n,
    status: kind === "REFUNDED" ? "CANCELLED" : (kind ?? "PENDING"),
    created_at: timeText(created),
    paid_at: timeText(paid),
    payme_transaction_id: n % 5 === 4 ? null : `receipt-${n}`,
    payme_cheque_id: n % 2 === 0 ? null : `cheque ${hostile}`,
    tariff_id: tariffId,
    payment_method: n % 11 === 0 ? "CASH" : "PAYME",
    payme_error_code: kind === "FAILED" ? "-31630" : null,
    payme_error_message: kind === "FAILED" ? hostile : null,
    updated_at: timeText(created + 3),
    webhook_received_at: timeText(notified),
    cashbox: scope.cashbox,
    mode: scope.mode,
    reference: `reference ${hostile} ${n}`,
    description: hostile,
    data: data === null ? null : JSON.stringify(data),
    paid_by: paid === null ? null : `receipt-${n}`,
    paid_source: paid === null ? null : "gateway",
    held: 0,
    created_ms: created,
    updated_ms: created + 3,
    paid_ms: paid,
    cancelled_ms: kind === "CANCELLED" || kind === "REFUNDED" ? created + 3 : null,
    webhook_received_ms: notified,
    checks: n % 3,
  };
}

function timeText(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString().replace("T", " ").slice(0, 23);
}

/** Makes the database of an earlier version, whose `payment` was the guide's and ours, with rows in it. */
async function makeEarlier({ dialect, earlier, ask }: GuideDatabase, before: string, count = ROWS): Promise<void> {
  if (dialect === "postgres") await ask("CREATE SCHEMA payme");
  for (const sql of olderTables({ tables: earlier, dialect }, before)) await ask(sql);
  for (let first = 0; first < count; first += 500) {
    const rows = Array.from({ length: Math.min(500, count - first) }, (_, n) => rowOf(first + n)).map((row) =>
      before === KINDS ? row : { ...row, kind: row.tariff_id === null ? "order" : "tariff" },
    );
    const values = rows.map((row) => `(${Object.values(row).map(quote).join(", ")})`);
    await ask(`INSERT INTO payment (${Object.keys(rows[0] ?? {}).join(", ")}) VALUES ${values.join(", ")}`);
  }
}

const indexesOf = async ({ dialect, ask }: GuideDatabase) =>
  (
    await ask(
      dialect === "sqlite"
        ? "SELECT tbl_name || '.' || name AS name FROM sqlite_master WHERE type = 'index' ORDER BY 1"
        : "SELECT schemaname || '.' || tablename || '.' || indexname AS name FROM pg_indexes WHERE schemaname IN ('payme', 'public') ORDER BY 1",
    )
  ).map(({ name }) => name);

/** What the count says, and what the rows say. */
async function assertCounted({ storage }: ReturnType<GuideDatabase["openBooks"]>, { ask }: GuideDatabase) {
  const counts = await ask("SELECT status, COUNT(*) AS count FROM payment GROUP BY status");
  const count = (status: string) => Number(counts.find((row) => row.status === status)?.count ?? 0);
  expect(await storage.paymentStatistics(scope)).toMatchObject({
    paid: count("PAID"),
    pending: count("PENDING"),
    failed: count("FAILED"),
    cancelled: count("CANCELLED"),
  });
}

function rules(open: () => Promise<GuideDatabase>): void {
  it.each([KINDS, GUIDE_COLUMNS])("every row of a database from before «%s» stays as it was", async (before) => {
    const database = await open();
    await makeEarlier(database, before);
    const rows = await guideRows(database);
    expect(rows).toHaveLength(ROWS);
    // Three processes that start at once.
    const [books, ...others] = [database.openBooks(), database.openBooks(), database.openBooks()];
    await Promise.all([books, ...others].map(({ storage }) => storage.migrate()));
    expect(await guideRows(database)).toEqual(rows);
    await assertCounted(books, database);
    for (const row of rows.slice(0, 200)) {
      const found = await books.storage.findPayment(scope, { id: String(row.id) });
      expect(found && tariffIdOf(found)).toBe(row.tariff_id);
      expect(found).toMatchObject({ userId: row.user_id, status: row.status, checks: expect.any(Number) });
    }
    // Both tables are in step from here on, and so is the count.
    const id = String(rows.find(({ status }) => status === "PENDING")?.id);
    await books.storage.changePayment(scope, id, { from: ["PENDING"], to: "FAILED", at: 1, errorCode: "x" });
    expect(await database.ask(`SELECT status, payme_error_code FROM payment WHERE id = '${id}'`)).toEqual([
      { status: "FAILED", payme_error_code: "x" },
    ]);
    await assertCounted(books, database);
    const now = await guideRows(database);
    await books.storage.migrate();
    expect(await guideRows(database)).toEqual(now);
  });

  it("payments that were booked before there was the guide's table are in it", async () => {
    const database = await open();
    await database.storage.migrate();
    const data = { version: 2, tariffId: 3, name: "Premium", price: 5_000_000, durationDays: 30 };
    await database.storage.addPayment(paymentRow({ kind: "tariff", data, errorMessage: "it's \\ $1" }));
    await database.openBooks().storage.migrate();
    const row = { id: "payment-1", tariff_id: 3, payment_method: "PAYME", payme_error_message: "it's \\ $1" };
    expect(await guideRows(database)).toMatchObject([row]);
  });

  it("leaves the indexes that a new database has", async () => {
    const [old, fresh] = [await open(), await open()];
    await makeEarlier(old, KINDS, 10);
    for (const database of [old, fresh]) await database.openBooks().storage.migrate();
    expect(await indexesOf(old)).toEqual(await indexesOf(fresh));
  });

  it.each(["the tables are renamed", "ours are up to date", "the triggers are made"])(
    "a crash just before the commit in which %s loses nothing, and the next start goes on",
    async (step) => {
      const database = await open();
      await makeEarlier(database, KINDS, 200);
      const rows = await guideRows(database);
      await expect(migrateUntil(step, database)).rejects.toThrow("crashed");
      expect(await guideRows(database)).toEqual(rows);
      const next = database.openBooks();
      await next.storage.migrate();
      expect(await guideRows(database)).toEqual(rows);
      await assertCounted(next, database);
      await next.storage.changePayment(scope, "payment-3", { from: ["PENDING"], to: "CANCELLED", at: 1 });
      expect(await database.ask("SELECT status FROM payment WHERE id = 'payment-3'")).toEqual([
        { status: "CANCELLED" },
      ]);
    },
  );
}

/** Runs the migration with a crash in it: what was not committed is undone, and nothing follows. */
async function migrateUntil(step: string, { storage, guide }: GuideDatabase): Promise<void> {
  let commits = 0;
  const crash = async () => {
    throw new Error("crashed");
  };
  const crashing: SqlStorage<unknown> = {
    ...storage,
    migrate: step === "ours are up to date" ? crash : storage.migrate,
    sql: {
      ...storage.sql,
      transaction(work, options) {
        commits += 1;
        const isCrash = commits === (step === "the tables are renamed" ? 1 : 2);
        return storage.sql.transaction(async (tx) => {
          const result = await work(tx);
          return isCrash ? crash() : result;
        }, options);
      },
    },
  };
  await migrateWithGuide(crashing, guide);
}

describe("a database of the Wedy server in which payment was our table, too", () => onBoth(rules));
