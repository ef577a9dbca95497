import { describe, expect, it } from "vitest";
import { createPayments, type PaymentsOptions } from "../../src/entry";
import { createMerchantApi, type MerchantApiOptions, Refusal } from "../../src/entry/merchant";
import { som, tiyin } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MemoryTx } from "../../src/storage/memory/memory-table";
import { paymentRow, transactionRow } from "../ledger/rows";
import { answerOf } from "../merchant/shop";
import { card, createShop as createPaymentShop, scope } from "./shop";

const KEY = "live-key-of-36-characters-0123456789";
const amount = som(50_000);
const HOUR = 3_600_000;

/** A shop whose payments may be paid by a receipt and through the Merchant API. */
async function createShop(payments: Partial<PaymentsOptions<MemoryTx>> = {}) {
  const shop = createPaymentShop({ payments });
  const merchant = createMerchantApi({
    ...shop.payments.asOrders(),
    key: KEY,
    testKey: `test-${KEY.slice(5)}`,
    now: shop.now,
  });
  const { id, transactionId } = await shop.payments.create({ amount });
  const headers = { authorization: `Basic ${Buffer.from(`Paycom:test-${KEY.slice(5)}`).toString("base64")}` };
  const call = async (method: string, params: object, as = headers) => {
    const { body } = await merchant.handle({
      method: "POST",
      headers: as,
      body: JSON.stringify({ method, params, id: 7 }),
    });
    return answerOf(String(body));
  };
  const create = (transaction: string) => ({ id: transaction, time: shop.now(), amount, account: { order_id: id } });
  return { ...shop, id, transactionId: transactionId ?? "", call, create };
}

