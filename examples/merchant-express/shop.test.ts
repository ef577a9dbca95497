import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { som } from "payme-kit";
import { createMockPayme } from "payme-kit/testing";
import { expect, it, onTestFinished } from "vitest";
import { markPaid, openShop } from "./shop.js";

/** A shop with one new order, and Payme's side of its endpoint, over real HTTP. */
async function openForSale() {
  const key = randomUUID();
  const url = "https://shop.example";
  const { app, storage } = await openShop({ file: ":memory:", url, merchantId: "587f72c72cac0d162c722ae2", key });
  const server = app.listen(0, "127.0.0.1");
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await storage.close();
  });
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the shop listens to no port");
  const here = `http://127.0.0.1:${address.port}`;
  const ordered = await fetch(`${here}/orders`, { method: "POST", redirect: "manual" });
  expect(ordered.headers.get("location")).toMatch(/^https:\/\/checkout\.paycom\.uz\/\w+/);

  const get = (sql: string) => storage.transaction(async (tx) => tx.prepare(sql).get());
  return {
    storage,
    payme: createMockPayme().merchant({ endpoint: `${here}/payme`, key }),
    payment: { account: { order_id: "1" }, amount: som(50_000) },
    order: () => get("SELECT status, paid_by FROM orders WHERE id = 1"),
    stock: () => get("SELECT items FROM stock"),
  };
}

it("an order is paid once, though Perform comes eight times at once, and again", async () => {
  const { payme, payment, order, stock } = await openForSale();
  const { id } = await payme.create(payment);
  const answers = await Promise.all(Array.from({ length: 8 }, () => payme.perform(id)));
  const again = await payme.perform(id);
  expect(again).toMatchObject({ outcome: "result", result: { state: 2 } });
  expect(answers).toEqual(Array.from({ length: 8 }, () => again));
  expect(await order()).toEqual({ status: "paid", paid_by: "payme" });
  expect(await stock()).toEqual({ items: 99 });
  expect(payme.disagreements).toEqual([]);
});

it("an order that Click paid between Create and Perform stays Click's, and a person is told", async () => {
  const { storage, payme, payment, order, stock } = await openForSale();
  const { id } = await payme.create(payment);
  expect(await storage.transaction(async (tx) => markPaid(tx, 1, "click"))).toBe(true);
  expect(await payme.perform(id)).toMatchObject({ outcome: "refused", code: -31008 });
  expect(await order()).toEqual({ status: "paid", paid_by: "click" });
  expect(await stock()).toEqual({ items: 99 });
  const incidents = await storage.listEvents({ cashbox: "default", mode: "live" }, { open: true, limit: 10 });
  expect(incidents).toMatchObject([{ kind: "paid_elsewhere", subject: "1", paymeId: id }]);
});

it("a refund takes the order back once", async () => {
  const { payme, payment, order, stock } = await openForSale();
  expect(await payme.pay(payment)).toMatchObject({ outcome: "paid" });
  const [{ id } = { id: "" }] = payme.transactions();
  expect(await payme.cancel(id, { reason: 5 })).toMatchObject({ outcome: "result", result: { state: -2 } });
  expect(await order()).toEqual({ status: "refunded", paid_by: "payme" });
  expect(await stock()).toEqual({ items: 100 });
});

it("an order that is paid, unknown or of another amount is refused", async () => {
  const { payme, payment } = await openForSale();
  expect(await payme.check({ ...payment, amount: 1 })).toMatchObject({ code: -31001 });
  expect(await payme.check({ ...payment, account: { order_id: "2" } })).toMatchObject({ code: -31050 });
  await payme.pay(payment);
  expect(await payme.check(payment)).toMatchObject({ outcome: "refused" });
});
