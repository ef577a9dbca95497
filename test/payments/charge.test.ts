import { describe, expect, it, onTestFinished } from "vitest";
import { createPayments, type NewCharge, type PaymentsOptions } from "../../src/entry";
import { som } from "../../src/kit/money";
import { type MemoryStorage, memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MemoryTx } from "../../src/storage/memory/memory-table";
import { sqliteStorage } from "../../src/storage/sqlite/sqlite-storage";
import { TEST_CARDS } from "../../src/testing/mock/cards";
import { EMPTY_CARD } from "../faults/world";
import { paymentRow, transactionRow } from "../ledger/rows";
import { verifiedToken } from "../mock/kit";
import { card, createShop, scope } from "./shop";

const amount = som(50_000);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A shop, a saved card, and a charge for it. */
async function open(payments: Partial<PaymentsOptions<MemoryTx>> = {}) {
  const shop = createShop({ payments, mock: { cards: [...TEST_CARDS, EMPTY_CARD] } });
  const token = await verifiedToken(shop.mock);
  const order: NewCharge = { reference: "rent:42:2026-01", amount, token };
  return {
    shop,
    order,
    calls: () => shop.mock.exchanges.map(({ method }) => method).filter((method) => method.startsWith("receipts.")),
    debits: () => shop.mock.movements.filter(({ kind }) => kind === "take").length,
    emptyCard: () => verifiedToken(shop.mock, { card: { number: EMPTY_CARD.number, expire: "0399" } }),
  };
}

