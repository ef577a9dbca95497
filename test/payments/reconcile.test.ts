import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import { paymentRow } from "../ledger/rows";
import { card, createShop, scope } from "./shop";

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const amount = som(50_000);

type Shop = ReturnType<typeof createShop>;

describe("reconcile", () => {
  it("settles a payment that was paid and never notified, once", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.mock.pay(transactionId ?? "", { card });
    const paidAt = shop.now();
    shop.pass(MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ checked: 1, paid: 1 });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", paidSource: "receipt", paidAt });
    shop.pass(HOUR);
    expect(await shop.payments.reconcile()).toMatchObject({ checked: 0 });
    expect(shop.delivery(id)).toMatchObject({ delivered: 1 });
  });

  /** When a payment is looked at in the first time of its life, by a worker that runs so often. */
  async function looks(shop: Shop, everyMs: number, forMs: number): Promise<number[]> {
    await shop.payments.create({ amount });
    const asked: number[] = [];
    for (let at = everyMs; at <= forMs; at += everyMs) {
      shop.pass(everyMs);
      if ((await shop.payments.reconcile()).checked > 0) asked.push(at / everyMs);
    }
    return asked;
  }

  it("looks densely while a link is fresh, then every six hours", async () => {
    expect(await looks(createShop(), MINUTE, 15 * HOUR)).toEqual([1, 2, 3, 5, 10, 20, 35, 65, 125, 485, 845]);
  });

  it("asks Payme at most eight times in the first hour, however often it runs", async () => {
    const shop = createShop();
    expect(await looks(shop, SECOND, HOUR)).toEqual([10, 30, 70, 130, 250, 550, 1_150, 2_050]);
    expect(shop.mock.exchanges.filter(({ method }) => method === "receipts.check")).toHaveLength(8);
  });

  it.each([
    [1, 1],
    [5, 5],
    [16, 20],
    [30, 35],
  ])("learns of a payment at minute %i at the next look, at minute %i", async (paidAt, next) => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    let learnt = 0;
    for (let minute = 1; learnt === 0; minute += 1) {
      shop.pass(MINUTE);
      if (minute === paidAt) await shop.mock.pay(transactionId ?? "", { card });
      await shop.payments.reconcile();
      if ((await shop.payments.find(id))?.status === "PAID") learnt = minute;
    }
    expect(learnt).toBe(next);
  });

  it("looks as the shop says: the last delay repeats", async () => {
    const shop = createShop({ payments: { checkDelaysMs: [5 * MINUTE, 2 * MINUTE] } });
    expect(await looks(shop, MINUTE, 12 * MINUTE)).toEqual([5, 7, 9, 11]);
  });

  it("after a wish to cancel looks densely again, however old the payment is", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.mock.pay(transactionId ?? "", { card });
    await shop.payments.check(id);
    shop.pass(10 * 24 * HOUR);
    shop.mock.faults.add({ method: "receipts.cancel", kind: "http_status", status: 502, times: 3 });
    await expect(shop.payments.refund(id)).rejects.toThrow();
    for (let minute = 1; minute <= 5; minute += 1) {
      shop.pass(MINUTE);
      await shop.payments.reconcile();
    }
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED" });
  });

  it.each([[[]], [[0]], [[-1]], [[1.5]], [[60_000, Number.NaN]]])("refuses the delays %j", (checkDelaysMs) => {
    expect(() => createShop({ payments: { checkDelaysMs } })).toThrow(/checkDelaysMs/);
  });

  it("finds a receipt whose creation was never answered, and settles it when it is paid", async () => {
    const shop = createShop();
    shop.mock.faults.add({ method: "receipts.create", kind: "drop_after", times: 1 });
    await expect(shop.payments.create({ reference: "order:197", amount })).rejects.toThrow();
    const [receipt] = shop.mock.receipts();
    await shop.mock.pay(receipt?._id ?? "", { card });
    shop.pass(MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ paid: 1 });
    const payment = await shop.payments.findByReference("order:197");
    expect(payment).toMatchObject({ status: "PAID", transactionId: receipt?._id });
    expect(shop.delivery(payment?.id ?? "")).toMatchObject({ delivered: 1 });
    expect(shop.mock.receipts()).toHaveLength(1);
  });

  it("finds such a receipt paid later as well", async () => {
    const shop = createShop();
    shop.mock.faults.add({ method: "receipts.create", kind: "drop_after", times: 1 });
    await expect(shop.payments.create({ reference: "order:197", amount })).rejects.toThrow();
    shop.pass(MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ failed: 1 });
    await shop.mock.pay(shop.mock.receipts()[0]?._id ?? "", { card });
    shop.pass(5 * MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ paid: 1 });
  });

  it.each([
    ["whose creation was never answered", false],
    ["whose maker died on the way", true],
  ])("finds a receipt that Payme lists only after hours: of a payment %s", async (_how, hasDied) => {
    const shop = createShop();
    if (hasDied) {
      await shop.storage.addPayment(paymentRow({ createdAt: shop.now(), nextCheckAt: shop.now() }));
      await shop.client.receipts.create({ amount, account: { order_id: "payment-1" } });
    } else {
      shop.mock.faults.add({ method: "receipts.create", kind: "drop_after", times: 1 });
      await expect(shop.payments.create({ amount })).rejects.toThrow();
    }
    const [receipt] = shop.mock.receipts();
    await shop.mock.pay(receipt?._id ?? "", { card });
    const { getAll } = shop.client.receipts;
    shop.client.receipts.getAll = async () => ({ receipts: [], unread: [] });
    for (let hour = 0; hour < 9; hour += 1) {
      shop.pass(HOUR);
      expect(await shop.payments.reconcile()).toMatchObject({ paid: 0, errors: 0 });
    }
    shop.client.receipts.getAll = getAll;
    shop.pass(6 * HOUR);
    expect(await shop.payments.reconcile()).toMatchObject({ paid: 1 });
    const payment = await shop.payments.find(receipt?._id ?? "");
    expect(payment).toMatchObject({ status: "PAID", transactionId: receipt?._id });
    expect(shop.delivery(payment?.id ?? "")).toMatchObject({ delivered: 1 });
  });

  it("finds it behind more receipts than a page has", async () => {
    const shop = createShop();
    await shop.storage.addPayment(paymentRow({ createdAt: shop.now(), nextCheckAt: shop.now() }));
    const lost = await shop.client.receipts.create({ amount, account: { order_id: "payment-1" } });
    for (let n = 0; n < 120; n += 1) {
      shop.pass(100);
      await shop.client.receipts.create({ amount, account: { order_id: `other-${n}` } });
    }
    expect(await shop.payments.reconcile()).toMatchObject({ checked: 1, pending: 1 });
    expect(await shop.payments.find("payment-1")).toMatchObject({ status: "PENDING", transactionId: lost._id });
  });

  it("does not take a receipt that carries the payment's id with another amount for the lost one", async () => {
    const shop = createShop();
    await shop.storage.addPayment(paymentRow({ createdAt: shop.now(), nextCheckAt: shop.now() }));
    const foreign = await shop.client.receipts.create({ amount: som(1), account: { order_id: "payment-1" } });
    await shop.mock.pay(foreign._id, { card });
    shop.pass(5 * MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ checked: 1, paid: 0 });
    expect(await shop.payments.find("payment-1")).toMatchObject({ status: "FAILED", transactionId: null });
  });

  it("counts a payment as failed whose creation never reached Payme, and stops looking at its end", async () => {
    const shop = createShop();
    shop.mock.faults.add({ method: "receipts.create", kind: "drop_before", times: 1 });
    await expect(shop.payments.create({ reference: "order:197", amount })).rejects.toThrow();
    for (let hour = 0; hour < 40; hour += 1) {
      shop.pass(HOUR);
      await shop.payments.reconcile();
    }
    const payment = await shop.payments.findByReference("order:197");
    expect(payment).toMatchObject({ status: "FAILED", nextCheckAt: null });
    expect(shop.mock.receipts()).toEqual([]);
  });

  it("cancels at Payme what stays unpaid for a day", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    for (let hour = 0; hour < 24; hour += 1) {
      shop.pass(HOUR);
      await shop.payments.reconcile();
    }
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED", nextCheckAt: null });
    expect((await shop.client.receipts.check(transactionId ?? "")).state).toBe(50);
  });

  it("believes Payme rather than the clock: paid at the last moment is paid", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    shop.pass(24 * HOUR);
    await shop.mock.pay(transactionId ?? "", { card });
    expect(await shop.payments.reconcile()).toMatchObject({ paid: 1 });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID" });
  });

  it("books a refund that was made in the cabinet when the payment is still open here", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.mock.cancel(transactionId ?? "");
    shop.pass(MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ cancelled: 1 });
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED" });
  });

  it("fails a payment whose receipt Payme does not know", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    shop.mock.reset();
    shop.pass(MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ failed: 1 });
    expect(await shop.payments.find(id)).toMatchObject({ status: "FAILED", errorCode: "-31602" });
  });

  it("asks again about a receipt that Payme said it does not know: one wrong answer hides no money", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.mock.pay(transactionId ?? "", { card });
    shop.mock.faults.add({ method: "receipts.check", kind: "rpc_error", code: -31602, times: 1 });
    shop.pass(MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ failed: 1 });
    shop.pass(5 * MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ paid: 1 });
    expect(shop.delivery(id)).toMatchObject({ delivered: 1 });
  });

  it("asks about an unknown receipt for as long again as it could be paid, and no longer", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    shop.mock.reset();
    for (let hour = 0; hour < 56; hour += 1) {
      shop.pass(HOUR);
      await shop.payments.reconcile();
    }
    expect(await shop.payments.find(id)).toMatchObject({ status: "FAILED", nextCheckAt: null });
  });

  it("counts a payment that it could not ask about as an error, and asks again", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.mock.pay(transactionId ?? "", { card });
    shop.mock.faults.add({ method: "receipts.check", kind: "http_status", status: 502, times: 1 });
    shop.pass(MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ checked: 1, errors: 1 });
    expect(await shop.payments.reconcile()).toMatchObject({ checked: 0 });
    shop.pass(5 * MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ paid: 1 });
    expect(shop.delivery(id)).toMatchObject({ delivered: 1 });
  });

  it("looks through Payme's pages for a lost receipt, and at 40 of them at most", async () => {
    const shop = createShop();
    await shop.storage.addPayment(paymentRow({ createdAt: shop.now(), nextCheckAt: shop.now() }));
    const lost = await shop.client.receipts.create({ amount, account: { order_id: "payment-1" } });
    const foreign = await shop.client.receipts.create({ amount, account: { order_id: "not ours" } });
    const offsets: number[] = [];
    let pages = [Array.from({ length: 50 }, () => foreign), [foreign]];
    shop.client.receipts.getAll = async ({ offset = 0 }) => {
      offsets.push(offset);
      return { receipts: pages[offset / 50] ?? [], unread: [] };
    };
    expect(await shop.payments.check("payment-1")).toMatchObject({ transactionId: null });
    expect(offsets.splice(0)).toEqual([0, 50]);
    pages = Array.from({ length: 60 }, () => Array.from({ length: 50 }, () => foreign));
    expect(await shop.payments.check("payment-1")).toMatchObject({ transactionId: null });
    expect(offsets.splice(0)).toEqual(Array.from({ length: 40 }, (_, page) => page * 50));
    pages[1] = [foreign, lost];
    expect(await shop.payments.check("payment-1")).toMatchObject({ transactionId: lost._id });
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 20, 21, 30, 50])("knows the state %i: it warns of nothing", async (state) => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    shop.client.receipts.check = async () => ({ state });
    await shop.payments.check(id);
    expect(shop.lines.join()).not.toContain("has not published");
  });

  it("does not take another refusal for an unknown receipt", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    shop.mock.faults.add({ method: "receipts.check", kind: "rpc_error", code: -32504, message: "denied", times: 1 });
    await expect(shop.payments.check(id)).rejects.toMatchObject({ errorCode: "-32504" });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING" });
  });

  it("notes that it learnt of a refund from the receipt", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.mock.pay(transactionId ?? "", { card });
    await shop.payments.check(id);
    await shop.payments.refund(id);
    const [refunded] = await shop.storage.listEvents(scope, { subject: id, kinds: ["payment.refunded"], limit: 1 });
    expect(refunded?.data).toEqual({ amount, source: "receipt" });
  });

  it("finds a lost receipt whose account was replaced by its description", async () => {
    const shop = createShop();
    const row = { createdAt: shop.now(), nextCheckAt: shop.now(), description: "Order 197" };
    await shop.storage.addPayment(paymentRow(row));
    const description = "Order 197 payment-1";
    const receipt = await shop.client.receipts.create({ amount, account: { order_id: "terminal-7" }, description });
    expect(await shop.payments.check("payment-1")).toMatchObject({ transactionId: receipt._id });
  });

  it("leaves alone what has been due for less than olderThanMs", async () => {
    const shop = createShop();
    await shop.payments.create({ amount });
    shop.pass(MINUTE);
    expect(await shop.payments.reconcile({ olderThanMs: 2 * MINUTE })).toMatchObject({ checked: 0 });
    shop.pass(2 * MINUTE);
    expect(await shop.payments.reconcile({ olderThanMs: 2 * MINUTE })).toMatchObject({ checked: 1 });
  });

  it("after an error asks about an old payment again in 15 minutes, and logs which one and why", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    shop.pass(10 * HOUR);
    shop.mock.faults.add({ method: "receipts.check", kind: "http_status", status: 502, times: 1 });
    expect(await shop.payments.reconcile()).toMatchObject({ errors: 1 });
    expect(await shop.payments.find(id)).toMatchObject({ nextCheckAt: shop.now() + 15 * MINUTE });
    expect(shop.lines.join()).toMatch(
      new RegExp(`"payment_id":"${id}","transaction_id":"[0-9a-f]+","error":"[A-Z_]+"`),
    );
  });

  it("gives an unmade payment up exactly two minutes after it was begun, and never calls it held", async () => {
    const shop = createShop();
    await shop.storage.addPayment(paymentRow({ createdAt: shop.now(), nextCheckAt: shop.now() }));
    expect(await shop.payments.check("payment-1")).toMatchObject({ status: "PENDING", held: false });
    shop.pass(2 * MINUTE);
    expect(await shop.payments.check("payment-1")).toMatchObject({ status: "FAILED", held: false });
    expect(await shop.payments.check("payment-1")).toMatchObject({ status: "FAILED", held: false });
  });

  it("asks no more about an unknown receipt at twice the payment's time, and not before", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    shop.mock.reset();
    shop.pass(47 * HOUR);
    for (const _ of [1, 2]) {
      const failed = { status: "FAILED", held: false, nextCheckAt: expect.any(Number) };
      expect(await shop.payments.check(id)).toMatchObject(failed);
    }
    shop.pass(HOUR);
    expect(await shop.payments.check(id)).toMatchObject({ status: "FAILED", nextCheckAt: null });
  });

  it("never cancels without a wish the receipt that paid, whatever Payme says of it", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.mock.pay(transactionId ?? "", { card });
    await shop.payments.check(id);
    await shop.storage.changePayment(scope, id, { from: ["PAID"], to: "PAID", at: shop.now(), nextCheckAt: 1 });
    shop.client.receipts.check = async () => ({ state: 0 });
    expect(await shop.payments.check(id)).toMatchObject({ status: "PAID" });
    expect(shop.mock.receipts()).toMatchObject([{ state: 4 }]);
  });

  it("asks about each payment once when eight workers run at once", async () => {
    const shop = createShop();
    for (let n = 0; n < 30; n += 1) await shop.payments.create({ reference: `order:${n}`, amount });
    shop.pass(MINUTE);
    const before = shop.mock.exchanges.length;
    const runs = await Promise.all(Array.from({ length: 8 }, () => shop.payments.reconcile()));
    expect(runs.reduce((sum, { checked }) => sum + checked, 0)).toBe(30);
    expect(shop.mock.exchanges.length - before).toBe(30);
  });

  it("takes over the payments of a worker that died, once its lease is over", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.mock.pay(transactionId ?? "", { card });
    shop.pass(MINUTE);
    const claim = { now: shop.now(), leaseUntil: shop.now() + 2 * MINUTE, limit: 10 };
    await shop.storage.claimDuePayments({ cashbox: "default", mode: "test" }, claim);
    expect(await shop.payments.reconcile()).toMatchObject({ checked: 0 });
    shop.pass(2 * MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ paid: 1 });
    expect(shop.delivery(id)).toMatchObject({ delivered: 1 });
  });

  it("warns of a state that Payme has not published, and waits", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    const check = shop.client.receipts.check;
    shop.client.receipts.check = async () => ({ state: 77 });
    shop.pass(MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ pending: 1 });
    shop.client.receipts.check = check;
    expect(shop.lines.join()).toMatch(/has not published.*"state":77/);
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING" });
  });
});

