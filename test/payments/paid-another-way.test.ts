import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import { createShop, scope } from "./shop";

const amount = som(50_000);
const MINUTE = 60_000;

/** As a Merchant transaction pays it that came to the same payment, while its receipt was open. */
async function payByMerchant(shop: ReturnType<typeof createShop>, id: string): Promise<void> {
  const at = shop.now();
  const by = { paidBy: "merchant-1", paidSource: "merchant", paidAt: at } as const;
  await shop.storage.changePayment(scope, id, { from: ["PENDING"], to: "PAID", at, ...by, nextCheckAt: at });
}

describe("a payment that was paid another way than by its receipt", () => {
  it("has the receipt cancelled, so that nobody pays twice", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    await payByMerchant(shop, id);
    expect(await shop.payments.reconcile()).toMatchObject({ checked: 1, paid: 1 });
    expect((await shop.client.receipts.check(transactionId ?? "")).state).toBe(50);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", paidBy: "merchant-1", nextCheckAt: null });
    expect(shop.delivery(id)).toBeUndefined();
  });

  it("leaves a receipt alone that is being paid just now", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    await payByMerchant(shop, id);
    let cancels = 0;
    Object.assign(shop.client.receipts, {
      check: async () => ({ state: 2 }),
      cancel: async () => {
        cancels += 1;
      },
    });
    await shop.payments.reconcile();
    expect(cancels).toBe(0);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", nextCheckAt: expect.any(Number) });
  });

  it("has a receipt cancelled that is still being paid at the end of its time", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    await payByMerchant(shop, id);
    shop.pass(24 * 60 * MINUTE);
    shop.client.receipts.check = async () => ({ state: 2 });
    await shop.payments.reconcile();
    expect(shop.mock.receipts()).toMatchObject([{ state: 50 }]);
  });

  it("and refunded keeps that refund, whatever becomes of its receipt", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    const at = shop.now();
    const paid = { from: ["PENDING"], to: "PAID", at, paidBy: "r2", paidSource: "receipt", paidAt: at } as const;
    await shop.storage.changePayment(scope, id, paid);
    const queued = { from: ["PAID"], to: "CANCELLED", at, refund: "queued", nextCheckAt: at } as const;
    await shop.storage.changePayment(scope, id, queued);
    await shop.mock.cancel(transactionId ?? "");
    await shop.payments.reconcile();
    expect(await shop.payments.find(id)).toMatchObject({ refund: "queued" });
  });

  it("ends a cancel that was under way when the receipt has ended, and stays paid", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    shop.mock.faults.add({ method: "receipts.cancel", kind: "drop_before", times: 1 });
    await expect(shop.payments.cancel(id)).rejects.toThrow();
    await payByMerchant(shop, id);
    await shop.payments.reconcile();
    expect((await shop.client.receipts.check(transactionId ?? "")).state).toBe(50);
    const ended = { status: "PAID", cancelRequestedAt: null, nextCheckAt: null };
    expect(await shop.payments.find(id)).toMatchObject(ended);
    shop.pass(MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ checked: 0 });
  });
});
