import { describe, expect, it } from "vitest";
import { createPayments, type PaymentsOptions } from "../../src/entry";
import { som } from "../../src/kit/money";
import type { MemoryTx } from "../../src/storage/memory/memory-table";
import type { MockPaymeOptions } from "../../src/testing/mock/mock-payme-options";
import { paymentRow, transactionRow } from "../ledger/rows";
import { verifiedToken } from "../mock/kit";
import { createShop, scope } from "./shop";

const amount = som(300_000);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UZCARD = { number: "8600495473316478", expire: "0399" };
const HUMO = { number: "9860123456789012", expire: "0399" };

/** A shop, a saved card, and an order whose money is to be held. */
async function open({
  payments,
  mock,
  card = UZCARD,
}: {
  payments?: Partial<PaymentsOptions<MemoryTx>>;
  mock?: MockPaymeOptions;
  card?: typeof UZCARD;
} = {}) {
  const shop = createShop({ payments, mock });
  const token = await verifiedToken(shop.mock, { card });
  const order = { reference: "room:7", amount, token, hold: true };
  const moved = () => shop.mock.movements.map(({ kind }) => kind);
  return {
    shop,
    order,
    token,
    moved,
    calls: (method: string) => shop.mock.exchanges.filter((exchange) => exchange.method === method).length,
    async held() {
      const { payment } = await shop.payments.charge(order);
      expect(payment.held).toBe(true);
      return payment;
    },
    /** So many days of a worker that runs every ten minutes, a minute more at a time in the first hour. */
    async days(count: number) {
      const end = shop.now() + count * DAY;
      while (shop.now() < end) {
        shop.pass(10 * MINUTE);
        await shop.payments.reconcile();
      }
    },
    incidents: () => shop.incidents.map(({ kind }) => kind),
  };
}

