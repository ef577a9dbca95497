import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import express from "express";
import { checkoutUrl, createMerchantApi, createWorker, formatSom, refuse, som, tiyin } from "payme-kit";
import { expressMerchant } from "payme-kit/express";
import { type SqliteHandle, sqliteStorage } from "payme-kit/sqlite";

const PRICE = som(50_000);
const TABLES = `
  CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, total INTEGER NOT NULL, status TEXT NOT NULL DEFAULT 'new', paid_by TEXT);
  CREATE TABLE IF NOT EXISTS stock (id INTEGER PRIMARY KEY, items INTEGER NOT NULL);
  INSERT OR IGNORE INTO stock VALUES (1, 100);`;
const PAY = "UPDATE orders SET status = 'paid', paid_by = ? WHERE id = ? AND status = 'new'";
const REFUND = "UPDATE orders SET status = 'refunded' WHERE paid_by = ? AND id = ? AND status = 'paid'";

/** Totals are in tiyin. */
type Order = { id: number; total: number; status: "new" | "paid" | "refunded"; paid_by: string | null };

/** The one way to pay an order, for each provider. False: the order is no longer to be paid. */
export const markPaid = (tx: SqliteHandle, id: number, by: string) => moveOnce(tx, PAY, by, id, -1);
const markRefunded = (tx: SqliteHandle, id: number, by: string) => moveOnce(tx, REFUND, by, id, +1);

function moveOnce(tx: SqliteHandle, guardedUpdate: string, by: string, id: number, items: number): boolean {
  const isMoved = tx.prepare(guardedUpdate).run(by, id).changes === 1;
  if (isMoved) tx.prepare("UPDATE stock SET items = items + ?").run(items);
  return isMoved;
}

export interface ShopOptions {
  readonly file: string;
  readonly url: string;
  readonly merchantId: string;
  readonly key: string;
  readonly checkoutHost?: string;
}

export async function openShop({ file, url, merchantId, key, checkoutHost: host }: ShopOptions) {
  const storage = sqliteStorage({ file });
  await storage.migrate();
  await storage.transaction(async (tx) => tx.exec(TABLES));

  const merchant = createMerchantApi({
    storage,
    key,
    account: { order_id: "integer" },
    find({ order_id }, tx) {
      const order = tx.prepare<Order>("SELECT * FROM orders WHERE id = ?").get(order_id);
      if (order === undefined) return refuse.notFound("order_id");
      if (order.status !== "new") return refuse.unavailable("order_id");
      return { reference: order.id, amount: tiyin(order.total) };
    },
    onPaid: ({ reference }, tx) => markPaid(tx, reference, "payme"),
    onRefunded: ({ reference }, tx) => markRefunded(tx, reference, "payme"),
  });

  const app = express();
  app.use("/payme", expressMerchant(merchant)); // before body parsers, sessions and limits
  app.get("/", async (_request, response) => {
    const rows = await storage.transaction(async (tx) => tx.prepare<Order>("SELECT * FROM orders").all());
    const list = rows.map((row) => `<li>${row.id}: ${formatSom(tiyin(row.total))}, ${row.status}`);
    response.send(`<form method="post" action="/orders"><button>Buy</button></form><ul>${list.join("")}</ul>`);
  });
  app.post("/orders", async (_request, response) => {
    const insert = "INSERT INTO orders (total) VALUES (?) RETURNING *";
    const order = await storage.transaction(async (tx) => tx.prepare<Order>(insert).get(PRICE));
    if (order === undefined) throw new Error("the order was not stored");
    const payment = { merchantId, account: { order_id: order.id }, amount: PRICE };
    response.redirect(303, checkoutUrl({ ...payment, returnUrl: url, host }));
  });
  return { app, merchant, storage };
}

/** Without a key Payme is a mock, on this machine only; its key is random. */
async function mockCashbox(port: string) {
  if (process.env.NODE_ENV === "production") throw new Error("Set PAYME_MERCHANT_ID and PAYME_MERCHANT_KEY");
  const { createMockPayme } = await import("payme-kit/testing");
  const key = randomUUID();
  const mock = createMockPayme({ billing: { endpoint: `http://127.0.0.1:${port}/payme`, key } });
  return { merchantId: mock.merchantId, key, checkoutHost: (await mock.listen()).url };
}

async function main() {
  if (existsSync(".env")) process.loadEnvFile(); // what the environment has already wins
  const { PORT = "3000", SHOP_FILE: file = "shop.db", PAYME_MERCHANT_ID: merchantId = "" } = process.env;
  const { PAYME_MERCHANT_KEY: key = "", PUBLIC_URL: url = `http://127.0.0.1:${PORT}` } = process.env;
  const cashbox = key === "" ? await mockCashbox(PORT) : { merchantId, key };
  const { app, merchant } = await openShop({ file, url, ...cashbox });
  const worker = createWorker({ merchant });
  worker.start();
  process.once("SIGTERM", () => worker.stop().then(() => process.exit()));
  app.listen(Number(PORT), "127.0.0.1", (error) => {
    if (error !== undefined) throw error;
    console.log(`The shop is at ${url}`, key === "" ? "and Payme is a mock" : "");
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