describe("reconcile in a shop without a client", () => {
  const open = async (row: Parameters<typeof paymentRow>[0]) => {
    const shop = createShop({ payments: { mode: "test", client: undefined, payUrl: () => "https://pay.example" } });
    await shop.storage.addPayment(paymentRow({ createdAt: shop.now(), nextCheckAt: shop.now(), ...row }));
    return {
      shop,
      run: async () => ({ report: await shop.payments.reconcile(), row: await shop.payments.find("payment-1") }),
    };
  };

  it("closes an unpaid payment at its end, and not before", async () => {
    const { shop, run } = await open({});
    expect(await run()).toMatchObject({ report: { pending: 1 }, row: { status: "PENDING" } });
    shop.pass(24 * HOUR);
    expect(await run()).toMatchObject({ report: { cancelled: 1 }, row: { status: "CANCELLED", nextCheckAt: null } });
  });

  it.each([
    ["failed", { status: "FAILED" }],
    ["was to be held", { hold: true }],
    ["is held", { held: true, heldAt: 1 }],
  ] as const)("leaves open what %s: only Payme knows its end", async (_name, row) => {
    const { shop, run } = await open(row);
    shop.pass(24 * HOUR);
    expect((await run()).row).toMatchObject({ status: "PENDING", nextCheckAt: expect.any(Number), ...row });
  });

  it("ends no refund: after two days a person is told that nobody has heard of its end", async () => {
    const paid = { paidAt: 1, paidBy: "r1", transactionId: "r1", paidSource: "receipt" } as const;
    const cancelledAt = createShop().now();
    const { shop, run } = await open({ status: "CANCELLED", refund: "queued", cancelledAt, ...paid });
    expect((await run()).report).toMatchObject({ checked: 0 });
    shop.pass(HOUR);
    expect(await run()).toMatchObject({ report: { cancelled: 1 }, row: { refund: "queued", refundedAt: null } });
    shop.pass(49 * HOUR);
    expect((await run()).row).toMatchObject({ refund: "stuck", refundedAt: null });
    shop.pass(6 * HOUR);
    expect((await run()).row).toMatchObject({ refund: "stuck", nextCheckAt: expect.any(Number) });
    expect(await shop.payments.incidents.list()).toMatchObject([{ kind: "refund_stuck", paymeId: "r1" }]);
  });

  it("tells a person of a refund that Payme was heard to refuse, once nobody has asked for two days", async () => {
    const paid = { paidAt: 1, paidBy: "r1", transactionId: "r1", paidSource: "receipt" } as const;
    const cancelledAt = createShop().now();
    const doubted = { refundDoubtedAt: cancelledAt, cancelledAt };
    const { shop, run } = await open({ status: "CANCELLED", refund: "queued", ...doubted, ...paid });
    shop.pass(48 * HOUR);
    expect((await run()).row).toMatchObject({ refund: "queued", refundDoubtedAt: cancelledAt });
    shop.pass(HOUR + 6 * HOUR);
    // A process with a client asks in a minute, if there is one.
    expect((await run()).row).toMatchObject({ refund: "refused", nextCheckAt: shop.now() + 60_000 });
    expect(await shop.payments.incidents.list()).toMatchObject([{ kind: "refund_refused", paymeId: "r1" }]);
  });

  it("closes a payment with a receipt at its end, and leaves it due for a process that can cancel that", async () => {
    const { shop, run } = await open({ transactionId: "r1" });
    shop.pass(25 * HOUR);
    expect((await run()).row).toMatchObject({ status: "CANCELLED", nextCheckAt: shop.now() });
    for (let day = 0; day < 90; day += 1) {
      shop.pass(24 * HOUR);
      expect((await run()).row?.nextCheckAt).toBeGreaterThan(shop.now());
    }
  });
});

