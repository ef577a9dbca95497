import { describe, expect, it } from "vitest";
import { createMerchantApi } from "../../src/merchant";
import { som } from "../../src/money";
import { answerOf } from "../merchant/shop";
import { card, createShop as createPaymentShop } from "./shop";

const KEY = "live-key-of-36-characters-0123456789";
const amount = som(50_000);

/** A shop whose payments may be paid by a receipt and through the Merchant API. */
async function createShop() {
  const shop = createPaymentShop();
  const merchant = createMerchantApi({
    ...shop.payments.asOrders(),
    key: KEY,
    testKey: `test-${KEY.slice(5)}`,
    now: shop.now,
  });
  const { id, transactionId } = await shop.payments.create({ amount });
  const headers = { authorization: `Basic ${Buffer.from(`Paycom:test-${KEY.slice(5)}`).toString("base64")}` };
  const call = async (method: string, params: object, as = headers) => {
    const { body } = await merchant.handle({
      method: "POST",
      headers: as,
      body: JSON.stringify({ method, params, id: 7 }),
    });
    return answerOf(String(body));
  };
  const create = (transaction: string) => ({ id: transaction, time: shop.now(), amount, account: { order_id: id } });
  return { ...shop, id, transactionId: transactionId ?? "", call, create };
}

describe("payments as orders", () => {
  it("are paid once, with their own hooks, in the same commit", async () => {
    const shop = await createShop();
    expect(await shop.call("CheckPerformTransaction", shop.create("m1"))).toMatchObject({ result: { allow: true } });
    await shop.call("CreateTransaction", shop.create("m1"));
    await Promise.all(Array.from({ length: 16 }, () => shop.call("PerformTransaction", { id: "m1" })));
    expect(await shop.payments.find("m1")).toMatchObject({
      id: shop.id,
      status: "PAID",
      paidBy: "m1",
      paidSource: "merchant",
    });
    expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1 });
  });

  it("are not there for a key of the other mode, for another amount, or under another id", async () => {
    const shop = await createShop();
    const live = { authorization: `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}` };
    expect(await shop.call("CreateTransaction", shop.create("m1"), live)).toMatchObject({
      error: { code: -31050, data: "order_id" },
    });
    expect(await shop.call("CreateTransaction", { ...shop.create("m1"), amount: 1 })).toMatchObject({
      error: { code: -31001 },
    });
    expect(await shop.call("CreateTransaction", { ...shop.create("m1"), account: { order_id: "x" } })).toMatchObject({
      error: { code: -31050 },
    });
  });

  it("stay open when a transaction is cancelled, ten times, and are then paid once", async () => {
    const shop = await createShop();
    for (let n = 0; n < 10; n += 1) {
      await shop.call("CreateTransaction", shop.create(`m${n}`));
      await shop.call("CancelTransaction", { id: `m${n}`, reason: 2 });
      expect(await shop.payments.find(shop.id)).toMatchObject({ status: "PENDING" });
    }
    await shop.call("CreateTransaction", shop.create("last"));
    expect(await shop.call("PerformTransaction", { id: "last" })).toMatchObject({ result: { state: 2 } });
    expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1 });
  });

  it("are refused to Perform when their receipt was paid meanwhile: one money is booked, the other is not taken", async () => {
    const shop = await createShop();
    await shop.call("CreateTransaction", shop.create("m1"));
    await shop.mock.pay(shop.transactionId, { card });
    await shop.payments.check(shop.id);
    expect(await shop.call("PerformTransaction", { id: "m1" })).toMatchObject({ error: { code: -31008 } });
    expect(await shop.call("CheckTransaction", { id: "m1" })).toMatchObject({ result: { state: 1, perform_time: 0 } });
    expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1 });
    expect(await shop.call("CreateTransaction", shop.create("m2"))).toMatchObject({ error: { code: -31051 } });
    await shop.call("PerformTransaction", { id: "m1" });
    expect(await shop.payments.incidents.list()).toMatchObject([
      { kind: "double_payment", subject: shop.id, paymeId: "m1", data: { amount, source: "merchant", refused: true } },
    ]);
    expect(shop.incidents).toMatchObject([{ kind: "double_payment", paymeId: "m1" }]);
    expect(await shop.payments.find(shop.id)).toMatchObject({ status: "PAID", paidBy: shop.transactionId });
  });

  it("have the same incident when the receipt and the Perform come at once: one is booked, the other told of", async () => {
    for (let round = 0; round < 10; round += 1) {
      const shop = await createShop();
      await shop.call("CreateTransaction", shop.create("m1"));
      await shop.mock.pay(shop.transactionId, { card });
      const both = [() => shop.payments.check(shop.id), () => shop.call("PerformTransaction", { id: "m1" })];
      await Promise.all((round % 2 ? both : both.reverse()).map((each) => each()));
      const payment = await shop.payments.find(shop.id);
      const loser = payment?.paidBy === "m1" ? shop.transactionId : "m1";
      // A payment that is paid is not asked about by itself: reconcile looks after its receipt.
      await shop.payments.reconcile();
      expect(await shop.payments.incidents.list()).toMatchObject([{ kind: "double_payment", paymeId: loser }]);
      expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1 });
    }
  });

  it("that were closed while a transaction was open tell a person of a Perform that comes all the same", async () => {
    const shop = await createShop();
    await shop.call("CreateTransaction", shop.create("m1"));
    const scope = { cashbox: "default", mode: "test" } as const;
    const cancelled = { from: ["PENDING"], to: "CANCELLED", at: shop.now() } as const;
    await shop.storage.changePayment(scope, shop.id, cancelled);
    expect(await shop.call("PerformTransaction", { id: "m1" })).toMatchObject({ error: { code: -31008 } });
    expect(await shop.payments.incidents.list()).toMatchObject([{ kind: "paid_after_cancel", paymeId: "m1" }]);
    expect(shop.delivery(shop.id)).toBeUndefined();
  });

  it("find a payment free for a new id after 13 hours without any sweep, ten times in a row, and are paid once", async () => {
    const shop = await createShop();
    for (let n = 0; n < 10; n += 1) {
      expect(await shop.call("CreateTransaction", shop.create(`m${n}`))).toMatchObject({ result: { state: 1 } });
      shop.pass(13 * 3_600_000);
    }
    await shop.call("CreateTransaction", shop.create("last"));
    expect(await shop.call("PerformTransaction", { id: "last" })).toMatchObject({ result: { state: 2 } });
    expect(await shop.payments.find(shop.id)).toMatchObject({ status: "PAID", paidBy: "last" });
    expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1 });
  });

  it("have their open receipt cancelled by reconcile once a Perform has paid them", async () => {
    const shop = await createShop();
    await shop.call("CreateTransaction", shop.create("m1"));
    await shop.call("PerformTransaction", { id: "m1" });
    await shop.payments.reconcile();
    expect((await shop.client.receipts.check(shop.transactionId)).state).toBe(50);
    expect(await shop.payments.find(shop.id)).toMatchObject({ status: "PAID", paidBy: "m1", nextCheckAt: null });
    expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1, takenBack: 0 });
  });

  it("have a receipt that was paid as well recorded as an incident, and nothing dropped", async () => {
    const shop = await createShop();
    await shop.call("CreateTransaction", shop.create("m1"));
    await shop.call("PerformTransaction", { id: "m1" });
    await shop.mock.pay(shop.transactionId, { card });
    await shop.payments.reconcile();
    expect(await shop.payments.incidents.list()).toMatchObject([
      { kind: "double_payment", paymeId: shop.transactionId },
    ]);
    expect(await shop.payments.find(shop.id)).toMatchObject({ status: "PAID", nextCheckAt: null });
    expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1 });
  });

  it("are taken back by a refund in the cabinet, once", async () => {
    const shop = await createShop();
    await shop.call("CreateTransaction", shop.create("m1"));
    await shop.call("PerformTransaction", { id: "m1" });
    for (let n = 0; n < 2; n += 1) {
      expect(await shop.call("CancelTransaction", { id: "m1", reason: 5 })).toMatchObject({ result: { state: -2 } });
    }
    expect(await shop.payments.find(shop.id)).toMatchObject({ status: "CANCELLED" });
    expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1, takenBack: 1 });
  });

  it("are not closed while a transaction is live, and not reserved while they are being cancelled", async () => {
    const shop = await createShop();
    await shop.call("CreateTransaction", shop.create("m1"));
    expect(await shop.payments.close(shop.id)).toMatchObject({ outcome: "conflict" });
    await shop.call("CancelTransaction", { id: "m1", reason: 3 });
    await shop.payments.cancel(shop.id);
    expect(await shop.call("CreateTransaction", shop.create("m2"))).toMatchObject({ error: { code: -31051 } });
  });
});
