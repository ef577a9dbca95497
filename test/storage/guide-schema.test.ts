import { describe, expect, it, onTestFinished } from "vitest";
import { paymentRow, scope } from "../ledger/rows";
import { sqliteKit } from "./kits";

const PAID_AT = Date.UTC(2026, 10, 23, 9, 5, 7, 8);

/** A database with the guide's table names, and `all` to ask it as a person would. */
async function openGuideDatabase() {
  const { default: Database } = await import("better-sqlite3");
  const kit = await sqliteKit({ tables: { payment: "payment" } });
  onTestFinished(() => kit.close());
  await kit.storage.migrate();
  const database = new Database(kit.file);
  onTestFinished(() => void database.close());
  const all = (sql: string) => database.prepare(sql).all();
  return { storage: kit.storage, all, run: (sql: string) => database.exec(sql) };
}

describe("the payment table, by the guide's name", () => {
  it("has the guide's columns, types, NULLs and defaults first", async () => {
    const { all } = await openGuideDatabase();
    const columns = all("SELECT name, type, [notnull], dflt_value, pk FROM pragma_table_info('payment')");
    const printed = columns.slice(0, 14).map((column) => Object.values(Object(column)));
    expect(printed).toEqual([
      ["id", "VARCHAR", 0, null, 1],
      ["user_id", "VARCHAR", 1, null, 0],
      // The guide prints INTEGER; in SQLite both are the same 64 bits, on PostgreSQL INTEGER would be too small.
      ["amount", "BIGINT", 1, null, 0],
      ["status", "VARCHAR", 0, "'PENDING'", 0],
      ["created_at", "TIMESTAMP", 0, "CURRENT_TIMESTAMP", 0],
      ["paid_at", "TIMESTAMP", 0, null, 0],
      ["payme_transaction_id", "VARCHAR", 0, null, 0],
      ["payme_cheque_id", "VARCHAR", 0, null, 0],
      ["tariff_id", "INTEGER", 0, null, 0],
      ["payment_method", "VARCHAR", 0, "'PAYME'", 0],
      ["payme_error_code", "VARCHAR", 0, null, 0],
      ["payme_error_message", "VARCHAR", 0, null, 0],
      ["updated_at", "TIMESTAMP", 0, null, 0],
      ["webhook_received_at", "TIMESTAMP", 0, null, 0],
    ]);
  });

  it("has the guide's four indexes", async () => {
    const { all } = await openGuideDatabase();
    const indexes = all(`
      SELECT l.name AS name, group_concat(i.name) AS columns
      FROM pragma_index_list('payment') AS l, pragma_index_info(l.name) AS i GROUP BY l.name`);
    for (const column of ["user_id", "payme_transaction_id", "status", "created_at"]) {
      expect(indexes).toContainEqual({ name: `idx_payment_${column}`, columns: column });
    }
  });

  it("holds times as UTC text to the millisecond, in order with those that SQL writes", async () => {
    const { storage, all } = await openGuideDatabase();
    await storage.addPayment(paymentRow({ createdAt: 0, updatedAt: 1 }));
    const change = { from: ["PENDING"], to: "PAID", at: PAID_AT, paidAt: PAID_AT, webhookReceivedAt: PAID_AT } as const;
    await storage.changePayment(scope, "payment-1", change);
    const text = "2026-11-23 09:05:07.008";
    expect(all("SELECT created_at, updated_at, paid_at, webhook_received_at FROM payment")).toEqual([
      { created_at: "1970-01-01 00:00:00.000", updated_at: text, paid_at: text, webhook_received_at: text },
    ]);
    expect(all("SELECT 1 AS found FROM payment WHERE paid_at > datetime('2026-11-23 09:05:07')")).toHaveLength(1);
    expect(all("SELECT julianday(paid_at) - julianday(created_at) > 20000 AS later FROM payment")).toEqual([
      { later: 1 },
    ]);
  });

  it("keeps each time beside its milliseconds, also where a change does not set it or a clock ran back", async () => {
    const { storage, all } = await openGuideDatabase();
    const text = "2026-11-23 09:05:07.008";
    await storage.addPayment(paymentRow({ createdAt: PAID_AT, updatedAt: PAID_AT }));
    await storage.noteNotification(scope, "payment-1", { at: PAID_AT });
    await storage.noteNotification(scope, "payment-1", { at: PAID_AT + 1 });
    const paid = { from: ["PENDING"], to: "PAID", at: 1, paidAt: PAID_AT, webhookReceivedAt: 1 } as const;
    await storage.changePayment(scope, "payment-1", paid);
    await storage.changePayment(scope, "payment-1", { from: ["PAID"], to: "CANCELLED", at: 2 });
    expect(all("SELECT updated_at, paid_at, webhook_received_at FROM payment")).toEqual([
      { updated_at: text, paid_at: text, webhook_received_at: text },
    ]);
  });

  it("answers the guide's own questions as they are printed", async () => {
    const { storage, all } = await openGuideDatabase();
    const add = (id: string, row: Parameters<typeof paymentRow>[0]) => storage.addPayment(paymentRow({ id, ...row }));
    await add("1", { status: "PAID", webhookReceivedAt: 1, transactionId: "transaction_id" });
    await add("2", { status: "FAILED", errorCode: "-31630" });
    await add("3", { status: "FAILED", errorCode: "-31630" });
    await add("4", {});
    expect(all("SELECT * FROM payment WHERE payme_transaction_id = 'transaction_id';")).toMatchObject([
      { id: "1", status: "PAID", amount: 5_000_000, payment_method: "PAYME" },
    ]);
    const rate = `
      SELECT
        COUNT(*) as total_payments,
        COUNT(CASE WHEN status = 'PAID' THEN 1 END) as successful_payments,
        (COUNT(CASE WHEN status = 'PAID' THEN 1 END) * 100.0 / COUNT(*)) as success_rate
      FROM payment;`;
    expect(all(rate)).toEqual([{ total_payments: 4, successful_payments: 1, success_rate: 25 }]);
    const webhooks = `
      SELECT
        COUNT(*) as total_webhooks,
        COUNT(CASE WHEN webhook_received_at IS NOT NULL THEN 1 END) as processed_webhooks
      FROM payment;`;
    expect(all(webhooks)).toEqual([{ total_webhooks: 4, processed_webhooks: 1 }]);
    const errors = `
      SELECT
        payme_error_code,
        COUNT(*) as error_count
      FROM payment
      WHERE payme_error_code IS NOT NULL
      GROUP BY payme_error_code;`;
    expect(all(errors)).toEqual([{ payme_error_code: "-31630", error_count: 2 }]);
  });

  it("refuses what must not be, whoever writes it", async () => {
    const { storage, run } = await openGuideDatabase();
    const named = (id: string) => paymentRow({ id, reference: "order-1" });
    await storage.addPayment(named("first"));
    await storage.addPayment({ ...named("second"), status: "FAILED" });
    expect(() => run("UPDATE payment SET status = 'PENDING' WHERE id = 'second'")).toThrow("UNIQUE");
  });
});
