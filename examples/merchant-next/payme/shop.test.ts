import { randomUUID } from "node:crypto";
import { createMockPayme } from "payme-kit/testing";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { GET as runWorker } from "../app/api/payme-worker/route";
import { POST as payme } from "../app/payme/route";
import { POST as postOrder } from "../app/payme-shop/route";
import { pool, storage } from "./database";
import { allOrders, markPaid, migrate } from "./orders";

const CARD = { number: "8600495473316478", expire: "03/99" };
const PAYME = { merchantId: "587f72c72cac0d162c722ae2", key: randomUUID() };
const SECRET = randomUUID();

vi.setConfig({ testTimeout: 60_000 });

const billing = {
  key: PAYME.key,
  fetch: (request: Request) => payme(new Request("https://shop.example/payme", request)),
};
const mock = createMockPayme({ merchantId: PAYME.merchantId, billing });

beforeAll(async () => {
  const { rows } = await pool.query("SELECT current_database() AS name");
  if (!rows[0].name.includes("test"))
    throw new Error(`${rows[0].name} would be emptied: name a database with "test" in it`);
  await pool.query("DROP SCHEMA IF EXISTS payme CASCADE; DROP TABLE IF EXISTS orders, tickets");
  await migrate();
  vi.stubEnv("PAYME_MERCHANT_ID", PAYME.merchantId);
  vi.stubEnv("PAYME_MERCHANT_KEY", PAYME.key);
  vi.stubEnv("CRON_SECRET", SECRET);
});
afterAll(() => pool.end());

/** Makes an order, and opens the link to which the shop sends the payer. */
async function order() {
  const { status, headers } = await postOrder();
  expect(status).toBe(303);
  await mock.fetch(headers.get("location") ?? "");
  const { id } = (await allOrders()).at(-1) ?? { id: 0 };
  const tickets = async () => (await pool.query("SELECT 1 FROM tickets WHERE order_id = $1", [id])).rowCount;
  const now = async () => (await allOrders()).find((each) => each.id === id);
  return { id, receiptId: mock.receipts().at(-1)?._id ?? "", now, tickets };
}

it("sends the payer to the checkout, is paid there, and takes the ticket back with a refund", async () => {
  const { receiptId, now, tickets } = await order();
  expect(await mock.pay(receiptId, { card: CARD })).toMatchObject({ outcome: "paid" });
  expect(await now()).toMatchObject({ status: "paid", paid_by: "payme" });
  expect(await tickets()).toBe(1);
  expect(await mock.disagreements()).toEqual([]);
  await mock.cancel(receiptId);
  expect(await now()).toMatchObject({ status: "refunded" });
  expect(await tickets()).toBe(0);
});

it("fulfils an order once, though Perform comes eight times at once", async () => {
  const { id: orderId, tickets } = await order();
  const caller = mock.merchant(billing);
  const { id } = await caller.create({ account: { order_id: `${orderId}` }, amount: 5_000_000 });
  const answers = await Promise.all(Array.from({ length: 8 }, () => caller.perform(id)));
  const again = await caller.perform(id);
  expect(again).toMatchObject({ outcome: "result", result: { state: 2 } });
  expect(answers).toEqual(Array.from({ length: 8 }, () => again));
  expect(await tickets()).toBe(1);
});

it("leaves an order to Click that paid it between Create and Perform", async () => {
  const { id: orderId, now } = await order();
  const caller = mock.merchant(billing);
  const { id } = await caller.create({ account: { order_id: `${orderId}` }, amount: 5_000_000 });
  expect(await storage.transaction((tx) => markPaid(tx, orderId, "click"))).toBe(true);
  expect(await caller.perform(id)).toMatchObject({ outcome: "refused", code: -31008 });
  expect(await now()).toMatchObject({ status: "paid", paid_by: "click" });
});

it("runs the worker for the platform's cron, and for nobody else", async () => {
  const url = "https://shop.example/api/payme-worker";
  expect((await runWorker(new Request(url))).status).toBe(401);
  const answer = await runWorker(new Request(url, { headers: { authorization: `Bearer ${SECRET}` } }));
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject([{ job: "merchant.sweep", status: "done" }]);
});
