import { describe, expect, it } from "vitest";
import { createPayments } from "../../src/entry";
import { createMerchantApi } from "../../src/entry/merchant";
import { som } from "../../src/kit/money";
import type { MockChoices } from "../../src/testing/mock/choices";
import { card, createShop, scope } from "./shop";

const amount = som(50_000);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const humo = { number: "9860123456789012", expire: "1230" };
const anna = { by: "anna", note: "done" };

type Shop = ReturnType<typeof createShop>;
type RefundEnds = MockChoices["cancelEnds"];

/** The same books in a process without a client, and in one without a fulfiller. */
function otherProcess(shop: Shop, how: "no client" | "no fulfiller") {
  const { storage, now, logger } = shop.payments.books;
  const hooks = { onPaid: () => true, onRefunded: () => true };
  return how === "no client"
    ? createPayments({ storage, now, logger, mode: "test", payUrl: () => "", ...hooks })
    : createPayments({ storage, now, logger, client: shop.client });
}

const told = async (shop: Shop, open = true) =>
  (await shop.payments.incidents.list({ open, limit: 100 })).map(({ kind, paymeId }) => [kind, paymeId]);

async function live(shop: Shop, days: number) {
  for (let day = 0; day < days; day += 1) {
    for (const _ of [1, 2, 3, 4]) {
      shop.pass(6 * HOUR);
      await shop.payments.reconcile();
    }
    await shop.payments.review({ limit: 200 });
  }
}

async function resolveAll(shop: Shop) {
  for (const { id } of await shop.payments.incidents.list()) await shop.payments.incidents.resolve(id, anna);
}

async function paid(shop: Shop) {
  const { id, transactionId } = await shop.payments.create({ amount });
  const x = transactionId ?? "";
  await shop.mock.pay(x, { card });
  await shop.payments.check(id);
  return { id, x };
}

describe("a process without a client ends no refund that Payme has not ended", () => {
  it("refund_refused stays open while Payme says that it is paid", async () => {
    const shop = createShop({ mock: { choices: { cancelEnds: [4, 50] } } });
    await shop.payments.review();
    const { id, x } = await paid(shop);
    await shop.payments.refund(id);
    await live(shop, 1);
    expect(await told(shop)).toEqual([["refund_refused", x]]);
    shop.pass(7 * HOUR);
    await otherProcess(shop, "no client").reconcile();
    await live(shop, 40);
    expect(shop.mock.receipt(x)?.state).toBe(4);
    expect(shop.delivery(id)).toMatchObject({ delivered: 1, takenBack: 1 });
    expect(await told(shop)).toEqual([["refund_refused", x]]);
  });

  it.each([
    ["a refund that has ended meanwhile", 4],
    ["a hold that was let go meanwhile", 5],
  ])("%s is not told from a page of receipts that was read before", async (_what, before) => {
    const shop = createShop();
    await shop.payments.review();
    const { id, transactionId } = await shop.payments.create({ amount, hold: before === 5 });
    await shop.mock.pay(transactionId ?? "", { card });
    await shop.payments.check(id);
    if (before === 5) await shop.payments.release(id);
    else await shop.payments.refund(id);
    await live(shop, 1);
    expect(shop.mock.receipt(transactionId ?? "")?.state).toBe(50);
    const { receipts } = shop.client;
    const getAll: typeof receipts.getAll = async (period) => {
      const page = await receipts.getAll(period);
      return { ...page, receipts: page.receipts.map((receipt) => ({ ...receipt, state: before })) };
    };
    const { storage, now, logger } = shop.payments.books;
    const client = { ...shop.client, receipts: { ...receipts, getAll } };
    shop.pass(DAY);
    const { days } = await createPayments({ storage, now, logger, client }).review({ limit: 9 });
    expect(days).toMatchObject([{ compared: 0 }, { compared: 1 }]);
    expect(await told(shop, false)).toEqual([]);
  });

  it("nor one that it was notified of: what Payme refused is told; asked for again it is back", async () => {
    const shop = createShop({ mock: { choices: { cancelEnds: [4, 50] } } });
    await shop.payments.review();
    const { id, x } = await paid(shop);
    const other = otherProcess(shop, "no client");
    await shop.mock.cancel(x);
    await other.recordCancelled({ paymeId: x, cancelledAt: shop.now(), source: "gateway" });
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED", refund: "queued" });
    await live(shop, 1);
    expect(shop.mock.receipt(x)?.state).toBe(4);
    expect(await told(shop)).toEqual([["refund_refused", x]]);
    expect(await shop.payments.refund(id)).toMatchObject({ refund: "queued" });
    expect(shop.mock.receipt(x)?.state).toBe(21);
    await live(shop, 30);
    expect(shop.mock.receipt(x)?.state).toBe(50);
    expect(await told(shop)).toEqual([]);
  });
});

