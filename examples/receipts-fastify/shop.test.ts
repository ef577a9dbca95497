import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setupServer } from "msw/node";
import { createPaymeClient } from "payme-kit";
import { createMockPayme } from "payme-kit/testing";
import { mockPaymeHandlers } from "payme-kit/testing/msw";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { openShop } from "./shop";

const CARD = { number: "8600 4954 7331 6478", expire: "03/99" };
const MINUTE_MS = 60_000;
/** Writes down each time that an order becomes paid. */
const COUNTER = `CREATE TABLE effects (id INTEGER);
  CREATE TRIGGER count_effects AFTER UPDATE OF status ON orders WHEN NEW.status = 'paid'
  BEGIN INSERT INTO effects VALUES (NEW.id); END`;

const mock = createMockPayme({ now: () => Date.now() });
// Payme's own addresses, answered by the mock: the shop's client is the one of production.
const payme = setupServer(...mockPaymeHandlers(mock));
let folder = "";
let shop: Awaited<ReturnType<typeof openShop>>;

beforeAll(() => payme.listen({ onUnhandledRequest: "error" }));
afterAll(() => payme.close());

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  folder = mkdtempSync(join(tmpdir(), "shop-"));
  const client = createPaymeClient({ merchantId: mock.merchantId, key: mock.key, mode: "test" });
  shop = await openShop({ file: join(folder, "shop.db"), client });
});

afterEach(async () => {
  await shop.app.close();
  mock.reset();
  rmSync(folder, { recursive: true });
  vi.useRealTimers();
});

/** Buys, and gives the receipt that the payer is sent to. */
async function buy(): Promise<string> {
  const { statusCode, headers } = await shop.app.inject({ method: "POST", url: "/orders" });
  expect(statusCode).toBe(303);
  return String(headers.location).split("/").at(-1) ?? "";
}

const look = async () => (await shop.app.inject("/")).body;
const sql = (text: string) => shop.storage.transaction(async (tx) => tx.prepare(text).all());
const orders = () => sql("SELECT status, paid_by FROM orders");
const incidents = async () => (await shop.payments.incidents.list()).map(({ kind }) => kind);

it("sends the payer to a page of Payme, and to the same one again", async () => {
  const receipt = await buy();
  const again = await shop.app.inject({ method: "POST", url: "/orders/1/pay" });
  expect(again.headers.location).toBe(`https://checkout.test.paycom.uz/${receipt}`);
  expect(mock.receipts()).toMatchObject([{ _id: receipt, amount: 5_000_000, state: 0 }]);
});

it("finds the payment where somebody looks", async () => {
  const receipt = await buy();
  expect(await look()).toContain("<button>Pay</button>");
  await mock.pay(receipt, { card: CARD });
  expect(await look()).toContain("Order 1: paid");
});

it("finds it by the timer where nobody looks", async () => {
  await mock.pay(await buy(), { card: CARD });
  vi.setSystemTime(Date.now() + MINUTE_MS);
  expect(await shop.payments.reconcile()).toMatchObject({ checked: 1, paid: 1 });
  expect(await orders()).toEqual([{ status: "paid", paid_by: "payme" }]);
});

it("is paid once, however often and at once it is found", async () => {
  await mock.pay(await buy(), { card: CARD });
  await shop.storage.transaction(async (tx) => tx.exec(COUNTER));
  vi.setSystemTime(Date.now() + MINUTE_MS);
  await Promise.all([...Array.from({ length: 8 }, look), shop.payments.reconcile(), shop.payments.reconcile()]);
  await look();
  expect(await orders()).toEqual([{ status: "paid", paid_by: "payme" }]);
  expect(await sql("SELECT * FROM effects")).toEqual([{ id: 1 }]);
  expect(await incidents()).toEqual([]);
});

it("once paid, is not paid again", async () => {
  await mock.pay(await buy(), { card: CARD });
  await look();
  const again = await shop.app.inject({ method: "POST", url: "/orders/1/pay" });
  expect(again.headers.location).toBe("/");
  expect(mock.receipts()).toHaveLength(1);
});

it("that Click takes before the payment is found stays Click's: an incident, and the refund takes nothing back", async () => {
  await mock.pay(await buy(), { card: CARD });
  await sql("UPDATE orders SET status = 'paid', paid_by = 'click' WHERE status = 'new' RETURNING id");
  vi.setSystemTime(Date.now() + MINUTE_MS);
  expect(await shop.payments.reconcile()).toMatchObject({ paid: 1 });
  const { id = "", ...payment } = { ...(await shop.payments.findByReference("1")) };
  expect(payment).toMatchObject({ status: "PAID", unfulfilled: true });
  expect(await incidents()).toEqual(["paid_elsewhere"]);

  await shop.payments.refund(id);
  expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED" });
  vi.setSystemTime(Date.now() + MINUTE_MS); // until Payme has done it
  expect(mock.receipts()).toMatchObject([{ state: 50 }]);
  expect(mock.cashboxes[0]?.money).toMatchObject({ taken: 5_000_000, returned: 5_000_000 });
  expect(await orders()).toEqual([{ status: "paid", paid_by: "click" }]);
  // A hook that ran would have found nothing of Payme's: an incident not_taken_back.
  expect(await incidents()).toEqual(["paid_elsewhere"]);
});

it("is taken back by a refund", async () => {
  await mock.pay(await buy(), { card: CARD });
  await look();
  await shop.payments.refund((await shop.payments.findByReference("1"))?.id ?? "");
  expect(await orders()).toEqual([{ status: "refunded", paid_by: "payme" }]);
  expect(await look()).toContain("Order 1: refunded");
});
