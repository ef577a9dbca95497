import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { checkoutUrl, createMerchantApi, createWorker, refuse, som } from "payme-kit";
import { fetchMerchant } from "payme-kit/fetch";
import { type SqliteHandle, sqliteStorage } from "payme-kit/sqlite";

const PRICE = 50_000;
const TABLES = `
  CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, som INTEGER NOT NULL, status TEXT NOT NULL DEFAULT 'new', paid_by TEXT);
  CREATE TABLE IF NOT EXISTS tickets (order_id INTEGER NOT NULL);`;
const PAY = "UPDATE orders SET status = 'paid', paid_by = ? WHERE id = ? AND status = 'new'";
const REFUND = "UPDATE orders SET status = 'refunded' WHERE id = ? AND status = 'paid' AND paid_by = 'payme'";

type Order = { id: number; som: number; status: "new" | "paid" | "refunded"; paid_by: string | null };

/** The one way to pay an order, for each provider. False: the order is no longer to be paid. */
export function markPaid(tx: SqliteHandle, id: number, by: string): boolean {
  const isPaid = tx.prepare(PAY).run(by, id).changes === 1;
  if (isPaid) tx.prepare("INSERT INTO tickets VALUES (?)").run(id);
  return isPaid;
}

function markRefunded(tx: SqliteHandle, id: number): boolean {
  const isRefunded = tx.prepare(REFUND).run(id).changes === 1;
  if (isRefunded) tx.prepare("DELETE FROM tickets WHERE order_id = ?").run(id);
  return isRefunded;
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
      return { reference: order.id, amount: som(order.som) };
    },
    onPaid: ({ reference }, tx) => markPaid(tx, reference, "payme"),
    onRefunded: ({ reference }, tx) => markRefunded(tx, reference),
  });

  const app = new Hono();
  const payme = fetchMerchant(merchant);
  app.all("/payme", ({ req }) => payme(req.raw)); // before whatever reads bodies
  app.get("/", async (context) => {
    const rows = await storage.transaction(async (tx) => tx.prepare<Order>("SELECT * FROM orders").all());
    const list = rows.map((order) => `<li>${order.id}: ${order.som} som, ${order.status}`);
    return context.html(`<form method="post" action="/orders"><button>Buy</button></form><ul>${list.join("")}</ul>`);
  });
  app.post("/orders", async (context) => {
    const insert = "INSERT INTO orders (som) VALUES (?) RETURNING *";
    const order = await storage.transaction(async (tx) => tx.prepare<Order>(insert).get(PRICE));
    if (order === undefined) throw new Error("the order was not stored");
    const payment = { merchantId, account: { order_id: order.id }, amount: som(order.som) };
    return context.redirect(checkoutUrl({ ...payment, returnUrl: url, host }), 303);
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
  serve({ fetch: app.fetch, port: Number(PORT), hostname: "127.0.0.1" }, () => console.log(`The shop is at ${url}`));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