describe("check", () => {
  it("settles what it finds paid, by any of the payment's ids", async () => {
    const shop = createShop();
    const { transactionId } = await shop.payments.create({ amount });
    await shop.mock.pay(transactionId ?? "", { card });
    expect(await shop.payments.check(transactionId ?? "")).toMatchObject({ status: "PAID" });
  });

  it("asks nothing about a payment whose end is known", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    await shop.payments.cancel(id);
    const before = shop.mock.exchanges.length;
    expect(await shop.payments.check(id)).toMatchObject({ status: "CANCELLED" });
    expect(shop.mock.exchanges).toHaveLength(before);
  });

  it("says so when there is no such payment", async () => {
    await expect(createShop().payments.check("nothing")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("waitForPayment", () => {
  it("returns as soon as our books know the end", async () => {
    const shop = createShop();
    const { id, transactionId } = await shop.payments.create({ amount });
    const waiting = shop.payments.waitForPayment(id);
    await shop.payments.recordPaid({ paymeId: transactionId ?? "", amount, paidAt: shop.now(), source: "gateway" });
    expect(await waiting).toMatchObject({ status: "PAID" });
  });

  it("returns the open payment when the time is over", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    const start = shop.now();
    expect(await shop.payments.waitForPayment(id, { timeoutMs: 1_100 })).toMatchObject({ status: "PENDING" });
    expect(shop.now() - start).toBe(1_100);
  });

  it("looks four times a second, and not at all where the end is known", async () => {
    const slept: number[] = [];
    const shop = createShop({
      payments: {
        sleep: async (ms) => {
          slept.push(ms);
          shop.pass(ms);
        },
      },
    });
    const { id, transactionId } = await shop.payments.create({ amount });
    await shop.payments.waitForPayment(id, { timeoutMs: 600 });
    expect(slept.splice(0)).toEqual([250, 250, 100]);
    await shop.payments.recordPaid({ paymeId: transactionId ?? "", amount, paidAt: shop.now(), source: "gateway" });
    expect(await shop.payments.waitForPayment(id)).toMatchObject({ status: "PAID" });
    expect(slept).toEqual([]);
  });

  it("ends with the signal's reason", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount });
    const signal = AbortSignal.abort(new Error("the payer left"));
    await expect(shop.payments.waitForPayment(id, { signal })).rejects.toThrow("the payer left");
  });
});

