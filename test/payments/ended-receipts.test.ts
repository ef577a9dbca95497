import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import { paymentRow, transactionRow } from "../ledger/rows";
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

  it("of another amount is told as that", async () => {
    const shop = createShop();
    const receipt = await withReceipt(shop);
    await shop.payments.recordCancelled(receipt.ended);
    const late = await shop.payments.recordPaid({ ...receipt.paid, amount: som(1) });
    expect(late).toMatchObject({ outcome: "conflict", incident: "amount_mismatch" });
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
      const left = { outcome: "conflict", row: { status: "PENDING" } };
      expect(await shop.payments.recordPaid(receipt.paid)).toMatchObject({ ...left, incident: undefined });
      expect(await shop.payments.recordCancelled(receipt.ended)).toMatchObject(left);
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

  it.each([["PAID"], ["refunded"]])(
    "whose second attempt paid is the same money: no incident (%s)",
    async (standing) => {
      const shop = createShop();
      const receipt = await withReceipt(shop);
      await holding(shop, receipt, receipt.paymeId);
      // The card was declined: Payme cancels the transaction, and begins another one for the same receipt.
      const cancel = { from: 1, to: -1, at: shop.now(), reason: 2 } as const;
      await shop.storage.changeTransaction(scope, receipt.paymeId, cancel);
      const change = { from: ["PENDING"], to: "PAID", at: shop.now(), paidBy: "m2", paidSource: "merchant" } as const;
      await shop.storage.changePayment(scope, receipt.id, change);
      if (standing === "refunded") {
        const refund = { from: ["PAID"], to: "CANCELLED", at: shop.now(), refund: "done" } as const;
        await shop.storage.changePayment(scope, receipt.id, refund);
      }
      const same = { outcome: "conflict", incident: undefined };
      expect(await shop.payments.recordPaid(receipt.paid)).toMatchObject(same);
      expect(await shop.payments.recordPaid({ ...receipt.paid, amount: som(1) })).toMatchObject({
        incident: "double_payment",
      });
      expect(await shop.payments.find(receipt.id)).toMatchObject({ paidBy: "m2" });
    },
  );
});