describe("a process without a client leaves a receipt that may be paid to one that can cancel it", () => {
  it.each(["cancelled there", "paid by a Merchant transaction there"])("of a payment %s", async (how) => {
    const shop = createShop();
    const { id, transactionId: x } = await shop.payments.create({ amount });
    const alone = otherProcess(shop, "no client");
    if (how === "cancelled there") expect(await alone.cancel(id)).toMatchObject({ outcome: "applied" });
    else {
      const call = endpointOf(shop, alone);
      const theirs = "6968c1a8e4edaa36434ef251";
      await call("CreateTransaction", { id: theirs, time: shop.now(), amount, account: { order_id: id } });
      expect(await call("PerformTransaction", { id: theirs })).toMatchObject({ result: { state: 2 } });
    }
    expect(shop.mock.receipt(x ?? "")?.state).toBe(0);
    await shop.payments.reconcile();
    expect(shop.mock.receipt(x ?? "")?.state).toBe(50);
    expect(await told(shop)).toEqual([]);
  });
});

describe("held money on a payment's own receipt that nobody asks about any more is told", () => {
  const holds = [["hold_expiring"], ["refund_stuck"]];
  const isTold = async (shop: Shop, x: string) =>
    (await told(shop, false)).some(([kind, id]) => id === x && holds.flat().includes(kind ?? ""));

  it("but not where a process without a client closed the payment, and then it was held: it is let go", async () => {
    const shop = createShop();
    await shop.payments.review();
    const { id, transactionId } = await shop.payments.create({ amount, hold: true });
    const x = transactionId ?? "";
    expect(await otherProcess(shop, "no client").cancel(id)).toMatchObject({ outcome: "applied" });
    expect(await shop.mock.pay(x, { card: humo })).toMatchObject({ outcome: "held" });
    await live(shop, 60);
    expect(shop.mock.receipt(x)?.state).toBe(50);
    expect(await isTold(shop, x)).toBe(false);
  });

  it("where another receipt was accepted, and its refund was refused", async () => {
    const shop = createShop({ mock: { choices: { cancelEnds: [4, 50] } } });
    await shop.payments.review();
    const { id, transactionId } = await shop.payments.create({ amount, hold: true });
    const x = transactionId ?? "";
    const { _id: y } = await shop.client.receipts.create({ amount, account: { order_id: "by hand" } });
    await shop.mock.pay(y, { card });
    await shop.payments.recordPaid({ paymeId: y, amount, paidAt: shop.now(), source: "gateway" });
    const [incident] = await shop.payments.incidents.list();
    await shop.payments.accept(incident?.id ?? 0, { ...anna, paymentId: id });
    await shop.payments.refund(id);
    expect(await shop.mock.pay(x, { card: humo })).toMatchObject({ outcome: "held" });
    await live(shop, 60);
    expect(shop.mock.receipt(x)?.state).toBe(5);
    expect(await told(shop, false)).toContainEqual(["refund_refused", y]);
    expect(await isTold(shop, x)).toBe(true);
  });

  it("where Payme refuses its release at each look, with a code that we do not know", async () => {
    const shop = createShop();
    await shop.payments.review();
    const { id, transactionId } = await shop.payments.create({ amount, hold: true });
    const x = transactionId ?? "";
    await shop.mock.pay(x, { card: humo });
    await shop.payments.check(id);
    shop.mock.faults.add({ method: "receipts.cancel", kind: "rpc_error", code: -31699, message: "no" });
    await expect(shop.payments.release(id)).rejects.toThrow();
    await live(shop, 60);
    expect(shop.mock.receipt(x)?.state).toBe(5);
    expect(await isTold(shop, x)).toBe(true);
  });

  it.each([-31699, -31601])("where the payment is CANCELLED, and Payme refuses to end the hold (%s)", async (code) => {
    const shop = createShop();
    await shop.payments.review();
    const { id, transactionId } = await shop.payments.create({ amount, hold: true });
    const x = transactionId ?? "";
    await shop.mock.pay(x, { card: humo });
    await shop.payments.check(id);
    // Payme queues the cancel (21), notifies, and puts the hold back.
    await shop.payments.recordCancelled({ paymeId: x, cancelledAt: shop.now(), source: "gateway" });
    shop.mock.faults.add({ method: "receipts.cancel", kind: "rpc_error", code, message: "no" });
    await live(shop, 60);
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED" });
    expect(shop.mock.receipt(x)?.state).toBe(5);
    expect(await isTold(shop, x)).toBe(true);
  });
});

