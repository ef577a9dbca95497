import "reflect-metadata";
import { randomUUID } from "node:crypto";
import { NestFactory } from "@nestjs/core";
import { createMockPayme } from "payme-kit/testing";
import { expect, it, onTestFinished, vi } from "vitest";
import { Database } from "../../src/payme/database.js";
import { Orders } from "../../src/payme/orders.js";
import { mountPayme } from "../../src/payme/payme.module.js";
import { PaymeShopModule } from "../../src/payme/payme-shop.module.js";

const CARD = { number: "8600495473316478", expire: "03/99" };
const PAYME = { merchantId: "587f72c72cac0d162c722ae2", key: randomUUID() };

vi.setConfig({ testTimeout: 60_000 });

/** Empties the database of DATABASE_URL: the shop's tables, which `prisma migrate deploy` has made, and the books. */
async function emptyDatabase() {
  const database = new Database();
  const [{ name }] = await database.$queryRaw<[{ name: string }]>`SELECT current_database() AS name`;
  if (!name.includes("test"))
    throw new Error(`${name} would be emptied: give the tests a database with "test" in its name`);
  await database.$executeRawUnsafe("DROP SCHEMA IF EXISTS payme CASCADE");
  await database.$executeRawUnsafe("TRUNCATE orders, tickets RESTART IDENTITY");
  await database.$disconnect();
}

/** The shop on an empty database, and a Payme that calls it. */
async function openForSale() {
  await emptyDatabase();
  vi.stubEnv("PAYME_MERCHANT_ID", PAYME.merchantId);
  vi.stubEnv("PAYME_MERCHANT_KEY", PAYME.key);
  const app = await NestFactory.create(PaymeShopModule, { logger: false });
  const database = app.get(Database);
  mountPayme(app);
  await app.listen(0, "127.0.0.1");
  onTestFinished(() => app.close());
  const url = await app.getUrl();
  const mock = createMockPayme({ merchantId: PAYME.merchantId, billing: { endpoint: `${url}/payme`, key: PAYME.key } });
  return {
    app,
    database,
    mock,
    payme: mock.merchant({ endpoint: `${url}/payme`, key: PAYME.key }),
    /** Makes an order, and opens the link to which the shop sends the payer. Returns the receipt that is to be paid. */
    order: async () => {
      const { status, headers } = await fetch(`${url}/payme-shop`, { method: "POST", redirect: "manual" });
      expect(status).toBe(303);
      await mock.fetch(headers.get("location") ?? "");
      return mock.receipts().at(-1)?._id ?? "";
    },
    page: async () => (await fetch(`${url}/payme-shop`)).text(),
  };
}

it("sends the payer to the checkout, and is paid there", async () => {
  const { mock, order, page, database } = await openForSale();
  const receiptId = await order();
  expect(await page()).toContain("1: 50000 som, new");
  expect(await mock.pay(receiptId, { card: CARD })).toMatchObject({ outcome: "paid" });
  expect(await page()).toContain("1: 50000 som, paid");
  expect(await database.ticket.findMany()).toEqual([{ orderId: 1 }]);
  expect(await mock.disagreements()).toEqual([]);
});

it("fulfils an order once, though Perform comes eight times at once", async () => {
  const { payme, order, database } = await openForSale();
  await order();
  const { id } = await payme.create({ account: { order_id: "1" }, amount: 5_000_000 });
  const answers = await Promise.all(Array.from({ length: 8 }, () => payme.perform(id)));
  const again = await payme.perform(id);
  expect(again).toMatchObject({ outcome: "result", result: { state: 2 } });
  expect(answers).toEqual(Array.from({ length: 8 }, () => again));
  expect(await database.ticket.count()).toBe(1);
});

it("leaves an order to Click that paid it between Create and Perform", async () => {
  const { app, payme, order, database } = await openForSale();
  await order();
  const { id } = await payme.create({ account: { order_id: "1" }, amount: 5_000_000 });
  expect(await database.$transaction((tx) => app.get(Orders).markPaid(tx, 1, "click"))).toBe(true);
  expect(await payme.perform(id)).toMatchObject({ outcome: "refused", code: -31008 });
  expect(await database.order.findMany()).toMatchObject([{ status: "paid", paidBy: "click" }]);
  expect(await database.ticket.count()).toBe(1);
});

it("takes the ticket back with a refund", async () => {
  const { mock, order, database } = await openForSale();
  const receiptId = await order();
  await mock.pay(receiptId, { card: CARD });
  await mock.cancel(receiptId);
  expect(await database.order.findMany()).toMatchObject([{ status: "refunded", paidBy: "payme" }]);
  expect(await database.ticket.count()).toBe(0);
});
