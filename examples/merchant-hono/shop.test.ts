import { randomUUID } from "node:crypto";
import { setupServer } from "msw/node";
import { som } from "payme-kit";
import { createMockPayme } from "payme-kit/testing";
import { mockPaymeHandlers } from "payme-kit/testing/msw";
import { expect, it, onTestFinished } from "vitest";
import { markPaid, openShop } from "./shop.js";

const CARD = { number: "8600495473316478", expire: "03/99" };
const PAYMENT = { account: { order_id: "1" }, amount: som(50_000) };
const PAYME = { merchantId: "587f72c72cac0d162c722ae2", key: randomUUID() };

/** The shop as it is, with Payme's real addresses: MSW lets the mock answer there, and the mock calls the shop. */
async function openForSale() {
  const { app, storage } = await openShop({ file: ":memory:", url: "https://shop.example", ...PAYME });
  const callShop = async (request: Request) => app.fetch(request);
  const toEndpoint = (request: Request) => callShop(new Request("https://shop.example/payme", request));
  const billing = { key: PAYME.key, fetch: toEndpoint };
  const mock = createMockPayme({ merchantId: PAYME.merchantId, billing });
  const network = setupServer(...mockPaymeHandlers(mock));
  network.listen({ onUnhandledRequest: "error" });
  onTestFinished(async () => {
    network.close();
    await storage.close();
  });

  const page = async () => (await callShop(new Request("https://shop.example/"))).text();
  const all = (sql: string) => storage.transaction(async (tx) => tx.prepare(sql).all());
  return {
    storage,
    mock,
    payme: mock.merchant(billing),
    page,
    /** Makes an order and follows the redirect, as a browser does. Returns the receipt that is to be paid. */
    async order() {
      const { headers } = await callShop(new Request("https://shop.example/orders", { method: "POST" }));
      const link = headers.get("location") ?? "";
      expect(link).toMatch(/^https:\/\/checkout\.paycom\.uz\//);
      expect((await fetch(link)).status).toBe(200);
      return mock.receipts().at(-1)?._id ?? "";
    },
    orders: () => all("SELECT status, paid_by FROM orders"),
    tickets: () => all("SELECT order_id FROM tickets"),
  };
}

it("sends the payer to Payme's checkout, and is paid there", async () => {
  const { mock, order, page, tickets } = await openForSale();
  const receiptId = await order();
  expect(await page()).toContain("1: 50000 som, new");
  expect(await mock.pay(receiptId, { card: CARD })).toMatchObject({ outcome: "paid" });
  expect(await page()).toContain("1: 50000 som, paid");
  expect(await tickets()).toEqual([{ order_id: 1 }]);
  expect(await mock.disagreements()).toEqual([]);
});

it("fulfils an order once, though Perform comes eight times at once, and again", async () => {
  const { payme, order, orders, tickets } = await openForSale();
  await order();
  const { id } = await payme.create(PAYMENT);
  const answers = await Promise.all(Array.from({ length: 8 }, () => payme.perform(id)));
  const again = await payme.perform(id);
  expect(again).toMatchObject({ outcome: "result", result: { state: 2 } });
  expect(answers).toEqual(Array.from({ length: 8 }, () => again));
  expect(await orders()).toEqual([{ status: "paid", paid_by: "payme" }]);
  expect(await tickets()).toEqual([{ order_id: 1 }]);
});

it("leaves an order to Click that paid it between Create and Perform, and tells a person", async () => {
  const { storage, payme, order, orders, tickets } = await openForSale();
  await order();
  const { id } = await payme.create(PAYMENT);
  expect(await storage.transaction(async (tx) => markPaid(tx, 1, "click"))).toBe(true);
  expect(await payme.perform(id)).toMatchObject({ outcome: "refused", code: -31008 });
  expect(await orders()).toEqual([{ status: "paid", paid_by: "click" }]);
  expect(await tickets()).toEqual([{ order_id: 1 }]);
  const incidents = await storage.listEvents({ cashbox: "default", mode: "live" }, { open: true, limit: 10 });
  expect(incidents).toMatchObject([{ kind: "paid_elsewhere", subject: "1", paymeId: id }]);
});

it("takes the ticket back with a refund", async () => {
  const { mock, order, orders, tickets } = await openForSale();
  const receiptId = await order();
  await mock.pay(receiptId, { card: CARD });
  await mock.cancel(receiptId);
  expect(await orders()).toEqual([{ status: "refunded", paid_by: "payme" }]);
  expect(await tickets()).toEqual([]);
});
