import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { largeBooks } from "../../bench/large-books";
import { recordingSeam, type Sent } from "../../bench/recorded-seam";
import { incidentKinds, type Verbs } from "../../src/ledger";
import { postgresStorage } from "../../src/storage/postgres/postgres-storage";
import { sqlStorage } from "../../src/storage/sql/sql-storage";
import { paymentRow, scope, transactionRow } from "../ledger/rows";
import { describeOnPostgres, newDatabase, openPool } from "../postgres/database";
import { type SqliteKit, sqliteKit } from "./kits";

const times = { at: 2, nextCheckAt: 3 };
const receipt = { transactionId: "receipt-1", chequeId: "cheque-1", payUrl: "https://pay.example" };

/** Every verb, each on the way that runs most of its statements. */
const calls: { readonly [Verb in keyof Verbs]: (verbs: Verbs) => Promise<unknown> } = {
  findTransaction: (verbs) => verbs.findTransaction(scope, "payme-1"),
  findTransactions: (verbs) => verbs.findTransactions(scope, ["payme-1", "payme-2"]),
  searchPayments: (verbs) => verbs.searchPayments(scope, { text: "user-1", limit: 9 }),
  paymentDays: (verbs) => verbs.paymentDays(scope, { from: 0, to: 9 }),
  findLiveByOrder: (verbs) => verbs.findLiveByOrder(scope, "order-1"),
  listTransactions: (verbs) =>
    verbs.listTransactions(scope, { from: 0, to: 9, after: { time: 1, id: "payme-1" }, limit: 9 }),
  listExpired: (verbs) => verbs.listExpired(scope, { before: 9, limit: 9 }),
  addTransaction: (verbs) => verbs.addTransaction(transactionRow({ paymeId: "payme-2" })),
  changeTransaction: (verbs) => verbs.changeTransaction(scope, "payme-1", { from: 2, to: -2, at: 1 }),
  moveOrders: async (verbs) => {
    await verbs.addTransaction(transactionRow({ paymeId: "payme-3", orderSpace: "shared" }));
    await verbs.moveOrders(scope, "shared");
    await verbs.moveOrders(scope, "other");
  },
  saveFiscalData: async (verbs) => {
    for (const type of ["PERFORM", "CANCEL"] as const) await verbs.saveFiscalData(scope, "payme-1", type, {});
  },
  addPayment: async (verbs) => {
    const row = paymentRow({ id: "payment-2", reference: "order-1" });
    await verbs.addPayment(row, { freeReferenceBefore: 1 });
    // The bound is reached: all its statements run.
    await verbs.addPayment({ ...row, reference: null }, { mostOpen: 1 });
  },
  findPayment: async (verbs) => {
    for (const key of [
      { id: "none" },
      { paymeId: "none" },
      { reference: "none" },
      { reference: "none", paid: true as const },
    ])
      await verbs.findPayment(scope, key);
  },
  changePayment: (verbs) => verbs.changePayment(scope, "payment-1", { from: ["PAID"], to: "CANCELLED", at: 1 }),
  attachReceipt: async (verbs) => {
    for (let time = 0; time < 2; time += 1) await verbs.attachReceipt(scope, "payment-1", { ...receipt, ...times });
  },
  requestCancel: async (verbs) => {
    for (let time = 0; time < 2; time += 1) await verbs.requestCancel(scope, "payment-1", { ...times, from: ["PAID"] });
  },
  withdrawCancel: async (verbs) => {
    for (let time = 0; time < 2; time += 1) await verbs.withdrawCancel(scope, "payment-1", times);
  },
  claimCharge: (verbs) => verbs.claimCharge(scope, "none", { at: 1, until: 2 }),
  releaseCharge: (verbs) => verbs.releaseCharge(scope, "none", { ...times, until: 2 }),
  noteNotification: (verbs) => verbs.noteNotification(scope, "payment-1", { at: 1 }),
  scheduleCheck: (verbs) => verbs.scheduleCheck(scope, "none", { ...times, held: false }),
  claimDuePayments: (verbs) => verbs.claimDuePayments(scope, { now: 9, leaseUntil: 10, limit: 9 }),
  listPending: (verbs) => verbs.listPending(scope, { before: 9, after: { time: 1, id: "payment-1" }, limit: 9 }),
  listPaid: (verbs) => verbs.listPaid(scope, { from: 0, to: 9, after: { time: 1, id: "payment-1" }, limit: 9 }),
  listDue: (verbs) => verbs.listDue(scope, { before: 9, after: { time: 1, id: "payment-1" }, limit: 9 }),
  appendEvents: async (verbs) => {
    const event = { ...scope, subject: "payment-1", paymeId: "payme-1", at: 1 };
    const closing = { ...event, kinds: ["effect_failed"], by: "me", note: "" } as const;
    // Nothing is open; then something is.
    await verbs.appendEvents([{ ...event, kind: "payment.paid" }], closing);
    await verbs.appendEvents([{ ...event, kind: "effect_failed" }]);
    await verbs.appendEvents([{ ...event, kind: "payment.paid" }], closing);
  },
  claimEvents: (verbs) => verbs.claimEvents(scope, { now: 9, leaseUntil: 10, token: "token", limit: 9 }),
  closeEvent: async (verbs) => {
    await verbs.closeEvent(scope, 99, { result: "delivered", token: "token", at: 1 });
    await verbs.closeEvent(scope, 99, { result: "resolved", by: "me", note: "", at: 1 });
    await verbs.closeEvent(scope, 99, { result: "requeued", deliverAt: 1 });
  },
  listEvents: async (verbs) => {
    await verbs.listEvents(scope, { subject: "payment-1", limit: 9 });
    await verbs.listEvents(scope, { subject: "payment-1", kinds: ["payment.paid"], after: 1, limit: 9 });
    await verbs.listEvents(scope, { open: true, limit: 9 });
    await verbs.listEvents(scope, { kinds: incidentKinds, limit: 9 });
    await verbs.listEvents(scope, { kinds: ["double_payment"], open: true, limit: 9 });
    await verbs.listEvents(scope, { parked: true, limit: 9 });
  },
  paymentTotals: (verbs) => verbs.paymentTotals(scope, { from: 0, to: 9 }),
  paymentStatistics: async (verbs) => {
    await verbs.paymentStatistics(scope);
    await verbs.paymentStatistics(scope, { userId: "user-1" });
    await verbs.paymentStatistics(scope, { from: 1, to: 9 });
  },
};

