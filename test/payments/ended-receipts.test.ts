import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import { transactionRow } from "../ledger/rows";
import { card, createShop, scope } from "./shop";

const amount = som(50_000);
type Shop = ReturnType<typeof createShop>;

/** A payment with a receipt, and the two reports of it: that it ended, and that it was paid. */
async function withReceipt(shop: Shop) {
  const { id, transactionId } = await shop.payments.create({ amount });
  const paymeId = transactionId ?? "";
  return {
    id,
    paymeId,
    ended: { paymeId, cancelledAt: shop.now(), source: "gateway" },
    paid: { paymeId, amount, paidAt: shop.now(), source: "gateway" },
  } as const;
}
type Receipt = Awaited<ReturnType<typeof withReceipt>>;

/** A live Merchant transaction on a payment. */
async function holding(shop: Shop, { id }: Receipt, paymeId: string): Promise<void> {
  const row = { ...scope, paymeId, reference: id, amount, source: "merchant", time: shop.now() } as const;
  await shop.storage.addTransaction(transactionRow(row));
}

const failed = async (shop: Shop, { id }: Receipt) =>
  void (await shop.storage.changePayment(scope, id, { from: ["PENDING"], to: "FAILED", at: shop.now() }));

/** Where a payment can stand when its receipt's end is reported before its money. */
const standings = [
  ["PENDING", async () => {}, "CANCELLED"],
  ["FAILED", failed, "FAILED"],
  ["PENDING, with a live Merchant transaction of another id", (s: Shop, r: Receipt) => holding(s, r, "m1"), "PENDING"],
] as const;

describe("money that is reported after its receipt ended", () => {
  it.each(standings)("is a conflict for a payment that is %s: nothing is given, a person is told", async (...row) => {
    const [, bring, after] = row;
    const shop = createShop();
    const receipt = await withReceipt(shop);
    await bring(shop, receipt);
    await shop.payments.recordCancelled(receipt.ended);
    expect(await shop.storage.findTransaction(scope, receipt.paymeId)).toMatchObject({ state: -1 });
    const late = await shop.payments.recordPaid(receipt.paid);
    expect(late).toMatchObject({ outcome: "conflict", incident: "paid_after_cancel" });
    expect(await shop.payments.find(receipt.id)).toMatchObject({ status: after, paidBy: null });
    expect(shop.delivery(receipt.id)).toBeUndefined();
    expect(await shop.payments.incidents.list()).toMatchObject([
      { kind: "paid_after_cancel", subject: receipt.id, paymeId: receipt.paymeId },
    ]);
  });

  it.each(standings)("and the other way round for a payment that is %s: paid, then refunded, once", async (...row) => {
    const [name, bring] = row;
    const shop = createShop();
    const receipt = await withReceipt(shop);
    await bring(shop, receipt);
    expect(await shop.payments.recordPaid(receipt.paid), name).toMatchObject({ outcome: "applied" });
    await shop.payments.recordCancelled(receipt.ended);
    for (const _ of [1, 2]) {
      expect(await shop.payments.recordPaid(receipt.paid)).toMatchObject({ outcome: "already_applied" });
      expect(await shop.payments.recordCancelled(receipt.ended)).toMatchObject({ outcome: "already_applied" });
    }
    expect(await shop.payments.find(receipt.id)).toMatchObject({ status: "CANCELLED", paidBy: receipt.paymeId });
    expect(shop.delivery(receipt.id)).toMatchObject({ delivered: 1, takenBack: 1 });
    expect(await shop.payments.incidents.list()).toEqual([]);
  });

  it("is a conflict also where another id paid the payment", async () => {
    const shop = createShop();
    const receipt = await withReceipt(shop);
    const change = { from: ["PENDING"], to: "PAID", at: shop.now(), paidBy: "m1", paidSource: "merchant" } as const;
    await shop.storage.changePayment(scope, receipt.id, change);
    await shop.payments.recordCancelled(receipt.ended);
    expect(await shop.payments.recordPaid(receipt.paid)).toMatchObject({ outcome: "conflict" });
    expect(await shop.payments.find(receipt.id)).toMatchObject({ status: "PAID", paidBy: "m1" });
    expect(await shop.payments.incidents.list()).toHaveLength(1);
  });

  it("reported 50 times each, all at once, ends paid and refunded, or ended with an incident: never given and not", async () => {
    for (let round = 0; round < 8; round += 1) {
      const shop = createShop();
      const receipt = await withReceipt(shop);
      const calls = Array.from({ length: 50 }, () => [
        () => shop.payments.recordCancelled(receipt.ended),
        () => shop.payments.recordPaid(receipt.paid),
      ]).flat();
      await Promise.all((round % 2 ? calls : calls.reverse()).map((call) => call()));
      const payment = await shop.payments.find(receipt.id);
      const incidents = await shop.payments.incidents.list();
      expect(payment?.status).toBe("CANCELLED");
      const isPaid = payment?.paidBy === receipt.paymeId;
      expect(incidents).toHaveLength(isPaid ? 0 : 1);
      const given = { paymentId: receipt.id, delivered: 1, takenBack: 1 };
      expect(shop.delivery(receipt.id)).toEqual(isPaid ? given : undefined);
    }
  });
});