describe("statistics", () => {
  it("count payments by status, user and error code, and notifications", async () => {
    const shop = createShop();
    const paid = await shop.payments.create({ userId: "a", reference: "1", amount });
    await shop.payments.create({ userId: "b", reference: "2", amount });
    await shop.payments.recordPaid({ paymeId: paid.transactionId ?? "", amount, paidAt: 1, source: "gateway" });
    shop.mock.faults.add({ method: "receipts.create", kind: "rpc_error", code: -31611, message: "x", times: 1 });
    await expect(shop.payments.create({ userId: "a", reference: "3", amount })).rejects.toThrow();
    expect(await shop.payments.statistics()).toEqual({
      total: 3,
      paid: 1,
      pending: 1,
      failed: 1,
      cancelled: 0,
      notified: 1,
      errorCodes: [{ code: "-31611", count: 1 }],
      incidents: 0,
      refunding: 0,
      oldestRefundAt: null,
    });
    expect(await shop.payments.statistics({ userId: "b" })).toMatchObject({ total: 1, pending: 1 });
  });
});

describe("incidents", () => {
  it("need no listener", async () => {
    const shop = createShop({ payments: { onIncident: undefined } });
    await shop.payments.recordPaid({ paymeId: "unknown", amount, paidAt: 1, source: "gateway" });
    await new Promise((resolve) => setImmediate(resolve));
    expect(shop.lines.filter((line) => !line.includes("incident: unknown_transaction"))).toEqual([]);
  });

  it("are closed once, by a person, with a note", async () => {
    const shop = createShop();
    await shop.payments.recordPaid({ paymeId: "unknown", amount, paidAt: 1, source: "gateway" });
    const [incident] = await shop.payments.incidents.list();
    const id = incident?.id ?? 0;
    await shop.payments.incidents.resolve(id, { by: "Aziza", note: "refunded by hand" });
    await shop.payments.incidents.resolve(id, { by: "Bek", note: "again" });
    expect(await shop.payments.incidents.list()).toEqual([]);
    expect(await shop.payments.incidents.list({ open: false })).toMatchObject([{ resolvedBy: "Aziza" }]);
    await expect(shop.payments.incidents.resolve(99, { by: "x", note: "" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});