describe("a hold that the payer makes", () => {
  it("asks Payme for a receipt that holds, and stands for 29 days: a person is told at day 27, once", async () => {
    const { shop, token, days, incidents } = await open();
    const { id, transactionId } = await shop.payments.create({ reference: "room:7", amount, hold: true });
    const receiptId = transactionId ?? "";
    expect(await shop.client.hold({ receiptId, token })).toMatchObject({ status: "held" });
    const heldAt = shop.now();
    await days(26.9);
    expect(incidents()).toEqual([]);
    await days(0.1);
    expect(shop.incidents).toMatchObject([{ kind: "hold_expiring", subject: id, paymeId: receiptId }]);
    expect(shop.incidents[0]?.data).toEqual({ amount, heldAt, endsAt: heldAt + 30 * DAY });
    await days(2);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING", hold: true, held: true, heldAt });
    expect(shop.mock.receipt(receiptId)?.state).toBe(5);
    expect(incidents()).toHaveLength(1);
  });

  it("ends when Payme says so: Uzcard lets it go after 30 days", async () => {
    const { shop, held, days } = await open();
    const { id } = await held();
    await days(30.3);
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED", held: false });
    expect(await shop.payments.capture(id)).toMatchObject({ status: "cancelled" });
  });

  it("on a HUMO card stands on, and then can only be taken", async () => {
    const { shop, held, days } = await open({ card: HUMO });
    const { id } = await held();
    await days(35);
    await expect(shop.payments.release(id)).rejects.toMatchObject({ name: "PaymeAPIError" });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING", cancelRequestedAt: null });
    expect(await shop.payments.capture(id)).toMatchObject({ status: "paid" });
  });

  it("of a receipt that was not made to hold stands as well", async () => {
    const { shop, token, days } = await open({ mock: { choices: { oneSidedHold: "hold" } } });
    const { id, transactionId } = await shop.payments.create({ reference: "room:7", amount });
    await shop.client.hold({ receiptId: transactionId ?? "", token });
    await days(2);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING", hold: false, held: true });
    for (const _ of [1, 2]) expect(await shop.payments.capture(id)).toMatchObject({ status: "paid" });
  });

  it("is held since Payme says so, however late our books learn of it; a time to come is now", async () => {
    const { shop, token } = await open();
    for (const later of [HOUR, -HOUR]) {
      const { id, transactionId } = await shop.payments.create({ amount, hold: true });
      await shop.client.hold({ receiptId: transactionId ?? "", token });
      const since = shop.now();
      shop.pass(later);
      expect(await shop.payments.check(id)).toMatchObject({ held: true, heldAt: Math.min(since, shop.now()) });
    }
  });

  it.each([
    ["is to be held", { hold: true }, "PENDING"],
    ["was held", { hold: false, heldAt: 1 }, "PENDING"],
    ["is not held", { hold: false }, "CANCELLED"],
  ] as const)("may be at work at the end of a payment that %s: then it is %s", async (_name, row, status) => {
    const { shop } = await open();
    const { receipts } = shop.client;
    const { _id } = await receipts.create({ amount, account: { order_id: "payment-1" } });
    const due = { createdAt: shop.now(), nextCheckAt: shop.now(), transactionId: _id };
    await shop.storage.addPayment(paymentRow({ amount, ...due, ...row }));
    shop.pass(DAY);
    receipts.check = async () => ({ state: 2 });
    const checked = await shop.payments.check("payment-1");
    expect(checked).toMatchObject(status === "PENDING" ? { status, cancelRequestedAt: null } : { status });
  });

  it("that our books do not know yet is let go at once by release", async () => {
    const { shop, token, moved } = await open();
    const { id, transactionId } = await shop.payments.create({ amount, hold: true });
    await shop.client.hold({ receiptId: transactionId ?? "", token });
    expect(await shop.payments.release(id)).toMatchObject({ outcome: "applied" });
    expect(moved()).toEqual(["hold", "release"]);
  });

  it("is seen by waitForPayment", async () => {
    const { shop, held } = await open();
    const { id } = await held();
    const before = shop.now();
    expect(await shop.payments.waitForPayment(id)).toMatchObject({ held: true });
    expect(shop.now()).toBe(before);
  });

  it.each(["capture", "release"] as const)("whose %s came in time needs nobody any more", async (verb) => {
    const { shop, held, days } = await open();
    const { id } = await held();
    await days(27.1);
    expect(await shop.payments.incidents.list()).toMatchObject([{ kind: "hold_expiring" }]);
    await shop.payments[verb](id);
    expect(await shop.payments.incidents.list()).toEqual([]);
  });

  it("that a person resolved is not told again", async () => {
    const { shop, held, days } = await open();
    await held();
    await days(27.1);
    const [incident] = await shop.payments.incidents.list();
    await shop.payments.incidents.resolve(incident?.id ?? 0, { by: "Dilnoza", note: "on Friday" });
    await days(1);
    expect(await shop.payments.incidents.list()).toEqual([]);
  });

  it("that Payme once does not know stays held", async () => {
    const { shop, held, days, moved } = await open();
    const { id } = await held();
    await days(5);
    shop.mock.faults.add({ method: "receipts.check", kind: "rpc_error", code: -31602, times: 1 });
    await days(0.3);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING", held: true });
    expect(await shop.payments.capture(id)).toMatchObject({ status: "paid" });
    expect(moved()).toEqual(["hold", "capture"]);
  });

  it("keeps its reference: no other payment takes its place", async () => {
    const { shop, held } = await open();
    const { id } = await held();
    shop.pass(2 * DAY);
    const again = { reference: "room:7", amount, hold: true, referenceTtlMs: HOUR };
    expect(await shop.payments.create(again)).toMatchObject({ id, reused: true });
  });

  it("that is not made in a day is cancelled as any unpaid receipt is", async () => {
    const { shop, days } = await open();
    const { id, transactionId } = await shop.payments.create({ reference: "room:7", amount, hold: true });
    await days(1.1);
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED" });
    expect(shop.mock.receipt(transactionId ?? "")?.state).toBe(50);
  });

  it("needs a client", async () => {
    const { shop } = await open({ payments: { client: undefined, payUrl: () => "https://pay.example" } });
    await expect(shop.payments.create({ amount, hold: true })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    const { id } = await shop.payments.create({ amount });
    await expect(shop.payments.capture(id)).rejects.toThrow(/capture needs a client/);
    await expect(shop.payments.release(id)).rejects.toThrow(/release needs a client/);
  });
});

describe("charge({ hold: true })", () => {
  it("holds, and gives nothing yet", async () => {
    const { shop, order, moved } = await open();
    const outcome = await shop.payments.charge(order);
    expect(outcome).toMatchObject({ status: "held", payment: { status: "PENDING", held: true, heldAt: shop.now() } });
    expect(outcome.payment.chargeUntil).toBeNull();
    expect(shop.delivery(outcome.payment.id)).toBeUndefined();
    expect(moved()).toEqual(["hold"]);
  });

  it("again is held, and holds once; at once as well", async () => {
    const { shop, order, moved, calls } = await open();
    const both = await Promise.all([shop.payments.charge(order), shop.payments.charge(order)]);
    expect(both.map(({ status }) => status)).toEqual(["held", "held"]);
    expect(await shop.payments.charge(order)).toMatchObject({ status: "held" });
    expect(moved()).toEqual(["hold"]);
    expect(calls("receipts.pay")).toBe(1);
  });

  it("is pending while Payme takes the held money or lets it go, and sends nothing", async () => {
    const { shop, order, held, calls } = await open();
    const { id } = await held();
    const { check } = shop.client.receipts;
    shop.client.receipts.check = async (receiptId) => ({ ...(await check(receiptId)), state: 3 });
    expect(await shop.payments.charge(order)).toMatchObject({ status: "pending", payment: { id, held: false } });
    expect(calls("receipts.pay")).toBe(1);
  });

  it("at a cashbox that does not hold is paid, and given", async () => {
    const { shop, order } = await open();
    const { hold, pay } = shop.client;
    shop.client.hold = pay;
    const outcome = await shop.payments.charge(order);
    shop.client.hold = hold;
    expect(outcome).toMatchObject({ status: "paid" });
    expect(await shop.payments.capture(outcome.payment.id)).toMatchObject({ status: "paid" });
    expect(shop.delivery(outcome.payment.id)).toMatchObject({ delivered: 1 });
  });

  it.each(["drop_before", "drop_after"] as const)("whose answer is lost (%s) holds once", async (kind) => {
    const { shop, order, moved } = await open();
    shop.mock.faults.add({ method: "receipts.pay", kind, times: 1 });
    const first = await shop.payments.charge({ ...order, settleMs: 1_000 });
    expect(first.status).toBe(kind === "drop_before" ? "unknown" : "held");
    shop.pass(4 * MINUTE);
    await shop.payments.reconcile();
    expect(await shop.payments.charge(order)).toMatchObject({ status: "held" });
    expect(moved()).toEqual(["hold"]);
  });

  it("killed after it held: reconcile sees the hold, and the next call goes on", async () => {
    const { shop, order, moved } = await open();
    const { hold } = shop.client;
    shop.client.hold = async (params) => {
      await hold(params);
      throw new Error("killed");
    };
    await expect(shop.payments.charge(order)).rejects.toThrow("killed");
    shop.client.hold = hold;
    shop.pass(4 * MINUTE);
    await shop.payments.reconcile();
    expect(await shop.payments.findByReference(order.reference)).toMatchObject({ held: true });
    expect(await shop.payments.charge(order)).toMatchObject({ status: "held" });
    expect(moved()).toEqual(["hold"]);
  });

  it.each([true, false])("for a payment with another hold (%s) is a conflict, and nothing is sent", async (hold) => {
    const { shop, order, calls } = await open();
    await shop.payments.create({ reference: order.reference, amount, hold: !hold });
    await expect(shop.payments.charge({ ...order, hold })).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(shop.payments.create({ reference: order.reference, amount, hold })).rejects.toThrow("hold");
    expect(calls("receipts.pay")).toBe(0);
  });
});

describe("capture", () => {
  it("takes the money, and gives what it pays for, once", async () => {
    const { shop, held, moved } = await open();
    const { id, transactionId } = await held();
    const outcome = await shop.payments.capture(id);
    expect(outcome).toMatchObject({
      status: "paid",
      receiptId: transactionId,
      payment: { status: "PAID", held: false },
    });
    expect(await shop.payments.capture(id)).toMatchObject({ status: "paid" });
    expect(shop.delivery(id)).toEqual({ paymentId: id, delivered: 1, takenBack: 0 });
    expect(moved()).toEqual(["hold", "capture"]);
    expect(await shop.payments.refund(id)).toMatchObject({ refund: "queued" });
  });

  it("twice at once takes it once", async () => {
    const { shop, held, moved, calls } = await open();
    const { id } = await held();
    const both = await Promise.all([shop.payments.capture(id), shop.payments.capture(id)]);
    expect(both.map(({ status }) => status)).toEqual(["paid", "paid"]);
    expect(calls("receipts.confirm_hold")).toBe(1);
    expect(moved()).toEqual(["hold", "capture"]);
    expect(shop.delivery(id)).toMatchObject({ delivered: 1 });
  });

  it("whose answer is lost is asked about", async () => {
    const { shop, held } = await open();
    const { id } = await held();
    shop.mock.faults.add({ method: "receipts.confirm_hold", kind: "drop_after", times: 1 });
    expect(await shop.payments.capture(id)).toMatchObject({ status: "paid" });
    expect(shop.delivery(id)).toMatchObject({ delivered: 1 });
  });

  it("that never arrived is unknown; meanwhile nothing lets the money go; later it can be taken", async () => {
    const { shop, held, moved } = await open();
    const { id } = await held();
    shop.mock.faults.add({ method: "receipts.confirm_hold", kind: "drop_before", times: 1 });
    expect(await shop.payments.capture(id, { settleMs: 1_000 })).toMatchObject({ status: "unknown" });
    await expect(shop.payments.release(id)).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await shop.payments.capture(id, { settleMs: 0 })).toMatchObject({ status: "pending" });
    shop.pass(4 * MINUTE);
    expect(await shop.payments.capture(id)).toMatchObject({ status: "paid" });
    expect(moved()).toEqual(["hold", "capture"]);
  });

  it("killed after Payme took it: reconcile books it", async () => {
    const { shop, held } = await open();
    const { id } = await held();
    const { capture } = shop.client;
    shop.client.capture = async (receiptId) => {
      await capture(receiptId);
      throw new Error("killed");
    };
    await expect(shop.payments.capture(id)).rejects.toThrow("killed");
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING" });
    shop.pass(6 * HOUR);
    expect(await shop.payments.reconcile()).toMatchObject({ paid: 1 });
    expect(shop.delivery(id)).toMatchObject({ delivered: 1 });
  });

  it("that Payme refuses for good is declined, and the money is held on", async () => {
    const { shop, held } = await open();
    const { id } = await held();
    shop.mock.faults.add({ method: "receipts.confirm_hold", kind: "rpc_error", code: -31601, times: 1 });
    const outcome = await shop.payments.capture(id);
    expect(outcome).toMatchObject({
      status: "declined",
      reason: "merchant",
      payment: { held: true, chargeUntil: null },
    });
    expect(await shop.payments.capture(id)).toMatchObject({ status: "paid" });
  });

  it("of what onPaid refuses is unfulfilled", async () => {
    const { shop, held, incidents } = await open({ payments: { onPaid: () => false } });
    const { id } = await held();
    expect(await shop.payments.capture(id)).toMatchObject({ status: "unfulfilled" });
    expect(incidents()).toEqual(["paid_elsewhere"]);
  });

  it("of what is not held is an error that says so, and sends nothing", async () => {
    const { shop, calls, token } = await open();
    const { id } = await shop.payments.create({ reference: "room:7", amount, hold: true });
    await expect(shop.payments.capture(id)).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("no money is held"),
    });
    await expect(shop.payments.release(id)).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("no money is held"),
    });
    const { payment } = await shop.payments.charge({ reference: "other", amount, token });
    await expect(shop.payments.capture(payment.id)).rejects.toMatchObject({ code: "CONFLICT" });
    expect(calls("receipts.confirm_hold") + calls("receipts.cancel")).toBe(0);
  });

  it.each([3, 30])("while Payme is at work on it (%i) is pending, and sends nothing", async (state) => {
    const { shop, held, calls } = await open();
    const { id } = await held();
    const { check } = shop.client.receipts;
    shop.client.receipts.check = async () => ({ state });
    expect(await shop.payments.capture(id)).toMatchObject({ status: "pending", payment: { held: false } });
    expect(calls("receipts.confirm_hold")).toBe(0);
    shop.client.receipts.check = check;
    expect(await shop.payments.capture(id)).toMatchObject({ status: "paid" });
  });

  it("where nothing here fulfils its kind sends nothing", async () => {
    const { shop, held, calls } = await open();
    const { id } = await held();
    const bare = createPayments({ storage: shop.storage, client: shop.client, now: shop.now });
    await expect(bare.capture(id)).rejects.toMatchObject({ code: "NO_FULFILLER" });
    expect(calls("receipts.confirm_hold")).toBe(0);
  });

  it("while Payme cannot be asked is unknown, with the error", async () => {
    const { shop, held } = await open();
    const { id } = await held();
    shop.mock.faults.add({ method: "receipts.check", kind: "http_status", status: 502, times: 1 });
    expect(await shop.payments.capture(id)).toMatchObject({ status: "unknown", error: { code: "CONNECTION_FAILED" } });
  });

  it("of a payment whose creation seemed to fail takes the money", async () => {
    const { shop, order, token, moved } = await open();
    shop.mock.faults.add({ method: "receipts.create", kind: "drop_after", times: 1 });
    await expect(shop.payments.create({ reference: "room:7", amount, hold: true })).rejects.toThrow();
    await shop.client.hold({ receiptId: shop.mock.receipts()[0]?._id ?? "", token });
    shop.pass(MINUTE);
    await shop.payments.reconcile();
    const payment = await shop.payments.findByReference("room:7");
    expect(payment).toMatchObject({ status: "FAILED", held: true });
    expect(await shop.payments.charge(order)).toMatchObject({ status: "held", payment: { id: payment?.id } });
    expect(await shop.payments.capture(payment?.id ?? "")).toMatchObject({ status: "paid" });
    expect(moved()).toEqual(["hold", "capture"]);
  });
});