describe("payments as orders", () => {
  it("are paid once, with their own hooks, in the same commit", async () => {
    const shop = await createShop();
    expect(await shop.call("CheckPerformTransaction", shop.create("m1"))).toMatchObject({ result: { allow: true } });
    await shop.call("CreateTransaction", shop.create("m1"));
    await Promise.all(Array.from({ length: 16 }, () => shop.call("PerformTransaction", { id: "m1" })));
    expect(await shop.payments.find("m1")).toMatchObject({
      id: shop.id,
      status: "PAID",
      paidBy: "m1",
      paidSource: "merchant",
    });
    expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1 });
  });

  it("are not there for a key of the other mode, for another amount, or under another id", async () => {
    const shop = await createShop();
    const live = { authorization: `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}` };
    expect(await shop.call("CreateTransaction", shop.create("m1"), live)).toMatchObject({
      error: { code: -31050, data: "order_id" },
    });
    expect(await shop.call("CreateTransaction", { ...shop.create("m1"), amount: 1 })).toMatchObject({
      error: { code: -31001 },
    });
    expect(await shop.call("CreateTransaction", { ...shop.create("m1"), account: { order_id: "x" } })).toMatchObject({
      error: { code: -31050 },
    });
  });

  it("are not reserved while a cancel of them is wished", async () => {
    const shop = await createShop();
    await shop.storage.requestCancel(scope, shop.id, { from: ["PENDING"], at: shop.now(), nextCheckAt: shop.now() });
    const refused = await shop.call("CreateTransaction", shop.create("m1"));
    expect(refused).toMatchObject({ error: { code: expect.any(Number), data: "order_id" } });
  });

  it("note in their story that they were paid and refunded, each once, and by which transaction", async () => {
    const shop = await createShop();
    await shop.call("CreateTransaction", shop.create("m1"));
    await shop.call("PerformTransaction", { id: "m1" });
    await shop.call("CancelTransaction", { id: "m1", reason: 5 });
    const events = await shop.storage.listEvents(scope, { subject: shop.id, limit: 100 });
    const ours = events.filter(({ kind }) => kind.startsWith("payment."));
    expect(ours.map(({ kind, paymeId, data }) => [kind, paymeId, data])).toEqual([
      ["payment.created", null, { amount }],
      ["payment.paid", "m1", { amount, source: "merchant" }],
      ["payment.refunded", "m1", { amount, source: "merchant" }],
      ["payment.refund_done", "m1", { amount, source: "merchant" }],
    ]);
  });

  it("that were refunded another way are left alone by the refund of their transaction", async () => {
    const shop = await createShop();
    await shop.call("CreateTransaction", shop.create("m1"));
    await shop.call("PerformTransaction", { id: "m1" });
    const refunded = { from: ["PAID"], to: "CANCELLED", at: shop.now(), refund: "done" } as const;
    await shop.storage.changePayment(scope, shop.id, refunded);
    const answer = await shop.call("CancelTransaction", { id: "m1", reason: 5 });
    expect(answer).toMatchObject({ result: { state: -2 } });
    expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1, takenBack: 0 });
    expect(await shop.payments.incidents.list()).toEqual([]);
  });

  it.each([
    ["are asked about where a receipt of theirs may be at Payme", { errorCode: "outcome_unknown" }, true],
    ["are not asked about where they never had a receipt", {}, false],
  ] as const)("that are paid %s", async (_name, failure, isDue) => {
    const shop = await createShop();
    await shop.storage.addPayment(paymentRow({ createdAt: shop.now(), nextCheckAt: shop.now() + HOUR }));
    await shop.call("CreateTransaction", { ...shop.create("m1"), account: { order_id: "payment-1" } });
    const failed = { from: ["PENDING"], to: "FAILED", at: shop.now(), ...failure } as const;
    await shop.storage.changePayment(scope, "payment-1", failed);
    expect(await shop.call("PerformTransaction", { id: "m1" })).toMatchObject({ result: { state: 2 } });
    const nextCheckAt = isDue ? shop.now() : null;
    expect(await shop.payments.find("payment-1")).toMatchObject({ status: "PAID", paidBy: "m1", nextCheckAt });
  });

  it("are due for a process with a client where one without it heard of the payment, and may have a receipt", async () => {
    const shop = await createShop({ mode: "test", client: undefined, payUrl: () => "https://pay.example" });
    await shop.storage.addPayment(paymentRow({ createdAt: shop.now(), transactionId: "r1", nextCheckAt: shop.now() }));
    await shop.call("CreateTransaction", { ...shop.create("m1"), account: { order_id: "payment-1" } });
    await shop.call("PerformTransaction", { id: "m1" });
    expect(await shop.payments.find("payment-1")).toMatchObject({ status: "PAID", nextCheckAt: shop.now() });
  });

  it("stay open when a transaction is cancelled, ten times, and are then paid once", async () => {
    const shop = await createShop();
    for (let n = 0; n < 10; n += 1) {
      await shop.call("CreateTransaction", shop.create(`m${n}`));
      await shop.call("CancelTransaction", { id: `m${n}`, reason: 2 });
      expect(await shop.payments.find(shop.id)).toMatchObject({ status: "PENDING" });
    }
    await shop.call("CreateTransaction", shop.create("last"));
    expect(await shop.call("PerformTransaction", { id: "last" })).toMatchObject({ result: { state: 2 } });
    expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1 });
  });

  it("are refused to Perform when their receipt was paid meanwhile: one money is booked, the other is not taken", async () => {
    const shop = await createShop();
    await shop.call("CreateTransaction", shop.create("m1"));
    await shop.mock.pay(shop.transactionId, { card });
    await shop.payments.check(shop.id);
    expect(await shop.call("PerformTransaction", { id: "m1" })).toMatchObject({ error: { code: -31008 } });
    expect(await shop.call("CheckTransaction", { id: "m1" })).toMatchObject({ result: { state: 1, perform_time: 0 } });
    expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1 });
    expect(await shop.call("CreateTransaction", shop.create("m2"))).toMatchObject({ error: { code: -31051 } });
    await shop.call("PerformTransaction", { id: "m1" });
    expect(await shop.payments.incidents.list()).toMatchObject([
      {
        kind: "paid_elsewhere",
        subject: shop.id,
        paymeId: "m1",
        data: { amount, source: "merchant", money: "refused" },
      },
    ]);
    expect(shop.incidents).toMatchObject([{ kind: "paid_elsewhere", paymeId: "m1" }]);
    expect(await shop.payments.find(shop.id)).toMatchObject({ status: "PAID", paidBy: shop.transactionId });
  });

  it("have the same incident when the receipt and the Perform come at once: one is booked, the other told of", async () => {
    for (let round = 0; round < 10; round += 1) {
      const shop = await createShop();
      await shop.call("CreateTransaction", shop.create("m1"));
      await shop.mock.pay(shop.transactionId, { card });
      const both = [() => shop.payments.check(shop.id), () => shop.call("PerformTransaction", { id: "m1" })];
      await Promise.all((round % 2 ? both : both.reverse()).map((each) => each()));
      const payment = await shop.payments.find(shop.id);
      const loser = payment?.paidBy === "m1" ? shop.transactionId : "m1";
      // A payment that is paid is not asked about by itself: reconcile looks after its receipt.
      await shop.payments.reconcile();
      // A refused Perform takes no money: nothing was paid twice.
      const kind = loser === "m1" ? "paid_elsewhere" : "double_payment";
      expect(await shop.payments.incidents.list()).toMatchObject([{ kind, paymeId: loser }]);
      expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1 });
    }
  });

  it("that were closed while a transaction was open tell a person of a Perform that comes all the same", async () => {
    const shop = await createShop();
    await shop.call("CreateTransaction", shop.create("m1"));
    const scope = { cashbox: "default", mode: "test" } as const;
    const cancelled = { from: ["PENDING"], to: "CANCELLED", at: shop.now() } as const;
    await shop.storage.changePayment(scope, shop.id, cancelled);
    expect(await shop.call("PerformTransaction", { id: "m1" })).toMatchObject({ error: { code: -31008 } });
    expect(await shop.payments.incidents.list()).toMatchObject([{ kind: "paid_after_cancel", paymeId: "m1" }]);
    expect(shop.delivery(shop.id)).toBeUndefined();
  });

  it("find a payment free for a new id after 13 hours without any sweep, ten times in a row, and are paid once", async () => {
    const shop = await createShop();
    for (let n = 0; n < 10; n += 1) {
      expect(await shop.call("CreateTransaction", shop.create(`m${n}`))).toMatchObject({ result: { state: 1 } });
      shop.pass(13 * 3_600_000);
    }
    await shop.call("CreateTransaction", shop.create("last"));
    expect(await shop.call("PerformTransaction", { id: "last" })).toMatchObject({ result: { state: 2 } });
    expect(await shop.payments.find(shop.id)).toMatchObject({ status: "PAID", paidBy: "last" });
    expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1 });
  });

  it("have their open receipt cancelled by reconcile once a Perform has paid them", async () => {
    const shop = await createShop();
    await shop.call("CreateTransaction", shop.create("m1"));
    await shop.call("PerformTransaction", { id: "m1" });
    await shop.payments.reconcile();
    expect((await shop.client.receipts.check(shop.transactionId)).state).toBe(50);
    expect(await shop.payments.find(shop.id)).toMatchObject({ status: "PAID", paidBy: "m1", nextCheckAt: null });
    expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1, takenBack: 0 });
  });

  it("have it cancelled, too, where the refund comes before reconcile has looked", async () => {
    const shop = await createShop();
    await shop.call("CreateTransaction", shop.create("m1"));
    await shop.call("PerformTransaction", { id: "m1" });
    await shop.call("CancelTransaction", { id: "m1", reason: 5 });
    await shop.payments.reconcile();
    expect((await shop.client.receipts.check(shop.transactionId)).state).toBe(50);
    expect(await shop.payments.find(shop.id)).toMatchObject({ status: "CANCELLED", refund: "done", nextCheckAt: null });
    expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1, takenBack: 1 });
  });

  it("have a receipt that was paid as well recorded as an incident, and nothing dropped", async () => {
    const shop = await createShop();
    await shop.call("CreateTransaction", shop.create("m1"));
    await shop.call("PerformTransaction", { id: "m1" });
    await shop.mock.pay(shop.transactionId, { card });
    await shop.payments.reconcile();
    expect(await shop.payments.incidents.list()).toMatchObject([
      { kind: "double_payment", paymeId: shop.transactionId },
    ]);
    expect(await shop.payments.find(shop.id)).toMatchObject({ status: "PAID", nextCheckAt: null });
    expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1 });
  });

  it("are taken back by a refund in the cabinet, once", async () => {
    const shop = await createShop();
    await shop.call("CreateTransaction", shop.create("m1"));
    await shop.call("PerformTransaction", { id: "m1" });
    for (let n = 0; n < 2; n += 1) {
      expect(await shop.call("CancelTransaction", { id: "m1", reason: 5 })).toMatchObject({ result: { state: -2 } });
    }
    expect(await shop.payments.find(shop.id)).toMatchObject({ status: "CANCELLED" });
    expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1, takenBack: 1 });
  });

  it("are not looked at again by a refund after reconcile has cancelled their receipt", async () => {
    const shop = await createShop();
    await shop.call("CreateTransaction", shop.create("m1"));
    await shop.call("PerformTransaction", { id: "m1" });
    await shop.payments.reconcile();
    expect(await shop.payments.find(shop.id)).toMatchObject({ status: "PAID", nextCheckAt: null });
    await shop.call("CancelTransaction", { id: "m1", reason: 5 });
    expect(await shop.payments.find(shop.id)).toMatchObject({
      refund: "done",
      refundedAt: shop.now(),
      nextCheckAt: null,
    });
  });

  it("are written once where another call refunds them while the shop says that it cannot take them back", async () => {
    let isRefused = false;
    const onRefunded = () => {
      isRefused = true;
      return false;
    };
    const shop = await createShop({ onRefunded });
    const { transaction } = shop.storage;
    shop.storage.transaction = async (work, options) => {
      const refunded = { from: ["PAID"], to: "CANCELLED", at: shop.now(), refund: "done" } as const;
      if (isRefused) await shop.storage.changePayment(scope, shop.id, refunded);
      return transaction(work, options);
    };
    await shop.call("CreateTransaction", shop.create("m1"));
    await shop.call("PerformTransaction", { id: "m1" });
    expect(await shop.call("CancelTransaction", { id: "m1", reason: 5 })).toMatchObject({ result: { state: -2 } });
    expect(await shop.payments.find(shop.id)).toMatchObject({ status: "CANCELLED", refund: "done" });
    expect(await shop.story(shop.id)).not.toContain("payment.refunded");
    expect(await shop.payments.incidents.list()).toMatchObject([{ kind: "not_taken_back", paymeId: "m1" }]);
  });

  it("that our books do not know are refused to Perform, and a person is told; their refund is Payme's", async () => {
    const shop = await createShop();
    const gone = { reference: "gone", account: { order_id: "gone" }, time: shop.now(), amount } as const;
    await shop.storage.addTransaction(transactionRow({ ...gone, paymeId: "m1" }));
    expect(await shop.call("PerformTransaction", { id: "m1" })).toMatchObject({ error: { code: -31008 } });
    expect(await shop.payments.incidents.list()).toMatchObject([
      { kind: "unknown_transaction", subject: "gone", paymeId: "m1", data: { amount, money: "refused" } },
    ]);
    const performed = { ...gone, reference: "gone too", paymeId: "m2", transaction: "2", state: 2 } as const;
    await shop.storage.addTransaction(transactionRow({ ...performed, performTime: shop.now() }));
    expect(await shop.call("CancelTransaction", { id: "m2", reason: 5 })).toMatchObject({ result: { state: -2 } });
  });

  it("are not taken back by the refund of a transaction that did not pay them", async () => {
    const shop = await createShop();
    await shop.mock.pay(shop.transactionId, { card });
    await shop.payments.check(shop.id);
    const scope = { cashbox: "default", mode: "test" } as const;
    const other = {
      paymeId: "m2",
      reference: shop.id,
      account: { order_id: shop.id },
      state: 2,
      time: shop.now(),
    } as const;
    await shop.storage.addTransaction(transactionRow({ ...scope, ...other, performTime: shop.now() }));
    expect(await shop.call("CancelTransaction", { id: "m2", reason: 5 })).toMatchObject({ result: { state: -2 } });
    expect(await shop.payments.find(shop.id)).toMatchObject({ status: "PAID", paidBy: shop.transactionId });
    expect(shop.delivery(shop.id)).toMatchObject({ delivered: 1, takenBack: 0 });
    expect(await shop.story(shop.id)).not.toContain("payment.refunded");
  });

  it("are not cancelled while a transaction is live, and not reserved while they are being cancelled", async () => {
    const shop = await createShop();
    await shop.call("CreateTransaction", shop.create("m1"));
    expect(await shop.payments.cancel(shop.id)).toMatchObject({ outcome: "conflict", transaction: { paymeId: "m1" } });
    await shop.call("CancelTransaction", { id: "m1", reason: 3 });
    await shop.payments.cancel(shop.id);
    expect(await shop.call("CreateTransaction", shop.create("m2"))).toMatchObject({ error: { code: -31051 } });
  });
});

