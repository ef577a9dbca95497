import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createMerchantApi, createPayments, type PaymentRow, parseWebhook, som } from "payme-kit";
import type { SqlStorage } from "payme-kit/adapter";
import { postgresStorage } from "payme-kit/postgres";
import { sqliteStorage } from "payme-kit/sqlite";
import { signTestWebhook } from "payme-kit/testing";
import { findPostgres } from "../test/postgres/binaries";
import { NO_POSTGRES, startCluster } from "../test/postgres/cluster";
import { compare, print } from "./compare";
import { EVERY_MS, largeBooks, paymeIdOf, START } from "./large-books";
import { openPool } from "./open-pool";
import { openBare } from "./recorded";

const KEY = "live-key-of-36-characters-0123456789";
const SECRET = "a-secret-of-the-gateway";
const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: "string" } } });
/** Rows in the books; others can be given as arguments. */
const given = positionals.map(Number);
const [SMALLEST = 10_000, ...LARGER] = given.length > 1 ? given : [10_000, 1_000_000, 5_000_000];
/** What a run of the rounds settles at most. */
const PENDING = 40_000;
const LINES = 1_000;
const authorization = `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}`;

/** What is the same work, however much lies in the books. */
type Work = "settle" | "find" | "page" | "statistics" | "user" | "day" | "due";

const TITLES: Readonly<Record<Work, string>> = {
  settle: "a notification settled",
  find: "a payment found by its Payme id, and its transaction",
  page: `a statement of ${LINES} lines`,
  statistics: "statistics of all payments",
  user: "statistics of one user",
  day: "the sums of an hour",
  due: "a look for payments that are due",
};

/** Looks at one row anywhere: done so often first that its pages are in memory, for how fast a disk fills it is not the question. */
const WARM_UP: Partial<Readonly<Record<Work, number>>> = { find: 20_000, user: 20_000 };

/** Books of a size, and the work that is measured on them. */
interface Books {
  readonly work: Readonly<Record<Work, () => Promise<unknown>>>;
  /** A statement over everything: its lines, and by how many bytes the heap grew at most. */
  wholeStatement(): Promise<{ lines: number; grownBytes: number }>;
  close(): Promise<void>;
}

if (values.only !== "postgres") await onSqlite();
if (values.only !== "sqlite") await onPostgres();

