import { createPayments } from "../../src/entry";
import { createMerchantApi, refuse } from "../../src/entry/merchant";
import { sqliteStorage } from "../../src/entry/sqlite";
import type { Logger } from "../../src/kit/logger";
import { som } from "../../src/kit/money";
import type { Storage } from "../../src/ledger";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { certify } from "../../src/tools/certifier/certify";

/** With signs that shells, URLs and .env files stumble over. */
export const KEY = "our-key#with:signs%of&36@characters!";
const price = som(50_000);

/** The machine's time, which `sleep` moves on: nobody waits. */
export function createClock() {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    sleep: async (ms: number) => {
      ahead += ms;
    },
  };
}

const quiet: Logger = { info() {}, warn() {}, error() {} };

/** A shop with orders of its own, which it counts the payments of in the same storage. */
export async function memoryShop({ amount = price, roundsToSom = false } = {}) {
  const clock = createClock();
  const storage = memoryStorage();
  const merchant = createMerchantApi({
    storage,
    key: KEY,
    now: clock.now,
    account: { order_id: "integer" },
    logger: quiet,
    roundsToSom,
    find({ order_id }, tx) {
      const order = tx.table<{ paid: number }>("orders").get(String(order_id));
      return order === undefined ? refuse.notFound("order_id") : { reference: order_id, amount };
    },
    onPaid({ account }, tx) {
      const paid = tx.table<{ paid: number }>("orders").get(String(account.order_id))?.paid ?? 0;
      tx.table<{ paid: number }>("orders").set(String(account.order_id), { paid: paid + 1 });
      return true;
    },
  });
  let last = 0;
  return {
    ...clock,
    merchant,
    async newOrder() {
      last += 1;
      await storage.transaction(async (tx) => void tx.table("orders").set(String(last), { paid: 0 }));
      return { account: { order_id: String(last) }, amount };
    },
    credited: ({ account }: { account: { order_id?: string | number } }) =>
      storage.published().table<{ paid: number }>("orders").get(String(account.order_id))?.paid ?? 0,
  };
}

/** The same with SQL. */
export async function sqliteShop() {
  const clock = createClock();
  const storage = sqliteStorage({ file: ":memory:" });
  await storage.migrate();
  await storage.transaction(async (tx) => {
    tx.prepare("CREATE TABLE orders (id INTEGER PRIMARY KEY, paid INTEGER NOT NULL DEFAULT 0)").run();
  });
  const merchant = createMerchantApi({
    storage,
    key: KEY,
    now: clock.now,
    account: { order_id: "integer" },
    logger: quiet,
    find({ order_id }, tx) {
      const order = tx.prepare("SELECT paid FROM orders WHERE id = ?").get(order_id);
      return order === undefined ? refuse.notFound("order_id") : { reference: order_id, amount: price };
    },
    onPaid: ({ reference }, tx) =>
      tx.prepare("UPDATE orders SET paid = paid + 1 WHERE id = ?").run(reference).changes === 1,
  });
  return {
    ...clock,
    merchant,
    async newOrder() {
      const row = await storage.transaction(async (tx) =>
        tx.prepare("INSERT INTO orders DEFAULT VALUES RETURNING id").get(),
      );
      return { account: { order_id: String(Reflect.get(Object(row), "id")) }, amount: price };
    },
    async credited({ account }: { account: { order_id?: string | number } }) {
      const row = await storage.transaction(async (tx) =>
        tx.prepare("SELECT paid FROM orders WHERE id = ?").get(Number(account.order_id)),
      );
      return Number(Reflect.get(Object(row), "paid"));
    },
  };
}

/** Payments of ours as the orders. */
export async function paymentShop<Tx>(storage: Storage<Tx>) {
  const clock = createClock();
  await storage.migrate();
  const paid = new Map<string, number>();
  const payments = createPayments<Tx>({
    storage,
    mode: "live",
    now: clock.now,
    logger: quiet,
    payUrl: ({ id }) => `https://checkout.paycom.uz/${id}`,
    onPaid: ({ id }) => paid.set(id, (paid.get(id) ?? 0) + 1).has(id),
  });
  const merchant = createMerchantApi({ ...payments.asOrders(), key: KEY, now: clock.now, logger: quiet });
  return {
    ...clock,
    merchant,
    async newOrder() {
      const { id } = await payments.create({ amount: price });
      return { account: { order_id: id }, amount: price };
    },
    credited: ({ account }: { account: { order_id?: string | number } }) => paid.get(String(account.order_id)) ?? 0,
  };
}

/** The ids of the checks that did not pass, by how they ended. */
export async function idsOf(options: Parameters<typeof certify>[0]) {
  const { checks } = await certify(options);
  const ids = (status: string) => checks.filter((check) => check.status === status).map(({ id }) => id);
  return { failed: ids("failed"), warned: ids("warned"), skipped: ids("skipped") };
}
