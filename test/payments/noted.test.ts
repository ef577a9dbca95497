import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import { card, createShop } from "./shop";

const amount = som(50_000);
const source = "gateway";

describe("a notification of a payment", () => {
  it("is written once, and again only for a new cheque", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    const paymeId = transactionId ?? "";
    await shop.mock.pay(paymeId, { card });
    await shop.payments.check(id);
    let written = 0;
    const { noteNotification } = shop.storage;
    shop.storage.noteNotification = (...note) => {
      written += 1;
      return noteNotification(...note);
    };
    const first = shop.now();
    const seen: object[] = [];
    for (const chequeId of [undefined, undefined, "cheque-1", "cheque-1", undefined, null, "cheque-2"]) {
      await shop.payments.recordPaid({ paymeId, chequeId, amount, paidAt: first, source });
      expect(await shop.payments.find(id)).toMatchObject({ webhookReceivedAt: first });
      seen.push([written, (await shop.payments.find(id))?.chequeId]);
      shop.pass(1_000);
    }
    expect(seen).toEqual([
      [1, paymeId],
      [1, paymeId],
      [2, "cheque-1"],
      [2, "cheque-1"],
      [2, "cheque-1"],
      [2, "cheque-1"],
      [3, "cheque-2"],
    ]);
  });
});

describe("a payment whose money moved and whose hook throws", () => {
  const fails = () => {
    throw new Error("the warehouse is closed");
  };

  it("is asked about when it was to be", async () => {
    const shop = createShop({ payments: { onPaid: fails } });
    const { id, transactionId, payment } = await shop.payments.create({ amount });
    const report = { paymeId: transactionId ?? "", amount, paidAt: shop.now(), source } as const;
    shop.pass(1_000);
    await expect(shop.payments.recordPaid(report)).rejects.toMatchObject({ code: "EFFECT_FAILED" });
    expect(payment.nextCheckAt).toBeGreaterThan(shop.now());
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING", nextCheckAt: payment.nextCheckAt });
  });

  it("is asked about at once where nothing was left to ask", async () => {
    const shop = createShop({ payments: { onRefunded: fails } });
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.mock.pay(transactionId ?? "", { card });
    expect(await shop.payments.check(id)).toMatchObject({ status: "PAID", nextCheckAt: null });
    const report = { paymeId: transactionId ?? "", cancelledAt: shop.now(), source } as const;
    await expect(shop.payments.recordCancelled(report)).rejects.toMatchObject({ code: "EFFECT_FAILED" });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", nextCheckAt: shop.now() });
  });
});