describe("capture of what has ended", () => {
  it("asks Payme nothing, and needs nobody who fulfils it", async () => {
    const { shop, held, moved } = await open();
    const { id } = await held();
    await shop.payments.capture(id);
    const before = shop.mock.exchanges.length;
    const logger = { info() {}, warn() {}, error() {} };
    const script = createPayments({ storage: shop.storage, client: shop.client, now: shop.now, logger });
    expect(await script.capture(id)).toMatchObject({ status: "paid" });
    expect(shop.mock.exchanges).toHaveLength(before);
    expect(moved()).toEqual(["hold", "capture"]);
  });

  it("is pending where Payme answers that the money is held as before", async () => {
    const { shop, held } = await open();
    const { id } = await held();
    shop.client.capture = async (receiptId) => ({ status: "held", receiptId, state: 5 });
    expect(await shop.payments.capture(id)).toMatchObject({ status: "pending", payment: { held: true } });
  });
});

describe("release", () => {
  it.each(["release", "cancel"] as const)("(%s) gives the money back, once", async (verb) => {
    const { shop, held, moved } = await open();
    const { id } = await held();
    const released = await shop.payments[verb](id);
    expect(released).toMatchObject({ outcome: "applied", payment: { status: "CANCELLED", held: false } });
    expect(await shop.payments[verb](id)).toMatchObject({ outcome: "already_applied" });
    expect(moved()).toEqual(["hold", "release"]);
    expect(shop.delivery(id)).toBeUndefined();
  });

  it("is queued at 21, and ends at 50 only", async () => {
    const choices = { cancelledHold: "queued" } as const;
    const { shop, held, moved, calls } = await open({ mock: { choices, cancelDelayMs: HOUR } });
    const { id } = await held();
    expect(await shop.payments.release(id)).toMatchObject({ outcome: "queued", payment: { status: "PENDING" } });
    shop.pass(30 * MINUTE);
    await shop.payments.reconcile();
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING", held: false });
    expect(calls("receipts.cancel")).toBe(1);
    expect(await shop.payments.capture(id)).toMatchObject({ status: "pending" });
    shop.pass(HOUR);
    await shop.payments.reconcile();
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED" });
    expect(moved()).toEqual(["hold", "release"]);
  });

  it.each(["release", "by hand"] as const)(
    "(%s) that is queued for over 48 hours is told once, and ends",
    async (way) => {
      const mock = { choices: { cancelledHold: "queued" }, cancelDelayMs: 5 * DAY } as const;
      const { shop, held, days, incidents } = await open({ mock });
      const { id, transactionId } = await held();
      if (way === "release") await shop.payments.release(id);
      else await shop.mock.cancel(transactionId ?? "");
      await days(1.9);
      expect(incidents()).toEqual([]);
      await days(1);
      expect(shop.incidents).toMatchObject([{ kind: "refund_stuck", subject: id, paymeId: transactionId }]);
      expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING" });
      await days(1);
      expect(incidents()).toHaveLength(1);
      await days(1.5);
      expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED" });
      expect(await shop.payments.incidents.list()).toEqual([]);
    },
  );

  it.each(["PENDING", "FAILED"] as const)(
    "notified as cancelled (%s) that is queued for over 48 hours is told once, and ends",
    async (status) => {
      const mock = { choices: { cancelledHold: "queued" }, cancelDelayMs: 5 * DAY } as const;
      const { shop, held, days, incidents } = await open({ mock });
      const { id, transactionId } = await held();
      if (status === "FAILED") {
        const failed = { from: ["PENDING"], to: "FAILED", at: shop.now(), nextCheckAt: shop.now() } as const;
        await shop.storage.changePayment(scope, id, failed);
      }
      await shop.mock.cancel(transactionId ?? "");
      const report = { paymeId: transactionId ?? "", cancelledAt: shop.now(), source: "gateway" } as const;
      await shop.payments.recordCancelled(report);
      await days(1.9);
      expect(incidents()).toEqual([]);
      await days(1);
      expect(shop.incidents).toMatchObject([{ kind: "refund_stuck", subject: id, paymeId: transactionId }]);
      await days(3);
      expect(incidents()).toHaveLength(1);
      expect(await shop.payments.find(id)).toMatchObject({ nextCheckAt: null });
      expect(await shop.payments.incidents.list()).toEqual([]);
    },
  );

  it.each(["drop_before", "drop_after"] as const)("whose answer is lost (%s): reconcile ends it", async (kind) => {
    const { shop, held, moved } = await open();
    const { id } = await held();
    shop.mock.faults.add({ method: "receipts.cancel", kind, times: 1 });
    await expect(shop.payments.release(id)).rejects.toThrow();
    expect(await shop.payments.find(id)).toMatchObject({ cancelRequestedAt: expect.any(Number) });
    shop.pass(3 * MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ cancelled: 1 });
    expect(moved()).toEqual(["hold", "release"]);
  });

  it("that reconcile has sent and Payme has queued is not held any more", async () => {
    const { shop, held } = await open({ mock: { choices: { cancelledHold: "queued" }, cancelDelayMs: HOUR } });
    const { id } = await held();
    shop.mock.faults.add({ method: "receipts.cancel", kind: "drop_before", times: 1 });
    await expect(shop.payments.release(id)).rejects.toThrow();
    shop.pass(3 * MINUTE);
    await shop.payments.reconcile();
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING", held: false });
  });

  it("asks Payme once, and tells it once", async () => {
    const { shop, held } = await open();
    const { id } = await held();
    const before = shop.mock.exchanges.length;
    expect(await shop.payments.release(id)).toMatchObject({ outcome: "applied" });
    const sent = shop.mock.exchanges.slice(before).map(({ method }) => method);
    expect(sent).toEqual(["receipts.check", "receipts.cancel"]);
  });

  it.each([
    ["was taken", true],
    ["was paid without a hold", false],
  ])("of what %s is refused without a word to Payme", async (_what, hold) => {
    const { shop, order } = await open();
    const { payment } = await shop.payments.charge({ ...order, hold });
    if (hold) await shop.payments.capture(payment.id);
    const before = shop.mock.exchanges.length;
    await expect(shop.payments.release(payment.id)).rejects.toMatchObject({ code: "CONFLICT" });
    expect(shop.mock.exchanges).toHaveLength(before);
  });

  it("of what was taken is an error, and gives nothing back", async () => {
    const { shop, held, moved } = await open();
    const { id } = await held();
    await shop.payments.capture(id);
    await expect(shop.payments.release(id)).rejects.toMatchObject({ code: "CONFLICT" });
    expect(moved()).toEqual(["hold", "capture"]);
  });

  it("and capture at once: one of them ends it, and nothing is taken and given back", async () => {
    const { shop, held, moved } = await open();
    const { id } = await held();
    const ends = await Promise.allSettled([shop.payments.capture(id), shop.payments.release(id)]);
    expect(ends.map(({ status }) => status)).toContain("fulfilled");
    const last = (await shop.payments.find(id))?.status;
    expect(moved()).toEqual(["hold", last === "PAID" ? "capture" : "release"]);
    expect(shop.delivery(id)?.delivered ?? 0).toBe(last === "PAID" ? 1 : 0);
  });
});