describe("what is no end of a hold silences nobody", () => {
  it("nobody is told while Payme ends it: a release that was queued a moment ago, of a hold of ten days", async () => {
    const shop = createShop({ mock: { choices: { cancelledHold: "queued" } } });
    await shop.payments.review();
    const { id, transactionId } = await shop.payments.create({ amount, hold: true });
    const x = transactionId ?? "";
    await shop.mock.pay(x, { card });
    await live(shop, 13);
    expect(await shop.payments.release(id)).toMatchObject({ outcome: "queued" });
    expect(shop.mock.receipt(x)?.state).toBe(21);
    shop.pass(10 * HOUR);
    await shop.payments.review({ limit: 200 });
    await live(shop, 2);
    expect(shop.mock.receipt(x)?.state).toBe(50);
    expect(await told(shop, false)).toEqual([]);
  });

  it("a notification of its cancel, while Payme is at 21, and then the hold goes on", async () => {
    const shop = createShop({ mock: { choices: { cancelEnds: [4, 50] } } });
    await shop.payments.review();
    const { transactionId } = await shop.payments.create({ amount, hold: true });
    const x = transactionId ?? "";
    await shop.mock.pay(x, { card: humo });
    await live(shop, 29);
    expect(await told(shop)).toEqual([["hold_expiring", x]]);
    shop.pass(DAY - 30_000);
    // The cancel in the cabinet is at 21, the notification comes, and Payme puts the hold back.
    await shop.payments.recordCancelled({ paymeId: x, cancelledAt: shop.now(), source: "gateway" });
    shop.pass(120_000);
    await live(shop, 20);
    // HUMO does not let go after 30 days: it can only be taken.
    expect(shop.mock.receipt(x)?.state).toBe(5);
    expect(await told(shop)).not.toEqual([]);
  });
});

describe("a wish to refund that Payme refuses in the end is told, to whoever was told that it goes on", () => {
  it("also where the incident that asked for it was resolved meanwhile", async () => {
    const shop = createShop({ payments: { onPaid: () => false, onRefunded: () => true } });
    await shop.payments.review();
    const { id, x } = await paid(shop);
    expect(await told(shop)).toEqual([["paid_elsewhere", x]]);
    shop.mock.faults.add({ method: "receipts.cancel", kind: "drop_before", times: 1 });
    shop.mock.faults.add({ method: "receipts.cancel", kind: "http_status", status: 502, times: 1 });
    await expect(shop.payments.refund(id)).rejects.toMatchObject({ code: expect.any(String) });
    const wish = (await shop.payments.find(id))?.cancelRequestedAt;
    if (wish === null) await expect(shop.payments.refund(id)).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
    expect((await shop.payments.find(id))?.cancelRequestedAt).not.toBeNull();
    await resolveAll(shop);
    shop.mock.faults.add({ method: "receipts.cancel", kind: "rpc_error", code: -31601, message: "no" });
    await live(shop, 95);
    expect(shop.mock.receipt(x)?.state).toBe(4);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", unfulfilled: true });
    const row = await shop.payments.find(id);
    expect([row?.cancelRequestedAt !== null, await told(shop)]).not.toEqual([false, []]);
  });
});

describe("a refund that comes to a process without the fulfiller, of a payment that nobody asks about any more", () => {
  it("is booked by the other one, a hundred days after the payment", async () => {
    const shop = createShop();
    await shop.payments.review();
    const { id, x } = await paid(shop);
    await live(shop, 100);
    await shop.mock.cancel(x);
    shop.pass(5 * 60_000);
    const other = otherProcess(shop, "no fulfiller");
    for (const _ of [1, 2, 3]) {
      await expect(
        other.recordCancelled({ paymeId: x, cancelledAt: shop.now(), source: "gateway" }),
      ).rejects.toMatchObject({ code: "NO_FULFILLER" });
      shop.pass(60_000);
    }
    await live(shop, 40);
    expect(shop.mock.receipt(x)?.state).toBe(50);
    expect([(await shop.payments.find(id))?.status, await told(shop)]).not.toEqual(["PAID", []]);
  });

  it("is booked by the other one within an hour", async () => {
    const shop = createShop();
    await shop.payments.review();
    const { id, x } = await paid(shop);
    await shop.mock.cancel(x);
    shop.pass(5 * 60_000);
    const other = otherProcess(shop, "no fulfiller");
    await expect(
      other.recordCancelled({ paymeId: x, cancelledAt: shop.now(), source: "gateway" }),
    ).rejects.toMatchObject({ code: "NO_FULFILLER" });
    for (const _ of [1, 2, 3, 4]) {
      shop.pass(15 * 60_000);
      await shop.payments.reconcile();
      await other.reconcile();
    }
    expect([(await shop.payments.find(id))?.status, await told(shop)]).not.toEqual(["PAID", []]);
  });
});