describe("a charge", () => {
  it("makes the payment and its receipt, pays that, books it, and tells the payment", async () => {
    const { shop, order, calls } = await open();
    const detail = { receipt_type: 0, items: [] };
    const payer = { phone: "998901234567" };
    const outcome = await shop.payments.charge({ ...order, userId: "42", description: "January", detail, payer });
    const [receipt] = shop.mock.receipts();
    expect(outcome).toMatchObject({
      status: "paid",
      receiptId: receipt?._id,
      payment: { status: "PAID", reference: order.reference, userId: "42", paidBy: receipt?._id, nextCheckAt: null },
    });
    expect(receipt?.account).toMatchObject([{ name: "order_id", value: outcome.payment.id }]);
    expect(calls()).toEqual(["receipts.create", "receipts.check", "receipts.pay", "receipts.get"]);
    const sent = JSON.stringify(shop.mock.exchanges.map(({ request }) => request));
    expect(sent).toContain(JSON.stringify(detail));
    expect(sent).toContain(JSON.stringify(payer));
    expect(shop.delivery(outcome.payment.id)).toMatchObject({ delivered: 1 });
    expect(JSON.stringify(shop.storage.published().table("payme_payment").filter())).not.toContain(order.token);
  });

  it("for a reference that is paid answers paid, and sends nothing", async () => {
    const { shop, order, calls, debits } = await open();
    const first = await shop.payments.charge(order);
    const sent = calls().length;
    const again = await shop.payments.charge(order);
    expect(again).toMatchObject({ status: "paid", receiptId: first.receiptId, payment: { id: first.payment.id } });
    expect(calls()).toHaveLength(sent);
    expect(debits()).toBe(1);
  });

  it("for a reference that is paid and has a newer open payment answers paid, too", async () => {
    const { shop, order, debits } = await open();
    const first = await shop.payments.charge(order);
    await shop.payments.create({ reference: order.reference, amount });
    expect(await shop.payments.charge(order)).toMatchObject({ status: "paid", payment: { id: first.payment.id } });
    expect(debits()).toBe(1);
  });

  it("for a reference whose open payment is a checkout link is pending at once, and leaves it to its payer", async () => {
    const { shop, order, calls } = await open();
    const linking = createPayments({
      storage: shop.storage,
      mode: "test",
      now: shop.now,
      newId: () => "linked-1",
      payUrl: ({ id }) => `https://checkout.paycom.uz/${id}`,
    });
    await linking.create({ reference: order.reference, amount });
    const start = shop.now();
    expect(await shop.payments.charge(order)).toMatchObject({ status: "pending", payment: { id: "linked-1" } });
    expect(shop.now()).toBe(start);
    expect(calls()).toEqual([]);
    expect(await shop.payments.findByReference(order.reference)).toMatchObject({ chargeUntil: null });
  });

  it("for a reference that was refunded answers cancelled: it is charged once", async () => {
    const { shop, order, debits } = await open();
    const { payment } = await shop.payments.charge(order);
    expect(await shop.payments.refund(payment.id)).toMatchObject({ refund: "queued" });
    expect(await shop.payments.charge(order)).toMatchObject({ status: "cancelled", payment: { id: payment.id } });
    expect(debits()).toBe(1);
  });

  it.each([
    ["an open payment", async ({ shop, order }: Opened) => void (await shop.payments.create(order))],
    ["a paid one", async ({ shop, order }: Opened) => void (await shop.payments.charge(order))],
    [
      "a declined one",
      async ({ shop, order, emptyCard }: Opened) =>
        void (await shop.payments.charge({ ...order, token: await emptyCard() })),
    ],
  ])("with another amount than %s is a conflict, and nothing is sent", async (_name, before) => {
    const opened = await open();
    const { shop, order, calls, debits } = opened;
    await before(opened);
    const [sent, taken] = [calls().length, debits()];
    const other = shop.payments.charge({ ...order, amount: som(60_000) });
    await expect(other).rejects.toMatchObject({ name: "PaymeValidationError", code: "CONFLICT" });
    expect([calls().length, debits()]).toEqual([sent, taken]);
  });

  it("may have another amount where the payment before was cancelled unpaid", async () => {
    const { shop, order } = await open();
    const { id } = await shop.payments.create(order);
    await shop.payments.cancel(id);
    const outcome = await shop.payments.charge({ ...order, amount: som(60_000) });
    expect(outcome).toMatchObject({ status: "paid", payment: { amount: som(60_000) } });
    expect(outcome.payment.id).not.toBe(id);
  });

  it("pays the receipt of a payment that was made before it", async () => {
    const { shop, order } = await open();
    const { id, transactionId } = await shop.payments.create(order);
    expect(await shop.payments.charge(order)).toMatchObject({
      status: "paid",
      receiptId: transactionId,
      payment: { id },
    });
    expect(shop.mock.receipts()).toHaveLength(1);
  });

  it("of what the payer paid meanwhile by hand answers paid, and books it", async () => {
    const { shop, order, debits } = await open();
    const { id, transactionId } = await shop.payments.create(order);
    await shop.mock.pay(transactionId ?? "", { card });
    expect(await shop.payments.charge(order)).toMatchObject({ status: "paid", payment: { id } });
    expect(debits()).toBe(1);
  });

  it.each(["reference", "token"] as const)("without a %s sends nothing", async (name) => {
    const { shop, order, calls } = await open();
    await expect(shop.payments.charge({ ...order, [name]: " " })).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
    expect(calls()).toEqual([]);
  });

  it("needs a client", async () => {
    const { shop, order } = await open({ client: undefined, payUrl: () => "https://pay.example" });
    await expect(shop.payments.charge(order)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});

type Opened = Awaited<ReturnType<typeof open>>;

describe("a declined charge", () => {
  it("says whose move it is with a text for the payer; another card pays the same receipt", async () => {
    const { shop, order, emptyCard, debits } = await open();
    const declined = await shop.payments.charge({ ...order, token: await emptyCard() });
    expect(declined).toMatchObject({
      status: "declined",
      reason: "funds",
      text: { uz: expect.any(String) },
      error: { code: "API_REFUSED" },
      payment: { status: "PENDING", chargeUntil: null },
    });
    const paid = await shop.payments.charge(order);
    expect(paid).toMatchObject({ status: "paid", receiptId: declined.receiptId, payment: { id: declined.payment.id } });
    expect(shop.mock.receipts()).toHaveLength(1);
    expect(debits()).toBe(1);
  });

  it("that is tried again days later has a new receipt: the old one was cancelled in its time", async () => {
    const { shop, order, emptyCard, debits } = await open();
    const declined = await shop.payments.charge({ ...order, token: await emptyCard() });
    shop.pass(25 * HOUR);
    const paid = await shop.payments.charge(order);
    expect(paid.status).toBe("paid");
    expect(paid.receiptId).not.toBe(declined.receiptId);
    expect(shop.mock.receipt(declined.receiptId ?? "")?.state).toBe(50);
    expect(debits()).toBe(1);
  });

  it("where Payme makes no receipt: the payment is FAILED, and the next charge makes another", async () => {
    const { shop, order, debits } = await open();
    shop.mock.faults.add({ method: "receipts.create", kind: "rpc_error", code: -31601, message: "no", times: 1 });
    const declined = await shop.payments.charge(order);
    expect(declined).toMatchObject({ status: "declined", reason: "merchant", receiptId: null });
    expect(declined.payment).toMatchObject({ status: "FAILED", errorCode: "-31601" });
    expect(await shop.payments.charge(order)).toMatchObject({ status: "paid" });
    expect(debits()).toBe(1);
  });
});

describe("a charge whose answer is lost", () => {
  it.each(["drop_before", "drop_after"] as const)("on create (%s): the next one pays once", async (kind) => {
    const { shop, order, debits } = await open();
    shop.mock.faults.add({ method: "receipts.create", kind, times: 1 });
    expect(await shop.payments.charge(order)).toMatchObject({ status: "declined", reason: "unavailable" });
    expect(await shop.payments.charge(order)).toMatchObject({ status: "paid" });
    expect(debits()).toBe(1);
    // The receipt that nobody heard of is cancelled: nothing stays payable.
    expect(shop.mock.receipts().map(({ state }) => state)).toEqual(kind === "drop_after" ? [50, 4] : [4]);
  });

  it("on pay, carried out: it asks, and is paid", async () => {
    const { shop, order, debits } = await open();
    shop.mock.faults.add({ method: "receipts.pay", kind: "drop_after", times: 1 });
    expect(await shop.payments.charge(order)).toMatchObject({ status: "paid" });
    expect(debits()).toBe(1);
  });

  it("on pay, never carried out: unknown; no other call pays until nothing can be on its way", async () => {
    const { shop, order, calls, debits } = await open();
    shop.mock.faults.add({ method: "receipts.pay", kind: "drop_before", times: 1 });
    const first = await shop.payments.charge({ ...order, settleMs: 0 });
    expect(first).toMatchObject({ status: "unknown", receiptId: expect.any(String), payment: { status: "PENDING" } });
    const second = await shop.payments.charge({ ...order, settleMs: 0 });
    expect(second).toMatchObject({ status: "pending", receiptId: first.receiptId });
    expect(calls().filter((method) => method === "receipts.pay")).toHaveLength(1);
    shop.pass(3 * MINUTE);
    expect(await shop.payments.charge(order)).toMatchObject({ status: "paid", receiptId: first.receiptId });
    expect(debits()).toBe(1);
  });

  it("on the last read: unknown, and reconcile books it", async () => {
    const { shop, order, debits } = await open();
    shop.mock.faults.add({ method: "receipts.get", kind: "drop_before", times: 1 });
    const outcome = await shop.payments.charge(order);
    expect(outcome).toMatchObject({ status: "unknown", error: { code: "CONNECTION_FAILED" } });
    shop.pass(3 * MINUTE);
    expect(await shop.payments.reconcile()).toMatchObject({ paid: 1 });
    expect(await shop.payments.charge(order)).toMatchObject({ status: "paid", payment: { id: outcome.payment.id } });
    expect(debits()).toBe(1);
  });

  it("and that Payme cannot be asked about is unknown, with the error", async () => {
    const { shop, order } = await open();
    await shop.payments.create(order);
    shop.mock.faults.add({ method: "receipts.check", kind: "http_status", status: 502, times: 1 });
    expect(await shop.payments.charge(order)).toMatchObject({
      status: "unknown",
      error: { code: "CONNECTION_FAILED" },
    });
  });

  it("never pays a second receipt while Payme says of the first that it knows none, or that it is paid", async () => {
    const { shop, order, calls } = await open();
    const { transactionId } = await shop.payments.create(order);
    for (const method of ["receipts.check", "receipts.get", "receipts.cancel"]) {
      shop.mock.faults.add({ method, kind: "rpc_error", code: -31602, message: "not found or paid" });
    }
    for (let day = 0; day < 4; day += 1) {
      expect(await shop.payments.charge(order)).toMatchObject({ status: "unknown", receiptId: transactionId });
      shop.pass(24 * HOUR);
      await shop.payments.reconcile();
    }
    expect(calls()).not.toContain("receipts.pay");
    expect(shop.mock.receipts()).toHaveLength(1);
  });
});

describe("charge and cancel at once", () => {
  it("what is being charged is not cancelled: nothing changes", async () => {
    const { shop, order } = await open();
    const { pay } = shop.client.receipts;
    let cancelling: unknown;
    shop.client.receipts.pay = async (params) => {
      const payment = await shop.payments.findByReference(order.reference);
      cancelling = await shop.payments.cancel(payment?.id ?? "").catch((error: unknown) => error);
      return pay(params);
    };
    expect(await shop.payments.charge(order)).toMatchObject({ status: "paid" });
    expect(cancelling).toMatchObject({ code: "CONFLICT" });
  });

  it("what is being charged is not cancelled at the end of its time", async () => {
    const { shop, order, debits } = await open();
    await shop.payments.create(order);
    shop.pass(24 * HOUR - 1);
    const { pay } = shop.client.receipts;
    shop.client.receipts.pay = async (params) => {
      shop.pass(1);
      await shop.payments.reconcile();
      const payment = await shop.payments.findByReference(order.reference);
      await shop.payments.check(payment?.id ?? "");
      return pay(params);
    };
    expect(await shop.payments.charge(order)).toMatchObject({ status: "paid" });
    expect(debits()).toBe(1);
  });

  it("a wish to cancel that was not answered stops the charge", async () => {
    const { shop, order, calls } = await open();
    const { id } = await shop.payments.create(order);
    shop.mock.faults.add({ method: "receipts.cancel", kind: "drop_before", times: 2 });
    await expect(shop.payments.cancel(id)).rejects.toThrow();
    expect(await shop.payments.charge({ ...order, settleMs: 0 })).toMatchObject({ status: "unknown" });
    expect(calls()).not.toContain("receipts.pay");
  });

  it("nothing is charged while a Merchant transaction of another id holds the payment", async () => {
    const { shop, order, calls } = await open();
    const { id } = await shop.payments.create(order);
    const live = transactionRow({ ...scope, paymeId: "merchant-1", reference: id, time: shop.now() });
    await shop.storage.addTransaction(live);
    expect(await shop.payments.charge({ ...order, settleMs: 0 })).toMatchObject({ status: "pending" });
    expect(calls()).not.toContain("receipts.pay");
    expect(await shop.payments.find(id)).toMatchObject({ chargeUntil: null });
  });

  it.each([
    ["of its own receipt", (receiptId: string) => receiptId, 0],
    ["of another id whose 12 hours are over", () => "merchant-1", 13 * HOUR],
  ])("a Merchant transaction %s does not stop a charge", async (_name, idOf, age) => {
    const { shop, order } = await open();
    const { id, transactionId } = await shop.payments.create(order);
    const row = { ...scope, paymeId: idOf(transactionId ?? ""), reference: id, time: shop.now() - age };
    await shop.storage.addTransaction(transactionRow(row));
    await shop.payments.charge({ ...order, settleMs: 0 });
    expect(shop.mock.receipts()).toMatchObject([{ state: 4 }]);
  });

  it("waits as long as settleMs for another call, and no longer", async () => {
    const { shop, order } = await open();
    const { id } = await shop.payments.create(order);
    await shop.storage.claimCharge(scope, id, { at: shop.now(), until: shop.now() + HOUR });
    const start = shop.now();
    expect(await shop.payments.charge({ ...order, settleMs: 700 })).toMatchObject({ status: "pending" });
    expect(shop.now() - start).toBe(700);
  });

  it("a storage that fails while it claims the receipt is an error, not another call", async () => {
    const { shop, order, calls } = await open();
    await shop.payments.create(order);
    const { using } = shop.storage;
    shop.storage.using = (tx) => ({
      ...using(tx),
      claimCharge: async () => {
        throw new Error("the database is gone");
      },
    });
    await expect(shop.payments.charge(order)).rejects.toThrow("the database is gone");
    expect(calls()).not.toContain("receipts.pay");
  });
});

describe("a charge of a reference whose payment is not open", () => {
  /** A payment of the reference that failed or was closed, as the books have it. */
  const known = async (row: Parameters<typeof paymentRow>[0]) => {
    const world = await open();
    const { shop, order } = world;
    const receipt = await shop.client.receipts.create({ amount, account: { order_id: "payment-1" } });
    const common = { reference: order.reference, amount, createdAt: shop.now(), transactionId: receipt._id };
    await shop.storage.addPayment(paymentRow({ ...common, ...row }));
    return world;
  };

  it("may have another amount where the payment before failed and left no receipt", async () => {
    const { shop, order } = await known({ status: "FAILED", transactionId: null });
    expect(await shop.payments.charge({ ...order, amount: som(60_000) })).toMatchObject({ status: "paid" });
  });

  it("is pending while Payme has only queued the cancel of the receipt", async () => {
    const { shop, order, debits } = await known({ status: "CANCELLED", nextCheckAt: 1 });
    let asked = 0;
    shop.client.receipts.check = async () => {
      asked += 1;
      return { state: 21 };
    };
    expect(await shop.payments.charge(order)).toMatchObject({ status: "pending", payment: { id: "payment-1" } });
    expect([asked, debits()]).toEqual([1, 0]);
  });

  it("is pending where it failed and a Merchant transaction of it is in progress", async () => {
    const { shop, order, debits } = await known({ status: "FAILED", nextCheckAt: 1 });
    const live = transactionRow({ ...scope, paymeId: "m1", reference: "payment-1", time: shop.now() });
    await shop.storage.addTransaction(live);
    expect(await shop.payments.charge(order)).toMatchObject({ status: "pending", payment: { id: "payment-1" } });
    expect(debits()).toBe(0);
  });

  it("also where Payme does not know its receipt: what the Merchant transaction takes is not taken twice", async () => {
    const { shop, order, debits } = await known({ status: "FAILED", nextCheckAt: 1 });
    const live = transactionRow({ ...scope, paymeId: "m1", reference: "payment-1", time: shop.now() });
    await shop.storage.addTransaction(live);
    shop.mock.faults.add({ method: "receipts.check", kind: "rpc_error", code: -31602, message: "not found", times: 2 });
    expect(await shop.payments.charge(order)).toMatchObject({ status: "pending", payment: { id: "payment-1" } });
    expect([debits(), shop.mock.receipts().length]).toEqual([0, 1]);
  });

  it("is cancelled where it failed, and was paid and refunded while Payme was asked", async () => {
    const { shop, order, debits } = await known({ status: "FAILED", nextCheckAt: 1 });
    const { scheduleCheck } = shop.storage;
    shop.storage.scheduleCheck = async (...check) => {
      shop.storage.scheduleCheck = scheduleCheck;
      const scheduled = await scheduleCheck(...check);
      const paymeId = shop.mock.receipts()[0]?._id ?? "";
      await shop.mock.pay(paymeId, { card });
      await shop.payments.recordPaid({ paymeId, amount, paidAt: shop.now(), source: "gateway" });
      await shop.payments.refund("payment-1");
      shop.pass(HOUR);
      return scheduled;
    };
    expect(await shop.payments.charge(order)).toMatchObject({ status: "cancelled", payment: { id: "payment-1" } });
    expect(debits()).toBe(1);
  });

  it("takes the money of a new payment where it was cancelled, and Payme does not know its receipt", async () => {
    const { shop, order } = await known({ status: "CANCELLED" });
    shop.mock.faults.add({ method: "receipts.check", kind: "rpc_error", code: -31602, message: "not found", times: 1 });
    const { status, payment } = await shop.payments.charge(order);
    expect(status).toBe("paid");
    expect(payment.id).not.toBe("payment-1");
  });

  it("is unknown where it was cancelled and Payme cannot be asked how it ended, and takes nothing", async () => {
    const { shop, order, debits } = await known({ status: "CANCELLED" });
    shop.mock.faults.add({ method: "receipts.check", kind: "http_status", status: 502, times: 1 });
    expect(await shop.payments.charge(order)).toMatchObject({
      status: "unknown",
      error: { code: "CONNECTION_FAILED" },
      payment: { id: "payment-1" },
    });
    expect(debits()).toBe(0);
  });

  it("is unknown where it failed and another call charges it just now", async () => {
    const { shop, order, debits } = await known({
      status: "FAILED",
      nextCheckAt: 1,
      chargeUntil: Number.MAX_SAFE_INTEGER,
    });
    const charging = { status: "unknown", error: null, payment: { id: "payment-1", status: "FAILED" } };
    expect(await shop.payments.charge(order)).toMatchObject(charging);
    expect(debits()).toBe(0);
  });

  it("is pending while another call makes its receipt, and asks Payme nothing", async () => {
    const { shop, order, calls } = await open();
    await shop.storage.addPayment(
      paymentRow({ reference: order.reference, amount, createdAt: shop.now(), nextCheckAt: 1 }),
    );
    expect(await shop.payments.charge(order)).toMatchObject({ status: "pending", payment: { id: "payment-1" } });
    expect(calls()).toEqual([]);
  });

  it("is unknown where Payme took another amount: a person is told, and nothing is given", async () => {
    const { shop, order } = await open();
    const { get } = shop.client.receipts;
    shop.client.receipts.get = async (id) => ({ ...(await get(id)), amount: som(1) });
    const outcome = await shop.payments.charge(order);
    expect(outcome).toMatchObject({ status: "unknown", error: null, payment: { status: "PENDING" } });
    expect(shop.incidents).toMatchObject([{ kind: "amount_mismatch", subject: outcome.payment.id }]);
    expect(shop.delivery(outcome.payment.id)).toBeUndefined();
  });

  it.each(["reference", "token"])("needs a text as its %s, whatever a caller without types gives", async (name) => {
    const { shop, order, calls } = await open();
    for (const value of [5, " ", null]) {
      const wrong = JSON.parse(JSON.stringify({ ...order, [name]: value }));
      await expect(shop.payments.charge(wrong)).rejects.toThrow(`${name} must be a text`);
    }
    expect(calls()).toEqual([]);
  });
});

describe("the caller's signal", () => {
  it("aborted before: nothing is made, and its reason is thrown", async () => {
    const { shop, order, calls } = await open();
    const charging = shop.payments.charge({ ...order, signal: AbortSignal.abort(new Error("gone")) });
    await expect(charging).rejects.toThrow("gone");
    expect(calls()).toEqual([]);
  });

  it("aborted before it is paid: the receipt is free for the next charge at once", async () => {
    const { shop, order, debits } = await open();
    const page = new AbortController();
    const { check } = shop.client.receipts;
    shop.client.receipts.check = async (id) => {
      const answer = await check(id);
      page.abort(new Error("gone"));
      return answer;
    };
    await expect(shop.payments.charge({ ...order, signal: page.signal })).rejects.toThrow("gone");
    shop.client.receipts.check = check;
    expect(await shop.payments.charge(order)).toMatchObject({ status: "paid" });
    expect(debits()).toBe(1);
  });
});

describe("on SQLite", () => {
  it("charges, declines, refuses another amount, cancels and refunds as in memory", async () => {
    const { shop, order, emptyCard, debits } = await open();
    const storage = sqliteStorage({ file: ":memory:" });
    onTestFinished(() => storage.close());
    await storage.migrate();
    const payments = createPayments({ storage, client: shop.client, now: shop.now, onPaid: () => true });
    const declined = await payments.charge({ ...order, token: await emptyCard() });
    expect(declined).toMatchObject({ status: "declined", reason: "funds" });
    const both = await Promise.all([payments.charge(order), payments.charge(order)]);
    expect(both).toMatchObject([
      { status: "paid", receiptId: declined.receiptId },
      { status: "paid", receiptId: declined.receiptId },
    ]);
    expect(debits()).toBe(1);
    await expect(payments.charge({ ...order, amount: som(1) })).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(payments.cancel(declined.payment.id)).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await payments.refund(declined.payment.id)).toMatchObject({ refund: "queued" });
    const { id } = await payments.create({ reference: "rent:42:2026-02", amount });
    expect(await payments.cancel(id)).toMatchObject({ outcome: "applied", payment: { status: "CANCELLED" } });
  });
});

describe("ten charges of one reference at once", () => {
  /** How often Payme is told to pay, and what the calls answer; a payment takes a while. */
  async function paidBy(storage: MemoryStorage) {
    const { shop, order, calls, debits } = await open();
    const { pay } = shop.client.receipts;
    shop.client.receipts.pay = async (params) => {
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return pay(params);
    };
    const payments = createPayments({
      storage,
      client: shop.client,
      now: shop.now,
      sleep: () => nextTurn(),
      onPaid: () => true,
    });
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => payments.charge(order)));
    const pays = calls().filter((method) => method === "receipts.pay").length;
    return { statuses: [...new Set(outcomes.map(({ status }) => status))], pays, debits: debits() };
  }
  const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

  it("pay once, and all say paid", async () => {
    expect(await paidBy(memoryStorage())).toEqual({ statuses: ["paid"], pays: 1, debits: 1 });
  });

  it("without the claim try to pay again, and this test sees it", async () => {
    const books = memoryStorage();
    const unguarded: MemoryStorage = {
      ...books,
      using: (tx) => ({
        ...books.using(tx),
        async claimCharge(within, id) {
          const row = await books.using(tx).findPayment(within, { id });
          return row === undefined ? { outcome: "not_found" } : { outcome: "applied", row };
        },
      }),
    };
    expect((await paidBy(unguarded)).pays).toBeGreaterThan(1);
  });
});

