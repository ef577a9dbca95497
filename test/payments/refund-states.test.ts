import { describe, expect, it } from "vitest";
import { createPayments } from "../../src/entry";
import { som } from "../../src/kit/money";
import type { MockChoices } from "../../src/testing/mock/choices";
import { card, createShop, scope } from "./shop";

const amount = som(50_000);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const closed = { from: ["PENDING"], to: "CANCELLED" } as const;
const paidOther = { from: ["PENDING"], to: "PAID", paidBy: "m1", paidSource: "merchant", paidAt: 1 } as const;

/** A shop in which a payment is paid by its receipt, refunds end as told, and Payme's answers are counted. */
async function paidShop(cancelEnds: MockChoices["cancelEnds"] = 50) {
  const shop = createShop({ mock: { choices: { cancelEnds }, cancelDelayMs: 30 * MINUTE } });
  const { id, transactionId } = await shop.payments.create({ amount });
  const paymeId = transactionId ?? "";
  await shop.mock.pay(paymeId, { card });
  await shop.payments.check(id);
  return {
    ...shop,
    id,
    paymeId,
    kinds: async () => (await shop.payments.incidents.list()).map(({ kind }) => kind),
    /** Every minute for so long: how often Payme was asked. */
    async reconcileFor(ms: number) {
      const before = shop.mock.exchanges.length;
      for (let passed = 0; passed < ms; passed += MINUTE) {
        shop.pass(MINUTE);
        await shop.payments.reconcile();
      }
      return shop.mock.exchanges.length - before;
    },
  };
}

