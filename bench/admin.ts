import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import Database from "better-sqlite3";
import { createOutbox, createPayments } from "payme-kit";
import { type SqlStorage, sqlStorage } from "payme-kit/adapter";
import { adminHandler } from "payme-kit/admin";
import { postgresStorage } from "payme-kit/postgres";
import { sqliteStorage } from "payme-kit/sqlite";
import { startCluster } from "../test/postgres/cluster";
import { EVERY_MS, largeBooks, paymeIdOf, START } from "./large-books";
import { openPool } from "./open-pool";
import { type Issued, recording } from "./recorded";
import { recordingSeam, type Sent } from "./recorded-seam";

/**
 * The operator's pages over many payments: the queries of each are counted, run again by hand, and on PostgreSQL explained.
 * `npm run bench:admin -- 1000000 --database postgres --plans`
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { database: { type: "string", default: "sqlite" }, plans: { type: "boolean", default: false } },
});
const ROWS = Number(positionals[0] ?? 1_000_000);
const ROUNDS = 15;
/** What goes through the driver of SQLite, and through the seam of PostgreSQL. */
const issued: Issued[] = [];
const sent: Sent[] = [];
const recorder = { on: false };

/** Books, and the way to them by hand. */
interface Books {
  readonly storage: SqlStorage<unknown>;
  execute(sql: string): Promise<unknown>;
  query(sql: string, params: readonly unknown[]): Promise<readonly unknown[]>;
  /** What a server in production has done long ago. */
  settle(): Promise<unknown>;
  close(): Promise<void>;
}

const books = values.database === "postgres" ? await onPostgres() : await onSqlite();
try {
  await fill(books);
  await measure(books);
} finally {
  await books.close();
}

async function onSqlite(): Promise<Books> {
  const folder = mkdtempSync(join(tmpdir(), "payme-bench-admin-"));
  const file = join(folder, "books.db");
  const storage = sqliteStorage({ file, open: (path) => recording(new Database(path), issued, recorder) });
  await storage.migrate();
  const bare = new Database(file);
  return {
    storage,
    execute: async (sql) => bare.exec(sql),
    query: async (sql, params) => bare.prepare<unknown[]>(sql).all(...params),
    settle: async () => {},
    async close() {
      bare.close();
      await storage.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function onPostgres(): Promise<Books> {
  const cluster = await startCluster({ sharedBuffersMb: 512 });
  const pool = openPool(await cluster.createDatabase(), 4);
  const storage = sqlStorage(recordingSeam(postgresStorage(pool).sql, sent, recorder));
  await storage.migrate();
  return {
    storage,
    execute: (sql) => pool.query(sql),
    query: async (sql, params) => (await pool.query(sql, [...params])).rows,
    settle: () => pool.query("VACUUM ANALYZE"),
    async close() {
      await pool.end();
      await cluster.stop();
    },
  };
}

async function fill({ storage: { sql, tables }, execute, settle }: Books): Promise<void> {
  for (const statement of largeBooks(sql.dialect, tables, ROWS)) await execute(statement);
  // One user has a tenth of them all.
  await execute(`UPDATE ${tables.payment} SET user_id = 'user-many' WHERE CAST(paid_by AS BIGINT) % 10 = 0`);
  await settle();
}

async function measure({ storage, query }: Books): Promise<void> {
  const { dialect } = storage.sql;
  const paymeId = paymeIdOf(ROWS >> 1);
  const [row] = await query(`SELECT id FROM ${storage.tables.payment} WHERE paid_by = '${paymeId}'`, []);
  const middle = String(Object(row).id);
  const now = () => START + ROWS * EVERY_MS;
  const payments = createPayments({ storage, payUrl: () => "https://shop.uz/pay", onPaid: () => true, now });
  const outbox = createOutbox({ storage, deliver: () => {} });
  const admin = adminHandler({ payments, outbox, authorize: () => ({ name: "bench", can: ["read"] }) });
  const pages = {
    "search: a payment": { q: middle },
    "search: a Payme id": { q: paymeId },
    "search: a user with very many": { q: "user-many" },
    "search: nothing": { q: "none" },
    "a payment": { page: "payment", id: middle },
    "waiting for a person": { page: "waiting" },
    today: { page: "today" },
  };
  console.log(`${dialect}: ${ROWS} payments; the median of ${ROUNDS}, in ms`);
  for (const [name, asked] of Object.entries(pages)) {
    const load = () => admin(new Request(`http://localhost/?${new URLSearchParams({ lang: "en", ...asked })}`));
    issued.length = sent.length = 0;
    recorder.on = true;
    const { status } = await load();
    recorder.on = false;
    const ours = issued.flatMap(({ sql, params }) => (params === undefined ? [] : [{ sql, params }]));
    const queries = dialect === "sqlite" ? ours : sent.map(({ text, params }) => ({ sql: text, params }));
    const page = await medianOf(load);
    const byHand = await medianOf(async () => {
      for (const { sql, params } of queries) await query(sql, params);
    });
    const told = [name.padEnd(30), `page ${page.toFixed(2)}`, `by hand ${byHand.toFixed(2)}`];
    console.log(...told, `queries ${queries.length}`, `status ${status}`);
    if (dialect === "sqlite") continue;
    for (const { sql, params } of queries) {
      const plan = await query(`EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) ${sql}`, params);
      const lines = plan.map((step) => String(Object(step)["QUERY PLAN"]));
      if (values.plans) console.log(lines.join("\n"));
      const taken = lines.filter((line) => /Seq Scan|^(Planning|Execution) Time/.test(line));
      console.log(`  ${taken.map((line) => line.trim()).join("; ")}`);
    }
  }
}

/** In the middle: half of the rounds take longer. */
async function medianOf(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const begun = performance.now();
    await work();
    times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
}