/** Payments without a client: a checkout link is the only way to pay them, with live money, in a cashbox of their own. */
function linkedShop(
  options: Partial<PaymentsOptions<MemoryTx>> = {},
  endpoint: Partial<MerchantApiOptions<MemoryTx, { order_id: "string" }>> = {},
) {
  let now = Date.UTC(2026, 0, 15, 10, 30);
  const storage = options.storage ?? memoryStorage();
  const lines: string[] = [];
  const log = (message: string) => lines.push(message);
  const logger = { info: log, warn: log, error: log };
  const payUrl = ({ id }: { id: string }) => `https://checkout.paycom.uz/${id}`;
  const payments = createPayments({
    storage,
    payUrl,
    now: () => now,
    logger,
    cashbox: "tashkent",
    onPaid: () => true,
    ...options,
  });
  const orders = payments.asOrders();
  const merchant = createMerchantApi({ ...orders, key: KEY, now: () => now, logger, ...endpoint });
  const headers = { authorization: `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}` };
  return {
    payments,
    orders,
    merchant,
    storage,
    pass: (ms: number) => {
      now += ms;
    },
    async call(method: string, params: object) {
      const body = JSON.stringify({ method, params, id: 7 });
      return answerOf(String((await merchant.handle({ method: "POST", headers, body })).body));
    },
    create: (id: string, order_id: string) => ({ id, time: now, amount, account: { order_id } }),
  };
}