describe("a charge that looked before another call had paid its reference", () => {
  /** So many looks outside of a transaction see nothing yet. */
  function lateReader(books: MemoryStorage, looks = 2): MemoryStorage {
    let unseen = looks;
    return {
      ...books,
      findPayment: async (within, by) =>
        "reference" in by && unseen-- > 0 ? undefined : books.findPayment(within, by),
    };
  }

  it("finds it paid where it would make its own payment, and takes nothing", async () => {
    const { shop, order, debits } = await open();
    const first = await shop.payments.charge(order);
    const { client, now } = shop;
    const late = createPayments({ storage: lateReader(shop.storage), client, now, onPaid: () => true });
    expect(await late.charge(order)).toMatchObject({ status: "paid", payment: { id: first.payment.id } });
    expect([debits(), shop.mock.receipts().length]).toEqual([1, 1]);
  });

  it("throws what Payme said of the receipt where even its own payment is not to be seen", async () => {
    const { shop, order } = await open();
    const { client, now } = shop;
    const late = createPayments({ storage: lateReader(shop.storage, 3), client, now, onPaid: () => true });
    shop.mock.faults.add({ method: "receipts.create", kind: "rpc_error", code: -31601, message: "no", times: 1 });
    await expect(late.charge(order)).rejects.toMatchObject({ code: "API_REFUSED", errorCode: "-31601" });
  });
});