describe("a refund that Payme queues", () => {
  it("is queued, not done; the goods are taken back at once, and the money is back at 50", async () => {
    const shop = await paidShop();
    expect(await shop.payments.refund(shop.id)).toMatchObject({ refund: "queued", payment: { status: "CANCELLED" } });
    expect(shop.delivery(shop.id)).toMatchObject({ takenBack: 1 });
    expect(await shop.payments.find(shop.id)).toMatchObject({ refund: "queued", refundedAt: null });
    const before = shop.mock.exchanges.length;
    expect(await shop.payments.refund(shop.id)).toMatchObject({ refund: "queued" });
    expect(shop.mock.exchanges).toHaveLength(before);
    await shop.reconcileFor(70 * MINUTE);
    expect(await shop.payments.find(shop.id)).toMatchObject({ refund: "done", nextCheckAt: null });
    expect(await shop.payments.refund(shop.id)).toMatchObject({ refund: "done" });
    expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1, takenBack: 1 });
    expect((await shop.story(shop.id)).slice(-2)).toEqual(["payment.refunded", "payment.refund_done"]);
    expect(await shop.kinds()).toEqual([]);
  });

  it("is asked about after 1, 5, 15 minutes and an hour, then every six hours", async () => {
    const shop = await paidShop("never");
    await shop.payments.refund(shop.id);
    const asked: number[] = [];
    for (let minute = 1; minute <= 800; minute += 1) {
      if ((await shop.reconcileFor(MINUTE)) > 0) asked.push(minute);
    }
    expect(asked).toEqual([1, 5, 15, 60, 420, 780]);
  });

  it("and never ends is an incident after 48 hours, once; it is asked about on, and 50 ends it", async () => {
    const shop = await paidShop("never");
    await shop.payments.refund(shop.id);
    await shop.reconcileFor(47 * HOUR);
    expect(await shop.kinds()).toEqual([]);
    await shop.reconcileFor(8 * HOUR);
    expect(await shop.kinds()).toEqual(["refund_stuck"]);
    expect(await shop.payments.find(shop.id)).toMatchObject({ refund: "stuck" });
    expect(await shop.reconcileFor(24 * HOUR)).toBe(4);
    expect(await shop.kinds()).toEqual(["refund_stuck"]);
  });

  it("and is paid again at two looks an hour apart is refused: an incident, the goods stay taken back", async () => {
    const shop = await paidShop([4, 50]);
    await shop.payments.refund(shop.id);
    await shop.reconcileFor(61 * MINUTE);
    expect(await shop.payments.find(shop.id)).toMatchObject({ nextCheckAt: shop.now() + 59 * MINUTE });
    // Two looks within a minute are no two looks an hour apart.
    await shop.payments.check(shop.id);
    shop.pass(MINUTE);
    await shop.payments.check(shop.id);
    const doubted = { refund: "queued", status: "CANCELLED", nextCheckAt: shop.now() + 58 * MINUTE };
    expect(await shop.payments.find(shop.id)).toMatchObject(doubted);
    expect(await shop.kinds()).toEqual([]);
    await shop.reconcileFor(HOUR);
    expect(await shop.payments.find(shop.id)).toMatchObject({ refund: "refused" });
    expect(await shop.kinds()).toEqual(["refund_refused"]);
    expect(shop.delivery(shop.id)).toEqual({ paymentId: shop.id, delivered: 1, takenBack: 1 });
    // A person asks again, and Payme takes it this time.
    expect(await shop.payments.refund(shop.id)).toMatchObject({ refund: "queued" });
    await shop.reconcileFor(12 * HOUR);
    expect(await shop.payments.find(shop.id)).toMatchObject({ refund: "done" });
    expect(await shop.kinds()).toEqual([]);
    expect(shop.delivery(shop.id)).toEqual({ paymentId: shop.id, delivered: 1, takenBack: 1 });
  });

  it.each([
    ["stuck", "never", 55 * HOUR],
    ["refused", [4, 50], 3 * HOUR],
  ] as const)(
    "and is %s is told once: resolved, it is not opened anew; at 50 it is done",
    async (refund, ends, after) => {
      const shop = await paidShop(ends);
      await shop.payments.refund(shop.id);
      await shop.reconcileFor(after);
      const [incident] = await shop.payments.incidents.list();
      expect(incident).toMatchObject({ kind: `refund_${refund}`, paymeId: shop.paymeId, data: { amount } });
      await shop.payments.incidents.resolve(incident?.id ?? 0, { by: "anna", note: "asked Payme" });
      await shop.reconcileFor(13 * HOUR);
      expect(await shop.kinds()).toEqual([]);
      expect(await shop.payments.find(shop.id)).toMatchObject({ refund });
      shop.client.receipts.check = async () => ({ state: 50 });
      await shop.payments.check(shop.id);
      expect(await shop.payments.find(shop.id)).toMatchObject({ refund: "done", refundedAt: shop.now() });
    },
  );

  it("is stuck after 48 hours, and not at them", async () => {
    const shop = await paidShop("never");
    await shop.payments.refund(shop.id);
    for (const [ms, refund, kinds] of [
      [48 * HOUR, "queued", []],
      [1, "stuck", ["refund_stuck"]],
    ] as const) {
      shop.pass(ms);
      expect(await shop.payments.check(shop.id)).toMatchObject({ refund });
      expect(await shop.kinds()).toEqual(kinds);
    }
  });

  it("and is paid again is looked at an hour later, and refused then, not before", async () => {
    const shop = await paidShop([4, 50]);
    await shop.payments.refund(shop.id);
    shop.pass(31 * MINUTE);
    const refusedAt = shop.now() + HOUR;
    for (const [ms, refund] of [
      [0, "queued"],
      [HOUR - 1, "queued"],
      [1, "refused"],
    ] as const) {
      shop.pass(ms);
      const row = await shop.payments.check(shop.id);
      expect(row).toMatchObject(refund === "refused" ? { refund } : { refund, nextCheckAt: refusedAt });
    }
  });

  it("of a payment without a receipt of its own, that a person accepted another one for, ends at 50", async () => {
    const shop = createShop({ mock: { cancelDelayMs: 30 * MINUTE } });
    shop.mock.faults.add({ method: "receipts.create", kind: "rpc_error", code: -31601, message: "no", times: 1 });
    await expect(shop.payments.create({ reference: "order:1", amount })).rejects.toThrow();
    const paymentId = (await shop.payments.findByReference("order:1"))?.id ?? "";
    const { _id: paymeId } = await shop.client.receipts.create({ amount, account: { order_id: "by hand" } });
    await shop.mock.pay(paymeId, { card });
    await shop.payments.recordPaid({ paymeId, amount, paidAt: shop.now(), source: "gateway" });
    const [unknown] = await shop.payments.incidents.list();
    await shop.payments.accept(unknown?.id ?? 0, { by: "anna", note: "the payer called", paymentId });
    expect(await shop.payments.refund(paymentId)).toMatchObject({ refund: "queued" });
    shop.pass(31 * MINUTE);
    const ended = { transactionId: null, paidBy: paymeId, refund: "done", nextCheckAt: null };
    expect(await shop.payments.check(paymentId)).toMatchObject(ended);
  });

  it("and was refused stays so in a process without a client", async () => {
    const shop = await paidShop("never");
    await shop.payments.refund(shop.id);
    const { storage, now, logger } = shop.payments.books;
    const refused = { from: ["CANCELLED"], to: "CANCELLED", refund: "refused", nextCheckAt: now() } as const;
    await storage.changePayment(scope, shop.id, { ...refused, at: now() });
    shop.pass(HOUR);
    const hooks = { onPaid: () => true, onRefunded: () => true };
    const withoutClient = createPayments({ storage, now, logger, mode: "test", payUrl: () => "", ...hooks });
    expect(await withoutClient.reconcile()).toMatchObject({ checked: 1 });
    expect(await shop.payments.find(shop.id)).toMatchObject({ refund: "refused" });
  });

  it("and never ended is closed as an incident when the money is back", async () => {
    const shop = await paidShop("never");
    await shop.payments.refund(shop.id);
    await shop.reconcileFor(55 * HOUR);
    expect(await shop.kinds()).toEqual(["refund_stuck"]);
    shop.client.receipts.check = async () => ({ state: 50 });
    await shop.payments.check(shop.id);
    expect(await shop.kinds()).toEqual([]);
  });

  it("is not refused by a receipt that Payme does not find, or whose state it has not published", async () => {
    const shop = await paidShop("never");
    await shop.payments.refund(shop.id);
    for (const state of [77, 0]) {
      shop.client.receipts.check = async () => ({ state });
      for (const _ of [1, 2]) {
        shop.pass(2 * HOUR);
        await shop.payments.check(shop.id);
      }
    }
    expect(await shop.payments.find(shop.id)).toMatchObject({ refund: "queued", refundDoubtedAt: null });
    expect(await shop.kinds()).toEqual([]);
  });

  it("and is refused again when a person asks again is an error that says so", async () => {
    const shop = await paidShop([4, "never"]);
    await shop.payments.refund(shop.id);
    await shop.reconcileFor(3 * HOUR);
    expect(await shop.kinds()).toEqual(["refund_refused"]);
    shop.mock.faults.add({ method: "receipts.cancel", kind: "rpc_error", code: -31602, message: "paid" });
    await expect(shop.payments.refund(shop.id)).rejects.toMatchObject({ code: "API_REFUSED" });
    expect(await shop.payments.find(shop.id)).toMatchObject({ refund: "refused" });
    expect(await shop.kinds()).toEqual(["refund_refused"]);
  });

  it("and never ends is sent again when a person asks again; a lost answer is an error", async () => {
    const shop = await paidShop("never");
    await shop.payments.refund(shop.id);
    await shop.reconcileFor(55 * HOUR);
    const { storage, now, logger } = shop.payments.books;
    const withoutClient = createPayments({ storage, now, logger, mode: "test", payUrl: () => "" });
    expect(await withoutClient.refund(shop.id)).toMatchObject({ refund: "queued", payment: { refund: "stuck" } });
    const sent = () => shop.mock.exchanges.filter(({ method }) => method === "receipts.cancel").length;
    const before = sent();
    await shop.payments.refund(shop.id);
    expect(sent()).toBe(before + 1);
    shop.mock.faults.add({ method: "receipts.cancel", kind: "drop_before", times: 1 });
    await expect(shop.payments.refund(shop.id)).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
  });

  it("and was carried out after it was refused is done, although Payme refuses to cancel it again", async () => {
    const shop = await paidShop([4, 50]);
    await shop.payments.refund(shop.id);
    await shop.reconcileFor(3 * HOUR);
    expect(await shop.kinds()).toEqual(["refund_refused"]);
    await shop.mock.cancel(shop.paymeId);
    shop.pass(HOUR);
    shop.mock.faults.add({ method: "receipts.cancel", kind: "rpc_error", code: -31602, message: "ended", times: 1 });
    expect(await shop.payments.refund(shop.id)).toMatchObject({ refund: "done" });
    expect(await shop.kinds()).toEqual([]);
  });

  it("told by a notification is not believed to be done: Payme is asked", async () => {
    const shop = await paidShop("never");
    await shop.mock.cancel(shop.paymeId);
    const told = { paymeId: shop.paymeId, cancelledAt: shop.now(), source: "gateway" } as const;
    expect(await shop.payments.recordCancelled(told)).toMatchObject({ outcome: "applied", row: { refund: "queued" } });
    expect(await shop.reconcileFor(2 * MINUTE)).toBe(1);
  });

  it("is told by review only of money that no book of ours follows", async () => {
    const shop = createShop({ mock: { choices: { cancelledHold: "queued" }, cancelDelayMs: 100 * HOUR } });
    // Its refund is followed by reconcile.
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.mock.pay(transactionId ?? "", { card });
    await shop.payments.check(id);
    await shop.payments.refund(id);
    // Unpaid, and given up: no money at all.
    const { id: unpaid } = await shop.payments.create({ amount });
    const { getAll } = shop.client.receipts;
    shop.client.receipts.getAll = async (query) => {
      const { receipts, unread } = await getAll(query);
      const seen = receipts.map((receipt) =>
        receipt._id === transactionId ? receipt : { ...receipt, state: 21, pay_time: 0 },
      );
      return { receipts: seen, unread };
    };
    shop.pass(72 * HOUR);
    const { days } = await shop.payments.review();
    expect(days.at(-1)).toMatchObject({ day: "2026-01-15", compared: 2 });
    expect(await shop.story(unpaid)).toEqual(["payment.created"]);
    expect(await shop.payments.incidents.list()).toEqual([]);
  });

  it("of money that our books never learnt of, and never ends, is told to a person, once", async () => {
    const shop = createShop({ mock: { choices: { cancelEnds: "never" } } });
    const { id, transactionId } = await shop.payments.create({ amount });
    const paymeId = transactionId ?? "";
    await shop.mock.pay(paymeId, { card });
    await shop.mock.cancel(paymeId);
    for (const [hours, told] of [
      [24, 0],
      [48, 1],
      [100, 1],
    ] as const) {
      shop.pass(hours * HOUR);
      await shop.payments.reconcile();
      await shop.payments.review();
      const incidents = await shop.payments.incidents.list();
      expect(incidents.map(({ kind, subject, paymeId: of }) => [kind, subject, of])).toEqual(
        Array.from({ length: told }, () => ["refund_stuck", id, paymeId]),
      );
    }
    expect(shop.incidents).toMatchObject([{ data: { amount } }]);
    expect(shop.delivery(id)).toBeUndefined();
    const [incident] = await shop.payments.incidents.list();
    await shop.payments.incidents.resolve(incident?.id ?? 0, { by: "anna", note: "asked Payme" });
    shop.pass(8 * 24 * HOUR);
    const { days } = await shop.payments.review({ limit: 30 });
    expect(days.at(-1)).toMatchObject({ day: "2026-01-15", ages: [14] });
    expect(await shop.payments.incidents.list()).toEqual([]);
  });

  it("of money that our books never learnt of is told by a check, of this receipt, after 48 hours, once", async () => {
    const shop = createShop({ mock: { choices: { cancelEnds: "never" } } });
    const { id, transactionId } = await shop.payments.create({ amount });
    const paymeId = transactionId ?? "";
    await shop.mock.pay(paymeId, { card });
    await shop.mock.cancel(paymeId);
    const other = { ...scope, subject: id, paymeId: "other", at: shop.now() };
    await shop.storage.appendEvents([
      { ...other, kind: "refund_stuck" },
      { ...other, kind: "payment.cancel_queued", at: 1 },
    ]);
    const look = async (ms: number) => {
      shop.pass(ms);
      await shop.payments.check(id);
      return (await shop.payments.incidents.list()).filter((incident) => incident.paymeId === paymeId);
    };
    expect(await look(0)).toEqual([]);
    expect(await look(48 * HOUR)).toEqual([]);
    const told = await look(1);
    expect(told).toMatchObject([{ kind: "refund_stuck", subject: id, data: { amount } }]);
    await shop.payments.incidents.resolve(told[0]?.id ?? 0, { by: "anna", note: "asked Payme" });
    expect(await look(HOUR)).toEqual([]);
    expect((await shop.story(id)).filter((kind) => kind === "payment.cancel_queued")).toHaveLength(2);
  });

  it.each<[string, (shop: ReturnType<typeof createShop>, id: string) => Promise<unknown>]>([
    ["waits for its payer", async () => {}],
    [
      "FAILED",
      ({ storage, now }, id) => storage.changePayment(scope, id, { from: ["PENDING"], to: "FAILED", at: now() }),
    ],
    ["was closed", ({ storage, now }, id) => storage.changePayment(scope, id, { ...closed, at: now() })],
    ["was paid another way", ({ storage, now }, id) => storage.changePayment(scope, id, { ...paidOther, at: now() })],
  ])("of money that our books never learnt of, of a payment that %s: 50 closes its incident", async (_name, bring) => {
    const shop = createShop({ mock: { cancelDelayMs: 100 * HOUR } });
    const { id, transactionId } = await shop.payments.create({ amount });
    const paymeId = transactionId ?? "";
    await shop.mock.pay(paymeId, { card });
    await shop.mock.cancel(paymeId);
    await bring(shop, id);
    await shop.payments.review();
    const look = async (hours: number) => {
      shop.pass(hours * HOUR);
      await shop.payments.reconcile();
      await shop.payments.review({ limit: 200 });
      return (await shop.payments.incidents.list()).map(({ kind, paymeId: of }) => [kind, of]);
    };
    expect(await look(73)).toEqual([["refund_stuck", paymeId]]);
    expect(await look(24)).toEqual([["refund_stuck", paymeId]]);
    // A day is looked at again when it is 7 days old.
    expect(await look(96)).toEqual([]);
    expect(await shop.payments.incidents.list({ open: false })).toMatchObject([{ resolvedBy: "payme-kit" }]);
    expect(shop.lines.join()).toContain("incident closed: refund_stuck");
    expect(shop.delivery(id)).toBeUndefined();
  });

  it("that ends paid after all closes its incident, too", async () => {
    const shop = createShop({ mock: { choices: { cancelEnds: 4 }, cancelDelayMs: 100 * HOUR } });
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.mock.pay(transactionId ?? "", { card });
    await shop.mock.cancel(transactionId ?? "");
    const kinds: string[][] = [];
    for (const hours of [73, 35]) {
      shop.pass(hours * HOUR);
      await shop.payments.reconcile();
      await shop.payments.review();
      kinds.push((await shop.payments.incidents.list()).map(({ kind }) => kind));
    }
    expect(kinds).toEqual([["refund_stuck"], []]);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", paidBy: transactionId });
  });
});