describe("the report that a receipt ended", () => {
  it("of an id that nobody knows is not_found, and no incident: it took no money", async () => {
    const shop = createShop();
    const unknown = { paymeId: "unknown", cancelledAt: shop.now(), source: "gateway" } as const;
    expect(await shop.payments.recordCancelled(unknown)).toEqual({ outcome: "not_found" });
    expect(await shop.payments.incidents.list()).toEqual([]);
  });

  it("leaves a failed payment to Payme while a Merchant transaction of the same id is open", async () => {
    const shop = createShop();
    const receipt = await withReceipt(shop);
    await failed(shop, receipt);
    await shop.storage.changePayment(scope, receipt.id, { from: ["FAILED"], to: "FAILED", at: 1, nextCheckAt: 5 });
    await holding(shop, receipt, receipt.paymeId);
    const ended = { ...receipt.ended, source: "receipt" } as const;
    expect(await shop.payments.recordCancelled(ended)).toMatchObject({ outcome: "conflict", row: { nextCheckAt: 5 } });
    expect(await shop.payments.find(receipt.id)).toMatchObject({ nextCheckAt: 5 });
  });

  it.each([
    ["gateway", "gateway"],
    ["receipt", "receipt"],
    ["review", "receipt"],
  ] as const)(
    "from the %s is kept with its order; ended before it was made, it ended when made",
    async (source, kept) => {
      const shop = createShop();
      const receipt = await withReceipt(shop);
      const { createdAt } = (await shop.payments.find(receipt.id)) ?? { createdAt: 0 };
      await shop.payments.recordCancelled({ ...receipt.ended, source, cancelledAt: createdAt - 1 });
      expect(await shop.storage.findTransaction(scope, receipt.paymeId)).toMatchObject({
        state: -1,
        source: kept,
        account: { order_id: receipt.id },
        cancelTime: createdAt,
      });
    },
  );

  it("ends the questions about a failed payment, and a second one changes nothing", async () => {
    const shop = createShop();
    const receipt = await withReceipt(shop);
    await failed(shop, receipt);
    await shop.storage.changePayment(scope, receipt.id, { from: ["FAILED"], to: "FAILED", at: 1, nextCheckAt: 5 });
    const first = await shop.payments.recordCancelled(receipt.ended);
    expect(first).toMatchObject({ outcome: "already_applied", row: { status: "FAILED", nextCheckAt: null } });
    const before = await shop.payments.find(receipt.id);
    shop.pass(1_000);
    expect(await shop.payments.recordCancelled(receipt.ended)).toEqual({ outcome: "already_applied", row: before });
    expect(await shop.payments.find(receipt.id)).toEqual(before);
  });

  it("withdraws the cancel of a payment that another id paid: it cannot give that back", async () => {
    const shop = createShop();
    const receipt = await withReceipt(shop);
    const change = { from: ["PENDING"], to: "PAID", at: shop.now(), paidBy: "m1", paidSource: "merchant" } as const;
    await shop.storage.changePayment(scope, receipt.id, change);
    await shop.storage.requestCancel(scope, receipt.id, { from: ["PAID"], at: shop.now(), nextCheckAt: shop.now() });
    const ended = await shop.payments.recordCancelled(receipt.ended);
    expect(ended).toMatchObject({ outcome: "already_applied", row: { cancelRequestedAt: null, nextCheckAt: null } });
    expect(await shop.payments.find(receipt.id)).toMatchObject({ status: "PAID", cancelRequestedAt: null });
  });

  it("leaves alone the refund of another receipt that paid", async () => {
    const shop = createShop();
    const receipt = await withReceipt(shop);
    const at = shop.now();
    const paid = { from: ["PENDING"], to: "PAID", at, paidBy: "r2", paidSource: "receipt" } as const;
    await shop.storage.changePayment(scope, receipt.id, paid);
    const queued = { from: ["PAID"], to: "CANCELLED", at, refund: "queued", nextCheckAt: at + 1 } as const;
    await shop.storage.changePayment(scope, receipt.id, queued);
    await shop.payments.recordCancelled(receipt.ended);
    expect(await shop.payments.find(receipt.id)).toMatchObject({ refund: "queued", nextCheckAt: at + 1 });
  });

  it("reported 20 times at once of a paid receipt is one refund", async () => {
    const shop = createShop();
    const receipt = await withReceipt(shop);
    await shop.payments.recordPaid(receipt.paid);
    const all = await Promise.all(Array.from({ length: 20 }, () => shop.payments.recordCancelled(receipt.ended)));
    expect(all.map(({ outcome }) => outcome).sort()).toEqual([
      ...Array.from({ length: 19 }, () => "already_applied"),
      "applied",
    ]);
  });

  it.each([
    ["at once, where it says so", true, "done"],
    ["later, where Payme can be asked", undefined, undefined],
  ] as const)("ends a refund %s", async (_name, isTold, refund) => {
    const shop = createShop();
    const receipt = await withReceipt(shop);
    await shop.payments.recordPaid(receipt.paid);
    await shop.payments.recordCancelled({ ...receipt.ended, refund });
    const first = { refund: isTold ? "done" : "queued", refundedAt: isTold ? shop.now() : null };
    expect(await shop.payments.find(receipt.id)).toMatchObject(first);
    await shop.payments.recordCancelled(receipt.ended);
    expect(await shop.payments.find(receipt.id)).toMatchObject(first);
    await shop.payments.recordCancelled({ ...receipt.ended, refund: "done" });
    expect(await shop.payments.find(receipt.id)).toMatchObject({ refund: "done", nextCheckAt: null });
    expect((await shop.story(receipt.id)).slice(2)).toEqual(["payment.refunded", "payment.refund_done"]);
  });

  it("ends no refund in a shop that has no client to ask with", async () => {
    const shop = createShop({ payments: { mode: "test", client: undefined, payUrl: () => "https://pay.example" } });
    await shop.storage.addPayment(paymentRow({ amount, transactionId: "r1", createdAt: shop.now() }));
    await shop.payments.recordPaid({ paymeId: "r1", amount, paidAt: shop.now(), source: "gateway" });
    await shop.payments.recordCancelled({ paymeId: "r1", cancelledAt: shop.now(), source: "gateway" });
    expect(await shop.payments.find("payment-1")).toMatchObject({ status: "CANCELLED", refund: "queued" });
    expect((await shop.story("payment-1")).at(-1)).toBe("payment.refunded");
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
