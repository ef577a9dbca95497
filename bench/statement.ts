import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMerchantApi, som } from "payme-kit";
import { type SqliteHandle, sqliteStorage } from "payme-kit/sqlite";
import { compare, print } from "./compare";
import { openBare } from "./recorded";

const KEY = "live-key-of-36-characters-0123456789";
const START = Date.UTC(2026, 0, 1);
/** A transaction each second. */
const EVERY_MS = 1_000;
const LINES = 1_000;
const authorization = `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}`;

/** GetStatement with 1,000 lines out of the middle of 1,000,000 transactions, beside the same out of 10,000. */
export async function benchStatement(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "payme-kit-bench-"));
  try {
    const few = await openShop(join(directory, "few.db"), 10_000);
    const many = await openShop(join(directory, "many.db"), 1_000_000);
    const repeated = (shop: typeof few) => async (times: number) => {
      for (let n = 0; n < times; n += 1) await shop.statement();
    };
    const ratio = await compare(repeated(few), repeated(many));
    print("GetStatement, 1,000 of 1,000,000 / of 10,000, on SQLite", ">= 0.67", ratio);
    for (const { close } of [few, many]) await close();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function openShop(file: string, transactions: number) {
  const storage = sqliteStorage({ file });
  await storage.migrate();
  addTransactions(file, transactions);
  const merchant = createMerchantApi<SqliteHandle, { order_id: "integer" }>({
    storage,
    key: KEY,
    account: { order_id: "integer" },
    find: ({ order_id }) => ({ reference: order_id, amount: som(50_000) }),
  });
  const from = START + (transactions / 2) * EVERY_MS;
  const params = { from, to: from + (LINES - 1) * EVERY_MS };
  const body = JSON.stringify({ method: "GetStatement", params, id: 7 });
  return {
    async statement(): Promise<void> {
      const reply = await merchant.handle({ method: "POST", headers: { authorization }, body });
      let lines = 0;
      for await (const piece of reply.body) lines += piece.split('"perform_time"').length - 1;
      if (lines !== LINES) throw new Error(`the statement has ${lines} lines`);
    },
    close: () => storage.close(),
  };
}

/** Paid orders, one a second. */
function addTransactions(file: string, count: number): void {
  const database = openBare(file);
  database.exec(`
    WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count - 1})
    INSERT INTO payme_transaction (cashbox, mode, payme_id, source, transaction_id, state, order_key, one_time, amount,
      account, time, create_time, perform_time, cancel_time, order_space)
    SELECT 'default', 'live', printf('65f1aa00bb11cc22%08x', n), 'merchant', 'our-' || n, 2, 'order-' || n, 1, 5000000,
      '{"order_id":"' || n || '"}', ${START} + n * ${EVERY_MS}, ${START} + n * ${EVERY_MS} + 200,
      ${START} + n * ${EVERY_MS} + 900, 0, 'default'
    FROM numbers`);
  database.close();
}