describe("a receipt whose id is that of a Merchant transaction (a billing cashbox)", () => {
  it("is left to Payme while that transaction is open: no change, no incident, whatever is reported", async () => {
    const shop = createShop();
    const receipt = await withReceipt(shop);
    await holding(shop, receipt, receipt.paymeId);
    const before = await shop.payments.find(receipt.id);
    for (const _ of [1, 2]) {
      expect(await shop.payments.recordPaid(receipt.paid)).not.toHaveProperty("incident");
      expect(await shop.payments.recordCancelled(receipt.ended)).not.toHaveProperty("incident");
    }
    const noted = { webhookReceivedAt: shop.now() };
    expect(await shop.payments.find(receipt.id)).toEqual({ ...before, ...noted });
    expect(await shop.storage.findTransaction(scope, receipt.paymeId)).toMatchObject({ state: 1, source: "merchant" });
    expect(await shop.payments.incidents.list()).toEqual([]);
    expect(shop.delivery(receipt.id)).toBeUndefined();
  });

  it("that Payme cancelled has ended: money under its id is a conflict", async () => {
    const shop = createShop();
    const receipt = await withReceipt(shop);
    await holding(shop, receipt, receipt.paymeId);
    const cancel = { from: 1, to: -1, at: shop.now(), reason: 3 } as const;
    await shop.storage.changeTransaction(scope, receipt.paymeId, cancel);
    const late = await shop.payments.recordPaid(receipt.paid);
    expect(late).toMatchObject({ outcome: "conflict", incident: "paid_after_cancel" });
    expect(shop.delivery(receipt.id)).toBeUndefined();
  });
});

describe("an unpaid receipt whose cancel Payme has only queued", () => {
  it("leaves its payment open until 50, and Payme is not told to cancel again", async () => {
    const shop = createShop({ mock: { choices: { cancelledHold: "queued" }, cancelDelayMs: 90_000 } });
    const { id, transactionId } = await shop.payments.create({ amount });
    const paymeId = transactionId ?? "";
    await shop.mock.pay(paymeId, { card });
    await shop.mock.cancel(paymeId);
    // Paid and given back at Payme before our books learnt of either: nothing was given here.
    expect(await shop.payments.check(id)).toMatchObject({ status: "PENDING" });
    shop.pass(10 * 60_000);
    await shop.payments.reconcile();
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED", paidBy: null, refund: "none" });
    expect(shop.mock.exchanges.filter(({ method }) => method === "receipts.cancel")).toHaveLength(0);
    expect(shop.delivery(id)).toBeUndefined();
  });
});