const KEY = "live-key-of-36-characters-0123456789";
const TEST_KEY = "test-key-of-36-characters-0123456789";

function endpointOf(shop: Shop, payments = shop.payments) {
  const { now, logger } = shop.payments.books;
  const merchant = createMerchantApi({ ...payments.asOrders(), key: KEY, testKey: TEST_KEY, now, logger });
  const headers = { authorization: `Basic ${Buffer.from(`Paycom:${TEST_KEY}`).toString("base64")}` };
  return async (method: string, params: object) => {
    const reply = await merchant.handle({ method: "POST", headers, body: { method, params, id: 7 } });
    return JSON.parse(String(reply.body));
  };
}

/** A payment whose receipt calls the Merchant API under its own id, and has made its transaction. */
async function openBilling({ hold, cancelEnds = [50] }: { hold?: boolean; cancelEnds?: RefundEnds } = {}) {
  const shop = createShop({ mock: { choices: { cancelEnds } } });
  await shop.payments.review();
  const { id, transactionId } = await shop.payments.create({ amount, hold });
  const x = transactionId ?? "";
  const call = endpointOf(shop);
  await call("CreateTransaction", { id: x, time: shop.now(), amount, account: { order_id: id } });
  return { shop, id, x, call };
}

describe("a billing cashbox: one id on both roads", () => {
  it("a refund that Payme refuses after its CancelTransaction is told by the review", async () => {
    const { shop, id, x, call } = await openBilling();
    await shop.mock.pay(x, { card });
    expect(await call("PerformTransaction", { id: x })).toMatchObject({ result: { state: 2 } });
    await live(shop, 1);
    expect(await call("CancelTransaction", { id: x, reason: 5 })).toMatchObject({ result: { state: -2 } });
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED", refund: "done" });
    await live(shop, 40);
    expect(shop.mock.receipt(x)?.state).toBe(4);
    expect(await told(shop)).not.toEqual([]);
  });

  /** The card of the first attempt was declined; the next one, with an id of its own, paid. */
  async function payWithSecondAttempt(cancelEnds: RefundEnds) {
    const billing = await openBilling({ cancelEnds });
    const { shop, id, x, call } = billing;
    const next = "6968c1a8e4edaa36434ef251";
    await call("CancelTransaction", { id: x, reason: 3 });
    await call("CreateTransaction", { id: next, time: shop.now(), amount, account: { order_id: id } });
    await call("PerformTransaction", { id: next });
    await shop.mock.pay(x, { card });
    await live(shop, 2);
    expect(await told(shop)).toEqual([]);
    await shop.mock.cancel(x);
    await call("CancelTransaction", { id: next, reason: 5 });
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED", refund: "done", paidBy: next });
    return billing;
  }

  it("also where the second attempt of the receipt had paid; asked for again it is back", async () => {
    const { shop, id, x } = await payWithSecondAttempt([4, 50]);
    await live(shop, 40);
    expect(shop.mock.receipt(x)?.state).toBe(4);
    expect(await told(shop)).toEqual([["refund_refused", x]]);
    expect(await shop.payments.refund(id)).toMatchObject({ refund: "queued" });
    await live(shop, 40);
    expect(shop.mock.receipt(x)?.state).toBe(50);
    expect(await told(shop)).toEqual([]);
  });

  it("is asked for of the receipt that paid, whatever else is told of the payment", async () => {
    const { shop, id, x } = await payWithSecondAttempt([4, 50]);
    const about = { ...scope, subject: id, paymeId: "r9", at: shop.now() };
    await shop.storage.appendEvents([{ ...about, kind: "refund_stuck" }]);
    expect(await shop.payments.refund(id)).toMatchObject({ refund: "done" });
    await live(shop, 40);
    expect(await told(shop)).toEqual([
      ["refund_stuck", "r9"],
      ["refund_refused", x],
    ]);
    expect(await shop.payments.refund(id)).toMatchObject({ refund: "queued" });
    expect(shop.mock.receipt(x)?.state).toBe(21);
  });

  it("a refund that never ends after its CancelTransaction is stuck, and is no end when it is asked for again", async () => {
    const { shop, id, x } = await payWithSecondAttempt(["never"]);
    await live(shop, 2);
    expect(await told(shop)).toEqual([]);
    await live(shop, 5);
    expect(await told(shop)).toEqual([["refund_stuck", x]]);
    expect(await shop.payments.refund(id)).toMatchObject({ refund: "queued" });
  });

  it("money that was told as refused, and that Payme keeps, is told again", async () => {
    const { shop, id, x, call } = await openBilling();
    // A process whose clock is 13 hours ahead.
    const { storage, now, logger } = shop.payments.books;
    const fast = createPayments({ storage, logger, now: () => now() + 13 * HOUR, mode: "test", payUrl: () => "" });
    expect(await fast.cancel(id)).toMatchObject({ outcome: "applied" });
    await shop.mock.pay(x, { card });
    expect(await call("PerformTransaction", { id: x })).toMatchObject({ error: { code: -31008 } });
    expect(await told(shop)).toEqual([["paid_after_cancel", x]]);
    await resolveAll(shop);
    await call("CancelTransaction", { id: x, reason: 3 });
    await live(shop, 40);
    expect(shop.mock.receipt(x)?.state).toBe(4);
    expect(await told(shop)).not.toEqual([]);
  });
});