describe("a refund that was made in the cabinet before ours", () => {
  it.each([
    [50, { refund: "done" }, ["payment.refunded", "payment.refund_done"]],
    [21, { refund: "queued" }, ["payment.refunded"]],
  ] as const)("and is found at %i is booked as that", async (state, booked, events) => {
    const shop = await paidShop(state === 50 ? 50 : "never");
    await shop.client.receipts.cancel(shop.paymeId);
    if (state === 50) shop.pass(31 * MINUTE);
    expect(await shop.client.receipts.check(shop.paymeId)).toEqual({ state });
    const before = (await shop.story(shop.id)).length;
    await shop.payments.refund(shop.id);
    const [refundedAt, nextCheckAt] = state === 50 ? [shop.now(), null] : [null, shop.now() + MINUTE];
    const row = { status: "CANCELLED", refundedAt, nextCheckAt, ...booked };
    expect(await shop.payments.find(shop.id)).toMatchObject(row);
    expect((await shop.story(shop.id)).slice(before)).toEqual(events);
    expect(shop.delivery(shop.id)).toMatchObject({ takenBack: 1 });
  });

  it("needs no onRefunded: then nobody is told that it was not taken back", async () => {
    const shop = createShop({ payments: { onRefunded: undefined } });
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.mock.pay(transactionId ?? "", { card });
    await shop.payments.check(id);
    expect(await shop.payments.refund(id)).toMatchObject({ payment: { status: "CANCELLED" } });
    expect(shop.incidents).toEqual([]);
  });
});