async function onSqlite(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "payme-kit-scale-"));
  try {
    await measure("SQLite", async (size) => {
      const file = join(folder, `${size}.db`);
      const storage = sqliteStorage({ file });
      return openBooks(storage, size, async (sql) => openBare(file).exec(sql).close());
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function onPostgres(): Promise<void> {
  if (findPostgres() === undefined) return console.log(`skipped: PostgreSQL (${NO_POSTGRES})`);
  // A quarter of the memory, as PostgreSQL's manual advises for a server of its own.
  const cluster = await startCluster({ sharedBuffersMb: Math.round(totalmem() / 4 / 2 ** 20) });
  try {
    await measure("PostgreSQL", async (size) => {
      const pool = openPool(await cluster.createDatabase(), 4);
      // While millions of rows go to the disk, a thousand payments more take a while.
      const storage = postgresStorage(pool, { transactionTimeoutMs: 120_000 });
      const books = await openBooks({ ...storage, close: () => pool.end() }, size, (sql) => pool.query(sql));
      // A server in production has looked at its tables, and written them to disk, long ago.
      await pool.query("VACUUM ANALYZE");
      await pool.query("CHECKPOINT");
      return books;
    });
  } finally {
    await cluster.stop();
  }
}

/** Opens books of all sizes, and prints how the larger ones do beside the smallest. */
async function measure(database: string, open: (size: number) => Promise<Books>): Promise<void> {
  const few = await open(SMALLEST);
  for (const size of LARGER) {
    const many = await open(size);
    for (const work of keysOf(TITLES)) {
      const name = `${TITLES[work]}, ${database}, ${size.toLocaleString("en")} rows beside ${SMALLEST.toLocaleString("en")}`;
      print(
        name,
        ">= 0.67",
        await compare(repeated(few.work[work]), repeated(many.work[work]), { warmUp: WARM_UP[work] }),
      );
    }
    const { lines, grownBytes } = await many.wholeStatement();
    const megabytes = Math.round(grownBytes / 2 ** 20);
    console.log(
      `${String(megabytes).padStart(6)}  < 100 MB  of heap for a statement of ${lines.toLocaleString("en")} lines, ${database}`,
    );
    await many.close();
  }
  await few.close();
}

function repeated(work: () => Promise<unknown>): (times: number) => Promise<void> {
  return async (times) => {
    for (let n = 0; n < times; n += 1) await work();
  };
}

async function openBooks<Tx>(
  storage: SqlStorage<Tx>,
  size: number,
  byHand: (sql: string) => Promise<unknown>,
): Promise<Books> {
  await storage.migrate();
  for (const sql of largeBooks(storage.sql.dialect, storage.tables, size)) await byHand(sql);
  // Without it PostgreSQL reads the whole table for each payment that is added now.
  if (storage.sql.dialect === "postgres") await byHand("ANALYZE");
  for (let from = 0; from < PENDING; from += 1_000) {
    await storage.transaction(async (tx) => {
      const verbs = storage.using(tx);
      for (let n = from; n < from + 1_000; n += 1) await verbs.addPayment(pendingPayment(size + n));
    });
  }
  return booksOf(storage, size);
}

function booksOf<Tx>(storage: SqlStorage<Tx>, size: number): Books {
  const scope = { cashbox: "default", mode: "live" } as const;
  const payments = createPayments<Tx>({ storage, payUrl: () => "https://shop.example", onPaid: () => true });
  const merchant = createMerchantApi<Tx, { order_id: "integer" }>({
    storage,
    key: KEY,
    account: { order_id: "integer" },
    find: ({ order_id }) => ({ reference: order_id, amount: som(50_000) }),
  });
  const middle = START + (size / 2) * EVERY_MS;
  let settled = 0;
  let looked = 0;
  const any = () => (looked = (looked + 7_919) % size);

  async function statement(from: number, to: number, onPiece: () => void): Promise<number> {
    const body = JSON.stringify({ method: "GetStatement", params: { from, to }, id: 1 });
    const reply = await merchant.handle({ method: "POST", headers: { authorization }, body });
    let lines = 0;
    for await (const piece of reply.body) {
      lines += piece.split('"perform_time"').length - 1;
      onPiece();
    }
    return lines;
  }

  return {
    work: {
      async settle() {
        const { outcome } = await payments.recordWebhook(notification(size + settled));
        if (outcome !== "applied") throw new Error(`payment ${size + settled}: ${outcome}`);
        settled += 1;
      },
      async find() {
        const paymeId = paymeIdOf(any());
        if ((await storage.findPayment(scope, { paymeId })) === undefined) throw new Error(`no payment of ${paymeId}`);
        if ((await storage.findTransaction(scope, paymeId)) === undefined) throw new Error(`no transaction ${paymeId}`);
      },
      async page() {
        const lines = await statement(middle, middle + (LINES - 1) * EVERY_MS, () => {});
        if (lines !== LINES) throw new Error(`the statement has ${lines} lines`);
      },
      async statistics() {
        const { total } = await payments.statistics();
        if (total !== size + PENDING) throw new Error(`${total} payments`);
      },
      async user() {
        const { paid } = await payments.statistics({ userId: `user-${Math.floor(any() / 10)}` });
        if (paid !== 10) throw new Error(`${paid} of one user`);
      },
      async day() {
        const [sums] = await storage.paymentTotals(scope, { from: middle, to: middle + 3_600_000 });
        if (sums?.paid.count === undefined || sums.paid.count < 3_599) throw new Error("no sums");
      },
      due: () => storage.claimDuePayments(scope, { now: START, leaseUntil: START, limit: 100 }),
    },
    async wholeStatement() {
      globalThis.gc?.();
      const before = process.memoryUsage().heapUsed;
      let most = before;
      const lines = await statement(START, START + size * EVERY_MS, () => {
        most = Math.max(most, process.memoryUsage().heapUsed);
      });
      return { lines, grownBytes: most - before };
    },
    close: () => storage.close(),
  };
}

function paymentIdOf(n: number): string {
  return `new-${(n * 2_654_435_761) % 4_294_967_296}-${n}`;
}

function notification(n: number) {
  const params = { id: paymeIdOf(n), cheque_id: "cheque123", amount: som(50_000), paid_at: 1_642_234_567 };
  const { body, headers } = signTestWebhook({ secret: SECRET, body: { method: "receipts.pay", params } });
  return parseWebhook(body, headers, { secret: SECRET });
}

function pendingPayment(n: number): PaymentRow {
  return {
    cashbox: "default",
    mode: "live",
    id: paymentIdOf(n),
    kind: "order",
    userId: "buyer",
    reference: `open-${n}`,
    amount: som(50_000),
    status: "PENDING",
    description: null,
    data: null,
    createdAt: START,
    updatedAt: START,
    paidAt: null,
    cancelledAt: null,
    paidAmount: null,
    refund: "none",
    refundedAt: null,
    refundDoubtedAt: null,
    transactionId: paymeIdOf(n),
    chequeId: null,
    payUrl: "https://shop.example",
    paidBy: null,
    paidSource: null,
    unfulfilled: false,
    hold: false,
    held: false,
    heldAt: null,
    errorCode: null,
    errorMessage: null,
    webhookReceivedAt: null,
    cancelRequestedAt: null,
    nextCheckAt: START + 10_000_000_000,
    checks: 0,
    chargeUntil: null,
  };
}

function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(record).filter((key): key is Key => key in record);
}
