import fc from "fast-check";
import { som } from "payme-kit";
import { sqlTime } from "payme-kit/adapter";
import { describe, expect, it } from "vitest";
import { paymentRow, scope } from "../ledger/rows";
import { ERROR_RATES, GUIDE_TABLE, SUCCESS_RATE, statementsOf, WEBHOOK_PROCESSING } from "./guide-blocks";
import { type GuideDatabase, guideRows, onBoth } from "./guide-books";

const PAID_AT = Date.UTC(2026, 10, 23, 9, 5, 7, 8);
const PAID_TEXT = "2026-11-23 09:05:07.008";

const SHAPES = {
  sqlite: [
    "SELECT cid, name, type, [notnull], dflt_value, pk FROM pragma_table_info('payment') ORDER BY cid",
    `SELECT l.name AS name, [unique], group_concat(i.name) AS columns
      FROM pragma_index_list('payment') AS l, pragma_index_info(l.name) AS i GROUP BY l.name ORDER BY l.name`,
  ],
  postgres: [
    `SELECT ordinal_position, column_name, data_type, is_nullable, column_default FROM information_schema.columns
      WHERE table_schema = 'public' AND table_name = 'payment' ORDER BY 1`,
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = 'payment' ORDER BY 1",
  ],
};

function rules(open: () => Promise<GuideDatabase>): void {
  async function openTables() {
    const database = await open();
    const { storage } = database.openBooks();
    await storage.migrate();
    /** The guide's row of the only payment. */
    const guideRow = async () => (await guideRows(database))[0];
    return { ...database, storage, guideRow };
  }

  it("has the guide's columns, types, NULLs, defaults and indexes, as printed", async () => {
    const [made, printed] = [await openTables(), await open()];
    for (const sql of statementsOf(GUIDE_TABLE)) await printed.ask(sql);
    for (const sql of SHAPES[made.dialect]) {
      // On PostgreSQL INTEGER ends at 21,474,836 som.
      const expected = JSON.parse(JSON.stringify(await printed.ask(sql)), (_, value) =>
        value?.column_name === "amount" ? { ...value, data_type: "bigint" } : value,
      );
      expect(await made.ask(sql)).toEqual(expected);
      expect(expected.length).toBeGreaterThan(4);
    }
  });

  it("holds times as UTC text to the millisecond, in order with those that SQL writes", async () => {
    const { storage, ask, dialect, guideRow } = await openTables();
    await storage.addPayment(paymentRow({ createdAt: 0, updatedAt: 1 }));
    const change = { from: ["PENDING"], to: "PAID", at: PAID_AT, paidAt: PAID_AT, webhookReceivedAt: PAID_AT } as const;
    await storage.changePayment(scope, "payment-1", change);
    const epoch = dialect === "sqlite" ? "1970-01-01 00:00:00.000" : "1970-01-01 00:00:00";
    expect(await guideRow()).toMatchObject({
      created_at: epoch,
      updated_at: PAID_TEXT,
      paid_at: PAID_TEXT,
      webhook_received_at: PAID_TEXT,
    });
    const at = "'2026-11-23 09:05:07'";
    const moment = dialect === "sqlite" ? `datetime(${at})` : `timestamp ${at}`;
    expect(await ask(`SELECT 1 AS found FROM payment WHERE paid_at > ${moment}`)).toHaveLength(1);
    expect(await ask(`SELECT 1 AS found FROM payment WHERE created_at > ${moment}`)).toHaveLength(0);
  });

  it("writes each time as the server's own times are written", async () => {
    const { storage, ask, dialect } = await openTables();
    const column = dialect === "sqlite" ? "created_at" : "to_char(created_at, 'YYYY-MM-DD HH24:MI:SS.MS')";
    const usual = fc.sample(fc.integer({ min: 0, max: 4e12 }), 150);
    const far = fc.sample(fc.integer({ min: -9e15, max: 9e15 }), 100);
    const edges = [-1, 0, 1, 999, -62_135_596_800_000, -62_135_596_800_001, 253_402_300_799_999, 253_402_300_800_000];
    const times = [...usual, ...far, ...edges];
    await storage.transaction(async (tx) => {
      for (const [n, createdAt] of times.entries()) {
        await storage.using(tx).addPayment(paymentRow({ id: `payment-${n}`, createdAt }));
      }
    });
    const rows = await ask(`SELECT id, ${column} AS time FROM payment`);
    const written = new Map(rows.map(({ id, time }) => [id, time]));
    for (const [n, ms] of times.entries()) expect(written.get(`payment-${n}`), String(ms)).toBe(sqlTime(ms));
  });

  it("keeps each time, also where a change does not set it or a clock ran back", async () => {
    const { storage, guideRow } = await openTables();
    await storage.addPayment(paymentRow({ createdAt: PAID_AT, updatedAt: PAID_AT }));
    await storage.noteNotification(scope, "payment-1", { at: PAID_AT });
    await storage.noteNotification(scope, "payment-1", { at: PAID_AT + 1 });
    const paid = { from: ["PENDING"], to: "PAID", at: 1, paidAt: PAID_AT, webhookReceivedAt: 1 } as const;
    await storage.changePayment(scope, "payment-1", paid);
    await storage.changePayment(scope, "payment-1", { from: ["PAID"], to: "CANCELLED", at: 2 });
    const times = { updated_at: PAID_TEXT, paid_at: PAID_TEXT, webhook_received_at: PAID_TEXT };
    expect(await guideRow()).toMatchObject({ ...times, status: "CANCELLED" });
  });

  it("follows every change, whoever makes it, and is undone with it", async () => {
    const { storage, ask, ours, guideRow } = await openTables();
    const data = { version: 2, tariffId: 3, name: "Premium", price: 5_000_000, durationDays: 30 };
    await storage.addPayment(paymentRow({ kind: "tariff", data }));
    expect(await guideRow()).toMatchObject({ id: "payment-1", status: "PENDING", tariff_id: 3, payme_cheque_id: null });
    const receipt = { transactionId: "receipt-1", chequeId: "cheque-1", payUrl: "https://pay.example" };
    await storage.attachReceipt(scope, "payment-1", { ...receipt, at: PAID_AT, nextCheckAt: PAID_AT });
    const attached = { payme_transaction_id: "receipt-1", payme_cheque_id: "cheque-1", updated_at: PAID_TEXT };
    expect(await guideRow()).toMatchObject(attached);
    const undone = storage.transaction(async (tx) => {
      const failed = { from: ["PENDING"], to: "FAILED", at: PAID_AT, errorCode: "-31630", errorMessage: "no" } as const;
      await storage.using(tx).changePayment(scope, "payment-1", failed);
      throw new Error("undone");
    });
    await expect(undone).rejects.toThrow("undone");
    expect(await guideRow()).toMatchObject({ ...attached, status: "PENDING", payme_error_code: null });
    await ask("UPDATE payment SET payment_method = 'CASH'");
    await ask(`UPDATE ${ours} SET id = 'by-hand', user_id = 'somebody', amount = 7 WHERE id = 'payment-1'`);
    expect(await ask("SELECT id, user_id, tariff_id FROM payment")).toEqual([
      { id: "by-hand", user_id: "somebody", tariff_id: 3 },
    ]);
    await ask(`UPDATE ${ours} SET data = NULL`);
    expect(await guideRow()).toMatchObject({ tariff_id: null });
    await ask(`DELETE FROM ${ours}`);
    expect(await guideRow()).toBeUndefined();
  });

  it("leaves what only the guide's table has, and writes a row again that somebody has removed", async () => {
    const { storage, ask, guideRow } = await openTables();
    await storage.addPayment(paymentRow());
    await ask("UPDATE payment SET payment_method = 'CASH'");
    await storage.noteNotification(scope, "payment-1", { at: PAID_AT });
    expect(await guideRow()).toMatchObject({ payment_method: "CASH", webhook_received_at: PAID_TEXT });
    await ask("DELETE FROM payment");
    await storage.changePayment(scope, "payment-1", { from: ["PENDING"], to: "CANCELLED", at: 2 });
    expect(await guideRow()).toMatchObject({ status: "CANCELLED", payment_method: "PAYME" });
  });

  it.each([
    ["data that is no object", "tariff", [3]],
    ["no tariff in it", "tariff", { name: "Premium" }],
    ["a tariff that is text", "tariff", { tariffId: "3" }],
    ["another kind", "order", { tariffId: 3 }],
    ["no data", "tariff", null],
  ])("a payment of %s is recorded, and names no tariff", async (_name, kind, data) => {
    const { storage, guideRow } = await openTables();
    await storage.addPayment(paymentRow({ kind, data }));
    expect(await guideRow()).toMatchObject({ id: "payment-1", tariff_id: null });
  });

  it.each([
    ["text that PostgreSQL does not read", { tariffId: 3, name: "\u0000 \ud800" }],
    ["a number beyond its column", { tariffId: 2 ** 40 }],
  ])("a payment whose data has %s is recorded all the same", async (_name, data) => {
    const { storage, guideRow } = await openTables();
    await storage.addPayment(paymentRow({ kind: "tariff", data }));
    expect(await storage.findPayment(scope, { id: "payment-1" })).toMatchObject({ data });
    expect(await guideRow()).toMatchObject({ id: "payment-1", status: "PENDING" });
  });

  it("an amount beyond 32 bits is written", async () => {
    const { storage, guideRow } = await openTables();
    await storage.addPayment(paymentRow({ amount: som(90_000_000_000) }));
    expect(Number((await guideRow())?.amount)).toBe(9_000_000_000_000);
  });

  it("answers the guide's own questions as they are printed", async () => {
    const { storage, ask } = await openTables();
    const add = (id: string, row: Parameters<typeof paymentRow>[0]) => storage.addPayment(paymentRow({ id, ...row }));
    await add("1", { status: "PAID", webhookReceivedAt: 1, transactionId: "transaction_id" });
    await add("2", { status: "FAILED", errorCode: "-31630" });
    await add("3", { status: "FAILED", errorCode: "-31630" });
    await add("4", {});
    const [found = {}] = await ask("SELECT * FROM payment WHERE payme_transaction_id = 'transaction_id';");
    expect(found).toMatchObject({ id: "1", status: "PAID", payment_method: "PAYME" });
    expect(Number(found.amount)).toBe(5_000_000);
    expect(numbersOf(await ask(SUCCESS_RATE))).toEqual([
      { total_payments: 4, successful_payments: 1, success_rate: 25 },
    ]);
    expect(numbersOf(await ask(WEBHOOK_PROCESSING))).toEqual([{ total_webhooks: 4, processed_webhooks: 1 }]);
    expect(numbersOf(await ask(ERROR_RATES))).toEqual([{ payme_error_code: -31630, error_count: 2 }]);
  });
}

/** PostgreSQL gives counts as text. */
function numbersOf(rows: readonly Readonly<Record<string, unknown>>[]) {
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)])));
}

describe("the payment table of the guide", () => onBoth(rules));
