import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import { paymentRow } from "../ledger/rows";
import { card, createShop } from "./shop";

const amount = som(50_000);
const MINUTE = 60_000;

describe("a payment that is cancelled while no receipt of it is known", () => {
  it("records an incident, once, where its receipt is found and was paid all the same", async () => {
    const shop = createShop();
    await shop.storage.addPayment(paymentRow({ createdAt: shop.now() }));
    const receipt = await shop.client.receipts.create({ amount, account: { order_id: "payment-1" } });
    await shop.payments.cancel("payment-1");
    await shop.mock.pay(receipt._id, { card });
    for (let minute = 0; minute < 30; minute += 1) {
      await shop.payments.reconcile();
      shop.pass(MINUTE);
    }
    expect(shop.incidents).toMatchObject([{ kind: "paid_after_cancel", subject: "payment-1", paymeId: receipt._id }]);
    expect(await shop.payments.find("payment-1")).toMatchObject({ status: "CANCELLED", nextCheckAt: null });
    expect(shop.delivery("payment-1")).toBeUndefined();
  });

  it("has its receipt cancelled where that was being made meanwhile, and sends nobody to pay it", async () => {
    const shop = createShop();
    const { receipts } = shop.client;
    const make = receipts.create;
    receipts.create = async (params) => {
      const receipt = await make(params);
      const payment = await shop.payments.findByReference("order:197");
      await shop.payments.cancel(payment?.id ?? "");
      return receipt;
    };
    await expect(shop.payments.create({ reference: "order:197", amount })).rejects.toMatchObject({ code: "CONFLICT" });
    const [receipt] = shop.mock.receipts();
    expect(receipt?.state).toBe(50);
    shop.pass(5 * MINUTE);
    await shop.payments.reconcile();
    expect(await shop.payments.findByReference("order:197")).toMatchObject({ status: "CANCELLED", nextCheckAt: null });
  });
});

describe("a payment that is cancelled before it had a receipt", () => {
  it("is looked for until no creation can still be under way, and no longer", async () => {
    const shop = createShop();
    await shop.storage.addPayment(paymentRow({ createdAt: shop.now() }));
    await shop.payments.cancel("payment-1");
    await shop.payments.reconcile();
    expect(await shop.payments.find("payment-1")).toMatchObject({ nextCheckAt: expect.any(Number) });
    shop.pass(5 * MINUTE);
    await shop.payments.reconcile();
    expect(await shop.payments.find("payment-1")).toMatchObject({ status: "CANCELLED", nextCheckAt: null });
  });

  it("has its receipt cancelled when that is found later", async () => {
    const shop = createShop();
    await shop.storage.addPayment(paymentRow({ createdAt: shop.now() }));
    const receipt = await shop.client.receipts.create({ amount, account: { order_id: "payment-1" } });
    await shop.payments.cancel("payment-1");
    await shop.payments.reconcile();
    expect((await shop.client.receipts.check(receipt._id)).state).toBe(50);
    expect(await shop.payments.find("payment-1")).toMatchObject({ status: "CANCELLED", nextCheckAt: null });
  });
});

describe("a payment that is asked about while its receipt is being made", () => {
  it("stays pending", async () => {
    const shop = createShop();
    const { receipts } = shop.client;
    const make = receipts.create;
    receipts.create = async (params) => {
      const payment = await shop.payments.findByReference("order:197");
      for (let look = 0; look < 3; look += 1) await shop.payments.check(payment?.id ?? "");
      return make(params);
    };
    expect(await shop.payments.create({ reference: "order:197", amount })).toMatchObject({
      payment: { status: "PENDING" },
    });
  });
});
