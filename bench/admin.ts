import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { createOutbox, createPayments } from "payme-kit";
import { adminHandler } from "payme-kit/admin";
import { sqliteStorage } from "payme-kit/sqlite";
import { EVERY_MS, largeBooks, paymeIdOf, START } from "./large-books";
import { type Issued, recording } from "./recorded";

/** How many payments are in the books; another number can be given. */
const ROWS = Number(process.argv[2] ?? 1_000_000);
const ROUNDS = 15;
const folder = mkdtempSync(join(tmpdir(), "payme-bench-admin-"));
const file = join(folder, "books.db");
const issued: Issued[] = [];
const recorder = { on: false };

/** In the middle: half of the rounds take longer. */
async function medianOf(work: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const begun = performance.now();
    await work();
    times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
}

const storage = sqliteStorage({ file, open: (path) => recording(new Database(path), issued, recorder) });
try {
  await storage.migrate();
  const bare = new Database(file);
  const tables = { transaction: "payme_transaction", payment: "payme_payment", event: "payme_event" };
  for (const statement of largeBooks("sqlite", tables, ROWS)) bare.exec(statement);
  // One user has a tenth of them all.
  bare.exec("UPDATE payme_payment SET user_id = 'user-many' WHERE rowid % 10 = 0");
  const middle = bare
    .prepare("SELECT id FROM payme_payment WHERE paid_by = ?")
    .pluck()
    .get(paymeIdOf(ROWS >> 1));
  const now = () => START + ROWS * EVERY_MS;
  const payments = createPayments({ storage, payUrl: () => "https://shop.uz/pay", onPaid: () => true, now });
  const outbox = createOutbox({ storage, deliver: () => {} });
  const admin = adminHandler({ payments, outbox, authorize: () => ({ name: "bench", can: ["read"] }) });
  const pages = {
    "search: a payment": { q: String(middle) },
    "search: a Payme id": { q: paymeIdOf(ROWS >> 1) },
    "search: a user with very many": { q: "user-many" },
    "search: nothing": { q: "none" },
    "a payment": { page: "payment", id: String(middle) },
    "waiting for a person": { page: "waiting" },
    today: { page: "today" },
  };
  console.log(`${ROWS} payments; the median of ${ROUNDS}, in ms`);
  for (const [name, query] of Object.entries(pages)) {
    const load = () => admin(new Request(`http://localhost/?${new URLSearchParams({ lang: "en", ...query })}`));
    issued.length = 0;
    recorder.on = true;
    const { status } = await load();
    recorder.on = false;
    const queries = issued.filter(({ params }) => params !== undefined);
    const page = await medianOf(load);
    const byHand = await medianOf(() => {
      for (const { sql, params = [] } of queries) bare.prepare<unknown[]>(sql).all(...params);
    });
    const told = [name.padEnd(30), `page ${page.toFixed(2)}`, `by hand ${byHand.toFixed(2)}`];
    console.log(...told, `queries ${queries.length}`, `status ${status}`);
  }
  bare.close();
} finally {
  await storage.close();
  rmSync(folder, { recursive: true });
}