describe("a held payment that the Merchant API pays meanwhile", () => {
  it("is given once, and the hold is let go", async () => {
    const { shop, held, moved } = await open();
    const { id } = await held();
    const at = shop.now();
    const by = { paidBy: "merchant-1", paidSource: "merchant", paidAt: at } as const;
    await shop.storage.changePayment(scope, id, { from: ["PENDING"], to: "PAID", at, ...by, nextCheckAt: at });
    expect(await shop.payments.capture(id)).toMatchObject({ status: "paid", payment: { paidBy: "merchant-1" } });
    await shop.payments.reconcile();
    expect(moved()).toEqual(["hold", "release"]);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", held: false });
  });

  it("is not held any more while Payme has only queued the end of the hold", async () => {
    const { shop, held } = await open({ mock: { choices: { cancelledHold: "queued" }, cancelDelayMs: HOUR } });
    const { id } = await held();
    const at = shop.now();
    const by = { paidBy: "merchant-1", paidSource: "merchant", paidAt: at } as const;
    await shop.storage.changePayment(scope, id, { from: ["PENDING"], to: "PAID", at, ...by, nextCheckAt: at });
    await shop.payments.reconcile();
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", held: false });
  });

  it("is not captured while such a transaction is in progress", async () => {
    const { shop, held, calls } = await open();
    const { id } = await held();
    await shop.storage.addTransaction(
      transactionRow({ ...scope, paymeId: "merchant-1", reference: id, time: shop.now() }),
    );
    expect(await shop.payments.capture(id, { settleMs: 0 })).toMatchObject({ status: "pending" });
    expect(await shop.payments.release(id)).toMatchObject({ outcome: "conflict" });
    expect(calls("receipts.confirm_hold")).toBe(0);
  });

  it("its own receipt's transaction, at a cashbox with billing, stops neither", async () => {
    const { shop, held } = await open();
    const { id, transactionId } = await held();
    const own = transactionRow({ ...scope, paymeId: transactionId ?? "", reference: id, time: shop.now() });
    await shop.storage.addTransaction(own);
    await shop.payments.release(id).catch(() => undefined);
    expect(shop.mock.receipt(transactionId ?? "")?.state).toBe(50);
  });
});