describe("payments as orders, paid by a link only", () => {
  it("belong to their cashbox: another endpoint on the same storage knows neither them nor their transactions", async () => {
    const shop = linkedShop();
    const other = linkedShop({ storage: shop.storage, cashbox: "samarkand" });
    const { id } = await shop.payments.create({ amount });
    expect(await other.call("CreateTransaction", other.create("m1", id))).toMatchObject({ error: { code: -31050 } });
    expect(await shop.call("CreateTransaction", shop.create("m1", id))).toMatchObject({ result: { state: 1 } });
    expect(await other.call("PerformTransaction", { id: "m1" })).toMatchObject({ error: { code: -31003 } });
    expect(await shop.call("PerformTransaction", { id: "m1" })).toMatchObject({ result: { state: 2 } });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", paidBy: "m1", cashbox: "tashkent" });
    expect(await other.payments.find(id)).toBeUndefined();
  });

  it("are being paid while a transaction holds them: asked by their id, the reference", async () => {
    const shop = linkedShop();
    const { id } = await shop.payments.create({ amount });
    expect(await shop.merchant.isBeingPaid(id)).toBe(false);
    await shop.call("CreateTransaction", shop.create("m1", id));
    expect(await shop.merchant.isBeingPaid(id)).toBe(true);
    await shop.call("PerformTransaction", { id: "m1" });
    expect(await shop.merchant.isBeingPaid(id)).toBe(false);
  });

  it("take hooks beside their own: what is delivered is not refunded, and stays paid", async () => {
    const told: string[] = [];
    const note = (what: string) => (transaction: { id: string }) => told.push(`${what} ${transaction.id}`) > 0;
    const hooks = {
      onReserved: note("reserved"),
      onReleased: note("released"),
      onFiscalData: () => note("fiscal")({ id: "m2" }),
    };
    const shop = linkedShop(
      { onPaid: note("paid"), onRefunded: note("refunded") },
      { ...hooks, canRefund: () => false },
    );
    const { id } = await shop.payments.create({ amount });
    await shop.call("CreateTransaction", shop.create("m1", id));
    await shop.call("CancelTransaction", { id: "m1", reason: 2 });
    await shop.call("CreateTransaction", shop.create("m2", id));
    await shop.call("PerformTransaction", { id: "m2" });
    await shop.call("SetFiscalData", { id: "m2", type: "PERFORM", fiscal_data: { status_code: 0 } });
    expect(await shop.call("CancelTransaction", { id: "m2", reason: 5 })).toMatchObject({ error: { code: -31007 } });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID" });
    expect(told).toEqual(["reserved m1", "released m1", "reserved m2", `paid ${id}`, "fiscal m2"]);
  });

  it("say what was sold and who gets which part, where the shop adds it to what is found", async () => {
    const detail = { receipt_type: 0 as const, items: [] };
    const receivers = [{ id: "shop", amount: tiyin(amount) }];
    const { orders } = linkedShop();
    const storage = orders.storage;
    const shop = linkedShop(
      { storage },
      {
        async find(account, tx, call) {
          const found = await orders.find(account, tx, call);
          return found instanceof Refusal ? found : { ...found, detail, receivers };
        },
      },
    );
    const { id } = await shop.payments.create({ amount });
    const check = await shop.call("CheckPerformTransaction", shop.create("m1", id));
    expect(check.result).toEqual({ allow: true, detail });
    expect(await shop.call("CreateTransaction", shop.create("m1", id))).toMatchObject({ result: { receivers } });
    expect(await shop.call("CreateTransaction", shop.create("m2", "x"))).toMatchObject({ error: { code: -31050 } });
  });

  it("stay unpaid where the owner's hook fails, and are paid by the repeat", async () => {
    let isBroken = true;
    const shop = linkedShop({
      onPaid() {
        if (isBroken) throw new Error("the column is missing");
        return true;
      },
    });
    const { id } = await shop.payments.create({ amount });
    await shop.call("CreateTransaction", shop.create("m1", id));
    expect(await shop.call("PerformTransaction", { id: "m1" })).toMatchObject({ error: { code: -32400 } });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING", paidBy: null });
    expect(await shop.payments.incidents.list()).toMatchObject([{ kind: "effect_failed", subject: id, paymeId: "m1" }]);
    isBroken = false;
    expect(await shop.call("PerformTransaction", { id: "m1" })).toMatchObject({ result: { state: 2 } });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID", paidBy: "m1" });
  });

  it("are closed at their end, but not under a transaction that has time left", async () => {
    const shop = linkedShop();
    const { id } = await shop.payments.create({ amount });
    shop.pass(23 * HOUR);
    await shop.call("CreateTransaction", shop.create("m1", id));
    shop.pass(2 * HOUR);
    await shop.payments.reconcile();
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING" });
    expect(await shop.call("PerformTransaction", { id: "m1" })).toMatchObject({ result: { state: 2 } });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PAID" });
  });

  it("are closed by a transaction that has had its 12 hours, also where nobody sweeps", async () => {
    const shop = linkedShop();
    const [first, second] = [await shop.payments.create({ amount }), await shop.payments.create({ amount })];
    await shop.call("CreateTransaction", shop.create("m1", first.id));
    await shop.call("CreateTransaction", shop.create("m2", second.id));
    shop.pass(12 * HOUR);
    expect(await shop.payments.cancel(second.id)).toMatchObject({ outcome: "conflict" });
    shop.pass(1);
    expect(await shop.payments.cancel(second.id)).toMatchObject({ outcome: "applied" });
    shop.pass(12 * HOUR);
    await shop.payments.reconcile();
    expect(await shop.payments.find(first.id)).toMatchObject({ status: "CANCELLED" });
    expect(await shop.call("PerformTransaction", { id: "m1" })).toMatchObject({ error: { code: -31008 } });
    expect(await shop.call("CheckTransaction", { id: "m1" })).toMatchObject({ result: { state: -1, reason: 4 } });
    for (const method of ["CheckPerformTransaction", "CreateTransaction"]) {
      expect(await shop.call(method, shop.create("m3", first.id))).toMatchObject({ error: { code: -31051 } });
    }
    expect(await shop.payments.incidents.list()).toEqual([]);
  });
});