/** The statements that a call runs on rows that it meets, and how SQLite finds their rows. */
async function plansOf(
  run: (storage: SqliteKit["storage"]) => Promise<unknown>,
): Promise<{ statements: string[]; plans: string[] }> {
  const statements: string[] = [];
  let isRecording = false;
  const kit = await sqliteKit({
    open(file) {
      const database = new Database(file);
      return {
        close: () => database.close(),
        exec: (sql) => database.exec(sql),
        get inTransaction() {
          return database.inTransaction;
        },
        prepare(sql) {
          const statement = database.prepare<unknown[]>(sql);
          return {
            run: (...params) => note(sql, () => statement.run(...params)),
            get: (...params) => note(sql, () => statement.get(...params)),
            all: (...params) => note(sql, () => statement.all(...params)),
          };
        },
      };
    },
  });
  function note<Result>(sql: string, run: () => Result): Result {
    if (isRecording) statements.push(sql);
    return run();
  }
  onTestFinished(() => kit.close());
  await kit.storage.migrate();
  await kit.storage.addPayment(paymentRow({ reference: "order-1", nextCheckAt: 1 }));
  await kit.storage.addTransaction(transactionRow());
  isRecording = true;
  await run(kit.storage);
  const bare = new Database(kit.file);
  onTestFinished(() => void bare.close());
  const plans = statements.flatMap((sql) => {
    const params = [...sql.matchAll(/\?/g)].map(() => null);
    return bare
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...params)
      .map((step) => String(Reflect.get(Object(step), "detail")));
  });
  return { statements, plans };
}

/** Those that sort what they found: the payments of one reference, the messages that are not delivered, refunds by source, a user's by kind. */
const SORTS: readonly (keyof Verbs)[] = [
  ...(["findPayment", "findTransactions", "searchPayments", "listPaid", "claimEvents"] as const),
  ...(["paymentTotals", "paymentDays", "paymentStatistics"] as const),
];

/** What was found by an index, at most a limit, is read from the beginning to the end; and days and sources are few. */
const FOUND = /^SCAN (by_\w+|days|sources|\d CONSTANT ROWS)$/;

/** How many statements a verb takes where it is held back, without BEGIN and COMMIT. Where it wins: one, and one more to free a reference. */
const STATEMENTS: Partial<Record<keyof Verbs, number>> = {
  changePayment: 2,
  changeTransaction: 2,
  addTransaction: 3,
  // 4 for its reference, and 3 for the bound of its user.
  addPayment: 7,
  // 3 events, and 2 closings.
  appendEvents: 5,
};

/** Indexes of few rows: of what is open, undelivered or counted. */
const SMALL = /idx_payme_(event_undelivered|event_incidents|payment_refunding)|payme_payment_count/;

const verbs = Object.keys(calls).filter((verb): verb is keyof Verbs => verb in calls);

