import { describe, expect, it } from "vitest";
import { createPayments } from "../../src/entry";
import { som } from "../../src/kit/money";
import { card, createShop, scope } from "./shop";

const amount = som(50_000);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A shop whose first payment is made and paid on 2026-01-15. */
async function openShop() {
  const shop = createShop();
  const sell = async (learn = true) => {
    const { id, transactionId } = await shop.payments.create({ amount });
    const paymeId = transactionId ?? "";
    await shop.mock.pay(paymeId, { card });
    if (learn) await shop.payments.check(id);
    return { id, paymeId };
  };
  const daysOf = async () => (await shop.payments.review({ limit: 200 })).days.map(({ day, ages }) => [day, [...ages]]);
  const kinds = async () => (await shop.payments.incidents.list()).map(({ kind }) => kind);
  return { ...shop, sell, daysOf, kinds };
}

describe("a review", () => {
  it("finds a refund by hand, days after the payment, and takes the goods back", async () => {
    const shop = await openShop();
    const { id, paymeId } = await shop.sell();
    for (let day = 1; day <= 5; day += 1) {
      shop.pass(DAY);
      await shop.payments.review();
      await shop.payments.reconcile();
    }
    await shop.mock.cancel(paymeId);
    shop.pass(DAY);
    expect(await shop.payments.review()).toMatchObject({ days: expect.anything() });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID" });
    shop.pass(DAY);
    const { days } = await shop.payments.review();
    expect(days.find(({ day }) => day === "2026-01-15")).toMatchObject({ ages: [7], recorded: 1, differences: [] });
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED", refund: "done" });
    expect(shop.delivery(id)).toEqual({ paymentId: id, delivered: 1, takenBack: 1 });
    const [refunded] = await shop.storage.listEvents(scope, { subject: id, kinds: ["payment.refunded"], limit: 9 });
    expect(refunded?.data).toMatchObject({ source: "review" });
  });

  it("looks at a day when it is 1, 2, 3, 7, 14, 30, 60 and 90 days old, each once", async () => {
    const shop = await openShop();
    await shop.sell();
    const ages: number[] = [];
    for (let day = 1; day <= 100; day += 1) {
      shop.pass(DAY);
      for (const _ of [1, 2]) {
        const { days } = await shop.payments.review({ limit: 200 });
        ages.push(...days.filter((each) => each.day === "2026-01-15").flatMap((each) => each.ages));
      }
    }
    expect(ages).toEqual([1, 2, 3, 7, 14, 30, 60, 90]);
  });

  it("reads Tashkent's days: half past midnight there is the next day", async () => {
    const shop = await openShop();
    await shop.sell();
    shop.pass(Date.UTC(2026, 0, 15, 19, 30) - shop.now());
    await shop.sell();
    const looked = async () => (await shop.payments.review()).days.map(({ day, compared }) => [day, compared]);
    expect(await looked()).toEqual([["2026-01-15", 1]]);
    shop.pass(DAY);
    expect(await looked()).toEqual([
      ["2026-01-16", 1],
      ["2026-01-15", 1],
    ]);
  });

  it("changes nothing where both books agree, and keeps how many receipts it compared", async () => {
    const shop = await openShop();
    await shop.sell();
    const [refunded, given] = [await shop.sell(), await shop.sell()];
    const elsewhere = await shop.payments.create({ amount });
    const paymeId = elsewhere.transactionId ?? "";
    await shop.payments.refund(refunded.id);
    const open = await shop.payments.create({ amount });
    await shop.payments.cancel(open.id);
    const at = shop.now();
    const paid = { from: ["PENDING"], to: "PAID", at, paidBy: "m1", paidSource: "merchant", paidAt: at } as const;
    await shop.storage.changePayment(scope, elsewhere.id, paid);
    await shop.mock.cancel(paymeId);
    await shop.payments.recordCancelled({ paymeId, cancelledAt: at, source: "gateway" });
    shop.pass(HOUR);
    await shop.payments.reconcile();
    shop.pass(DAY);
    const { days } = await shop.payments.review();
    const agreed = { day: "2026-01-15", ages: [1], compared: 5, recorded: 0, differences: [] };
    expect(days).toEqual([agreed]);
    const [mark] = await shop.storage.listEvents(scope, { subject: "review:2026-01-15", limit: 9 });
    expect(mark).toMatchObject({ kind: "review.age_1", data: { compared: 5, recorded: 0 } });
    expect(shop.lines.join()).not.toContain("differ");
    expect(shop.delivery(given.id)).toMatchObject({ delivered: 1, takenBack: 0 });
  });

  it("leaves a payment whose receipt Payme does not know a difference", async () => {
    const shop = await openShop();
    const { paymeId } = await shop.sell();
    shop.mock.reset();
    shop.pass(DAY);
    const { days } = await shop.payments.review();
    expect(days).toMatchObject([{ compared: 1, recorded: 0, differences: [{ id: paymeId, theirs: null }] }]);
    expect(days[0]).not.toHaveProperty("error");
  });

  it("begins with yesterday where all payments failed, and notes once when it began", async () => {
    const shop = await openShop();
    const { id } = await shop.payments.create({ amount });
    await shop.storage.changePayment(scope, id, { from: ["PENDING"], to: "FAILED", at: shop.now() });
    shop.pass(5 * DAY);
    for (const days of [[["2026-01-19", [1]]], []]) expect(await shop.daysOf()).toEqual(days);
    expect(await shop.story("review.begun")).toEqual(["review.begun"]);
  });

  it("tells a person of money under this Payme id, whatever was told of another one", async () => {
    const shop = await openShop();
    const { id, paymeId } = await shop.sell(false);
    const at = shop.now();
    await shop.storage.changePayment(scope, id, { from: ["PENDING"], to: "CANCELLED", at });
    await shop.storage.appendEvents([{ ...scope, kind: "double_payment", subject: id, paymeId: "another", at }]);
    shop.pass(DAY);
    await shop.payments.review();
    const incidents = await shop.payments.incidents.list();
    expect(incidents.map((row) => [row.kind, row.paymeId])).toEqual([
      ["double_payment", "another"],
      ["paid_after_cancel", paymeId],
    ]);
  });

  it("makes up the ages that were missed, in one look", async () => {
    const shop = await openShop();
    await shop.sell();
    shop.pass(35 * DAY);
    const looked = await shop.daysOf();
    expect(looked).toHaveLength(35);
    expect(looked.at(-1)).toEqual(["2026-01-15", [1, 2, 3, 7, 14, 30]]);
    expect(await shop.daysOf()).toEqual([]);
  });

  it("takes no more days than its limit, the newest first, and says how many are left", async () => {
    const shop = await openShop();
    await shop.sell();
    shop.pass(35 * DAY);
    const first = await shop.payments.review({ limit: 10 });
    expect(first.days[0]).toMatchObject({ day: "2026-02-18", ages: [1] });
    expect(first.left).toBe(25);
    expect((await shop.payments.review({ limit: 30 })).left).toBe(0);
  });

  it("settles what Payme took and nobody told", async () => {
    const shop = await openShop();
    const open = await shop.sell(false);
    const lost = await shop.sell(false);
    await shop.storage.changePayment(scope, lost.id, { from: ["PENDING"], to: "FAILED", at: shop.now() });
    shop.pass(DAY);
    await shop.payments.review();
    for (const { id } of [open, lost]) {
      expect(await shop.payments.find(id)).toMatchObject({ status: "PAID" });
      expect(shop.delivery(id)).toMatchObject({ delivered: 1 });
    }
  });

  it("settles a receipt that was never attached, by the id that it carries", async () => {
    const shop = await openShop();
    shop.mock.faults.add({ method: "receipts.create", kind: "drop_after", times: 1 });
    await shop.payments.create({ reference: "lost", amount }).catch(() => {});
    const [receipt] = shop.mock.receipts();
    await shop.mock.pay(receipt?._id ?? "", { card });
    shop.pass(DAY);
    await shop.payments.review();
    expect(await shop.payments.findByReference("lost")).toMatchObject({ status: "PAID", transactionId: receipt?._id });
  });

  it("tells a person of money for a payment that was cancelled or paid another way, once for all looks", async () => {
    const shop = await openShop();
    const [cancelled, elsewhere] = [await shop.sell(false), await shop.sell(false)];
    const at = shop.now();
    await shop.storage.changePayment(scope, cancelled.id, { from: ["PENDING"], to: "CANCELLED", at });
    const paid = { from: ["PENDING"], to: "PAID", at, paidBy: "m1", paidSource: "merchant", paidAt: at } as const;
    await shop.storage.changePayment(scope, elsewhere.id, paid);
    shop.pass(DAY);
    const { days } = await shop.payments.review();
    expect(days.at(-1)?.differences.map(({ isPaid }) => isPaid)).toEqual([true, true]);
    expect((await shop.kinds()).sort()).toEqual(["double_payment", "paid_after_cancel"]);
    for (const { id } of await shop.payments.incidents.list()) {
      await shop.payments.incidents.resolve(id, { by: "anna", note: "refunded in the cabinet" });
    }
    for (let day = 2; day <= 3; day += 1) {
      shop.pass(DAY);
      await shop.payments.review();
      expect(await shop.kinds()).toEqual([]);
    }
  });

  it("leaves a stranger's receipt a difference, without an incident", async () => {
    const shop = await openShop();
    await shop.sell();
    const { _id } = await shop.client.receipts.create({ amount, account: { order_id: "another-system" } });
    await shop.mock.pay(_id, { card });
    shop.pass(DAY);
    const { days } = await shop.payments.review();
    expect(days[0]?.differences).toMatchObject([{ id: _id, kind: "missing_here", isPaid: true }]);
    expect(await shop.kinds()).toEqual([]);
    expect(shop.lines.join()).toContain(_id);
  });

  it("does not mark a day that could not be read to its end: it comes again", async () => {
    const shop = await openShop();
    const { id, paymeId } = await shop.sell();
    shop.pass(DAY);
    await shop.mock.cancel(paymeId);
    shop.mock.faults.add({ method: "receipts.get_all", kind: "http_status", status: 502, times: 1 });
    const broken = await shop.payments.review();
    expect(broken).toMatchObject({ days: [{ day: "2026-01-15", error: "CONNECTION_FAILED" }], left: 1 });
    expect(shop.lines.join()).toContain('"day":"2026-01-15","error":"CONNECTION_FAILED"');
    await shop.payments.review();
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED" });
  });

  it("leaves the day due where nobody here can take back what was refunded", async () => {
    const shop = await openShop();
    const { id, paymeId } = await shop.sell();
    await shop.mock.cancel(paymeId);
    shop.pass(DAY);
    const logger = { info() {}, warn() {}, error() {} };
    const script = createPayments({ storage: shop.storage, client: shop.client, now: shop.now, logger });
    expect(await script.review()).toMatchObject({ days: [{ error: "NO_FULFILLER" }], left: 1 });
    await shop.payments.review();
    expect(shop.delivery(id)).toMatchObject({ takenBack: 1 });
  });

  it("by ten processes at once takes back once", async () => {
    const shop = await openShop();
    const { id, paymeId } = await shop.sell();
    await shop.mock.cancel(paymeId);
    shop.pass(DAY);
    await Promise.all(Array.from({ length: 10 }, () => shop.payments.review()));
    expect(shop.delivery(id)).toEqual({ paymentId: id, delivered: 1, takenBack: 1 });
    expect(await shop.kinds()).toEqual([]);
  });

  it("looks at yesterday alone without payments, and at nothing without a client", async () => {
    const shop = await openShop();
    expect(await shop.payments.review()).toMatchObject({ days: [{ day: "2026-01-14", ages: [1] }], left: 0 });
    const links = createPayments({ storage: shop.storage, mode: "test", payUrl: () => "https://pay.example" });
    await shop.sell();
    shop.pass(3 * DAY);
    expect(await links.review()).toEqual({ days: [], left: 0 });
  });

  it("makes up the days since the first one, also where no payment of ours waits or was paid", async () => {
    const shop = await openShop();
    await shop.payments.review();
    const { id, transactionId } = await shop.payments.create({ amount });
    const paymeId = transactionId ?? "";
    await shop.storage.changePayment(scope, id, { from: ["PENDING"], to: "FAILED", at: shop.now() });
    await shop.mock.pay(paymeId, { card });
    shop.pass(8 * DAY);
    await shop.payments.review();
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", paidBy: paymeId });
  });
});