/** A shop whose hook throws until it is mended. */
function openBroken(hook: "onPaid" | "onRefunded") {
  let isBroken = true;
  const run = () => {
    if (isBroken) throw new Error("the table is locked");
    return true;
  };
  return {
    shop: createShop({ payments: { [hook]: run } }),
    mend: () => {
      isBroken = false;
    },
  };
}

describe("what comes after an answer of ours is not lost", () => {
  it("CancelTransaction of an attempt closes hold_expiring, the hold goes on, and a person is told again", async () => {
    const { shop, id, x, call } = await openBilling({ hold: true });
    await shop.mock.pay(x, { card: humo });
    await live(shop, 28);
    expect(await told(shop)).toEqual([["hold_expiring", x]]);
    expect(await call("CancelTransaction", { id: x, reason: 4 })).toMatchObject({ result: { state: -1 } });
    await live(shop, 20);
    expect(shop.mock.receipt(x)?.state).toBe(5);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING", held: true });
    expect(await told(shop)).not.toEqual([]);
  });

  it("a refund whose hook threw is booked by check once that is mended, a hundred days after the payment", async () => {
    const { shop, mend } = openBroken("onRefunded");
    await shop.payments.review();
    const { id, x } = await paid(shop);
    await live(shop, 100);
    await shop.mock.cancel(x);
    shop.pass(5 * 60_000);
    const report = { paymeId: x, cancelledAt: shop.now(), source: "gateway" } as const;
    await expect(shop.payments.recordCancelled(report)).rejects.toThrow();
    expect(await told(shop)).toEqual([["effect_failed", x]]);
    mend();
    // What the remedy asks for: "Mend it, then check the payment: it settles by itself."
    await shop.payments.check(id);
    await resolveAll(shop);
    await live(shop, 40);
    expect(shop.mock.receipt(x)?.state).toBe(50);
    expect([(await shop.payments.find(id))?.status, await told(shop)]).not.toEqual(["PAID", []]);
  });

  it("money whose hook threw, of a payment that was given up, is booked by check once that is mended", async () => {
    const { shop, mend } = openBroken("onPaid");
    const { id, transactionId } = await shop.payments.create({ amount });
    const x = transactionId ?? "";
    await shop.storage.changePayment(scope, id, { from: ["PENDING"], to: "FAILED", at: shop.now(), nextCheckAt: null });
    await shop.mock.pay(x, { card });
    await expect(
      shop.payments.recordPaid({ paymeId: x, amount, paidAt: shop.now(), source: "gateway" }),
    ).rejects.toThrow();
    mend();
    expect(await shop.payments.check(id)).toMatchObject({ status: "PAID", paidBy: x });
    expect(await told(shop)).toEqual([]);
  });

  it("and soon after the payment, too", async () => {
    const { shop, mend } = openBroken("onRefunded");
    const { id, x } = await paid(shop);
    await shop.mock.cancel(x);
    shop.pass(5 * 60_000);
    const report = { paymeId: x, cancelledAt: shop.now(), source: "gateway" } as const;
    await expect(shop.payments.recordCancelled(report)).rejects.toThrow();
    mend();
    expect(await shop.payments.check(id)).toMatchObject({ status: "CANCELLED" });
  });
});