describe("every verb finds its rows by an index, however many rows there are", () => {
  it.each(verbs)("%s", async (verb) => {
    const { statements, plans } = await plansOf(calls[verb]);
    expect(statements.length).toBeGreaterThan(0);
    // A row of parameters is no table.
    expect(plans.filter((detail) => /^SCAN (?!CONSTANT)/.test(detail) && !FOUND.test(detail))).toEqual([]);
    expect(plans.filter((detail) => detail.includes("(rowid>?)"))).toEqual([]);
    // All rows of a cashbox are as many as all rows. What only has open rows, or counts, is small.
    const whole = plans.filter((detail) => detail.endsWith("(cashbox=? AND mode=?)") && !SMALL.test(detail));
    if (verb !== "moveOrders") expect(whole).toEqual([]);
    if (!SORTS.includes(verb)) expect(plans.filter((detail) => detail.includes("TEMP B-TREE"))).toEqual([]);
  });

  it("listEvents of what is due sorts the undelivered messages, as a claim does", async () => {
    const { plans } = await plansOf((verbs) => verbs.listEvents(scope, { due: 9, limit: 9 }));
    expect(plans.join()).toContain("USING INDEX idx_payme_event_undelivered");
    expect(plans.filter((detail) => detail.startsWith("SCAN") || detail.includes("(rowid>?)"))).toEqual([]);
  });

  it("this test can see a scan", async () => {
    const sql = 'SELECT id FROM "payme_payment" WHERE amount = $1::bigint';
    const { plans } = await plansOf((storage) => storage.sql.read((executor) => executor.execute(sql, [1])));
    expect(plans.filter((detail) => detail.startsWith("SCAN"))).not.toEqual([]);
  });

  it.each(Object.entries(STATEMENTS))(
    "%s takes at most %i statements, also when it is held back",
    async (name, count) => {
      const verb = verbs.find((each) => each === name);
      const { statements } = await plansOf(calls[verb ?? "findPayment"]);
      expect(statements).toHaveLength(count);
    },
  );
});

/** Read whole: the counts of payments are few, and so is what PostgreSQL makes of a list or of a part of the statement. */
const MAY_SCAN = /^Seq Scan on (payme_payment_count|days|sources)/;

describeOnPostgres("on PostgreSQL, too", () => {
  it("every verb finds its rows by an index", { timeout: 60_000 }, async () => {
    const pool = openPool(await newDatabase());
    onTestFinished(() => pool.end());
    const sent: Sent[] = [];
    const recorder = { on: false };
    const storage = sqlStorage(recordingSeam(postgresStorage(pool).sql, sent, recorder));
    await storage.migrate();
    // Every second payment is open: what is open need not be few.
    for (const sql of largeBooks("postgres", storage.tables, 5_000))
      await pool.query(sql.replaceAll("'live'", "'test'"));
    await pool.query(
      `UPDATE ${storage.tables.payment} SET status = 'PENDING', paid_ms = NULL WHERE CAST(paid_by AS BIGINT) % 2 = 0`,
    );
    await storage.addPayment(paymentRow({ reference: "order-1", nextCheckAt: 1 }));
    await storage.addTransaction(transactionRow());
    await pool.query("ANALYZE");
    const client = await pool.connect();
    onTestFinished(() => client.release());
    // Then it reads a table whole only where no index helps.
    await client.query("SET enable_seqscan = off");
    const plansOf = async (run: (verbs: Verbs) => Promise<unknown>) => {
      sent.length = 0;
      recorder.on = true;
      await run(storage);
      recorder.on = false;
      const lines: string[] = [];
      for (const { text, params } of sent) {
        const { rows } = await client.query(`EXPLAIN (COSTS OFF) ${text}`, [...params]);
        lines.push(...rows.map((row) => String(Object(row)["QUERY PLAN"]).trim().replace(/^-> +/, "")));
      }
      return lines;
    };
    const whole: [verb: string, step: string][] = [];
    for (const verb of verbs) {
      const lines = await plansOf(calls[verb]);
      expect(lines.length, verb).toBeGreaterThan(0);
      const found = lines.filter((line) => /^Seq Scan/.test(line) && !MAY_SCAN.test(line));
      const ofCashbox = lines.filter((line, at) => isOfCashbox(line) && !SMALL.test(lines[at - 1] ?? ""));
      whole.push(
        ...[...found, ...(verb === "moveOrders" ? [] : ofCashbox)].map((line) => [verb, line] as [string, string]),
      );
    }
    expect(whole).toEqual([]);
    const seen = await plansOf(() =>
      storage.sql.read((executor) =>
        executor.execute(`SELECT id FROM ${storage.tables.payment} WHERE amount = $1::bigint`, [1]),
      ),
    );
    expect(seen.join()).toContain("Seq Scan");
  });
});

/** True where of an index only the cashbox and the mode are used: that is all rows. */
function isOfCashbox(line: string): boolean {
  return /^Index Cond: \(\(+cashbox\)?(::text)? = [^()]+\) AND \(+mode\)?(::text)? = [^()]+\)\)$/.test(line);
}
