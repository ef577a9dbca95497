import { describe, expect, it } from "vitest";
import { createPayments, type Payments, type PaymentsOptions } from "../../src/entry";
import { createMerchantApi } from "../../src/entry/merchant";
import { createTariffs } from "../../src/entry/tariffs";
import { som } from "../../src/kit/money";
import type { MemoryTx } from "../../src/storage/memory/memory-table";
import { answerOf } from "../merchant/shop";
import { verifiedToken } from "../mock/kit";
import { card, createShop } from "./shop";

const amount = som(50_000);
const MINUTE = 60_000;
const KEY = "live-key-of-36-characters-0123456789";
const TEST_KEY = "test-key-of-36-characters-0123456789";

type Shop = ReturnType<typeof createShop>;

/** Another process on the same books: payments with hooks of its own, or none. */
function beside(shop: Shop, options: Partial<PaymentsOptions<MemoryTx>> = {}): Payments<MemoryTx> {
  const { storage, client, now } = shop;
  const logger = { info() {}, warn() {}, error() {} };
  return createPayments({ storage, client, now, logger, ...options });
}

/** Payme's calls on payments, with the test key. */
function endpointOf(payments: Payments<MemoryTx>, now: () => number) {
  const logger = { info() {}, warn() {}, error() {} };
  const merchant = createMerchantApi({ ...payments.asOrders(), key: KEY, testKey: TEST_KEY, now, logger });
  const headers = { authorization: `Basic ${Buffer.from(`Paycom:${TEST_KEY}`).toString("base64")}` };
  return async (method: string, params: object) => {
    const { body } = await merchant.handle({ method: "POST", headers, body: { method, params, id: 7 } });
    return answerOf(String(body));
  };
}

const creating = (shop: Shop, id: string, orderId: string) => ({
  id,
  time: shop.now(),
  amount,
  account: { order_id: orderId },
});

/** A payment that a payer has paid at Payme, of which our books do not know yet. */
async function paidAtPayme(shop: Shop, payments: Payments<MemoryTx> = shop.payments) {
  const { id, transactionId } = await payments.create({ reference: "order:1", amount });
  const paymeId = transactionId ?? "";
  await shop.mock.pay(paymeId, { card });
  const report = { paymeId, amount, paidAt: shop.now(), source: "gateway" } as const;
  return { id, paymeId, report };
}

/** The ways in which the money of a payment becomes known. */
const ways = [
  ["check", (payments: Payments<MemoryTx>, { id }: Paid) => payments.check(id)],
  ["reconcile", (payments: Payments<MemoryTx>) => payments.reconcile()],
  ["recordPaid", (payments: Payments<MemoryTx>, { report }: Paid) => payments.recordPaid(report)],
] as const;
type Paid = Awaited<ReturnType<typeof paidAtPayme>>;

describe("onPaid that answers false, because the order was sold another way", () => {
  const sold = (): Shop => {
    const shop = createShop({
      payments: {
        async onPaid(payment, tx) {
          tx.table("half").set(payment.id, {});
          return false;
        },
      },
    });
    return shop;
  };

  it.each(ways)(
    "%s: the payment is PAID and unfulfilled, one incident, nothing that the hook wrote",
    async (_, learn) => {
      const shop = sold();
      const paid = await paidAtPayme(shop);
      shop.pass(2 * MINUTE);
      await learn(shop.payments, paid);
      for (const [, again] of ways) await again(shop.payments, paid);
      expect(await shop.payments.find(paid.id)).toMatchObject({
        status: "PAID",
        paidBy: paid.paymeId,
        unfulfilled: true,
        nextCheckAt: null,
      });
      expect(shop.storage.published().table("half").get(paid.id)).toBeUndefined();
      expect(await shop.payments.incidents.list()).toMatchObject([
        { kind: "paid_elsewhere", subject: paid.id, paymeId: paid.paymeId, data: { money: "taken", amount } },
      ]);
      expect(shop.incidents).toHaveLength(1);
      expect(await shop.story(paid.id)).toEqual(["payment.created", "payment.paid", "paid_elsewhere"]);
    },
  );

  it("tells so in the outcome of the notification", async () => {
    const shop = sold();
    const { report } = await paidAtPayme(shop);
    const recorded = await shop.payments.recordPaid(report);
    expect(recorded).toMatchObject({ outcome: "applied", incident: "paid_elsewhere", row: { unfulfilled: true } });
    expect(await shop.payments.recordPaid(report)).toMatchObject({ outcome: "already_applied" });
  });

  it("reported 100 times at once is one payment and one incident", async () => {
    const shop = sold();
    const { report } = await paidAtPayme(shop);
    const reports = await Promise.all(Array.from({ length: 100 }, () => shop.payments.recordPaid(report)));
    expect(reports.filter(({ outcome }) => outcome === "applied")).toHaveLength(1);
    expect(await shop.payments.incidents.list()).toHaveLength(1);
  });

  it("is refunded without onRefunded: what was never given is not taken back", async () => {
    const taken: string[] = [];
    const shop = createShop({ payments: { onPaid: () => false, onRefunded: ({ id }) => taken.push(id) > 0 } });
    const { id, report } = await paidAtPayme(shop);
    await shop.payments.recordPaid(report);
    expect(await shop.payments.refund(id)).toMatchObject({ payment: { status: "CANCELLED", unfulfilled: true } });
    expect(taken).toEqual([]);
    expect(await shop.payments.incidents.list()).toHaveLength(1);
  });

  it("charged to a card is `unfulfilled`, now and when it is charged again", async () => {
    const shop = sold();
    const charge = { reference: "rent:1", amount, token: await verifiedToken(shop.mock) };
    for (let count = 0; count < 2; count += 1) {
      expect(await shop.payments.charge(charge)).toMatchObject({ status: "unfulfilled", payment: { status: "PAID" } });
    }
    expect(shop.mock.receipts().filter(({ state }) => state === 4)).toHaveLength(1);
  });

  it("through the Merchant API is -31008, and the payment is as it was", async () => {
    const shop = sold();
    const { id } = await shop.payments.create({ amount });
    const call = endpointOf(shop.payments, shop.now);
    await call("CreateTransaction", creating(shop, "m1", id));
    expect(await call("PerformTransaction", { id: "m1" })).toMatchObject({ error: { code: -31008 } });
    expect(await shop.payments.find(id)).toMatchObject({ status: "PENDING", paidBy: null, unfulfilled: false });
    expect(shop.storage.published().table("half").get(id)).toBeUndefined();
    expect(await shop.payments.incidents.list()).toMatchObject([
      { kind: "paid_elsewhere", subject: id, paymeId: "m1", data: { money: "refused", amount } },
    ]);
  });

  it.each([undefined, 1, null])("and %o is no answer: nothing is booked, and a person is told", async (answer) => {
    const shop = createShop({ payments: JSON.parse("{}", () => ({ onPaid: async () => answer })) });
    const { id, report } = await paidAtPayme(shop);
    await expect(shop.payments.recordPaid(report)).rejects.toMatchObject({ code: "EFFECT_FAILED" });
    expect(shop.lines.join()).toContain("onPaid answered");
    const call = endpointOf(shop.payments, shop.now);
    const other = await shop.payments.create({ amount });
    await call("CreateTransaction", creating(shop, "m1", other.id));
    expect(await call("PerformTransaction", { id: "m1" })).toMatchObject({ error: { code: -32400 } });
    for (const payment of [id, other.id]) {
      expect(await shop.payments.find(payment)).toMatchObject({ status: "PENDING", unfulfilled: false });
    }
    expect((await shop.payments.incidents.list()).map(({ kind }) => kind)).toEqual(["effect_failed", "effect_failed"]);
  });
});

describe("onRefunded that answers false", () => {
  it("is a refund all the same, with one incident, and nothing that the hook wrote", async () => {
    const shop = createShop({
      payments: {
        onRefunded(payment, tx) {
          tx.table("half").set(payment.id, {});
          return false;
        },
      },
    });
    const { id, paymeId, report } = await paidAtPayme(shop);
    await shop.payments.recordPaid(report);
    expect(await shop.payments.refund(id)).toMatchObject({ payment: { status: "CANCELLED" } });
    await shop.payments.recordCancelled({ paymeId, cancelledAt: shop.now(), source: "gateway" });
    expect(shop.storage.published().table("half").get(id)).toBeUndefined();
    const data = { amount, source: "gateway" };
    expect(await shop.payments.incidents.list()).toMatchObject([
      { kind: "not_taken_back", subject: id, paymeId, data },
    ]);
    expect((await shop.story(id)).slice(-2)).toEqual(["payment.refunded", "not_taken_back"]);
  });

  it("and no answer at all is told by its name: the refund comes again", async () => {
    const shop = createShop({ payments: JSON.parse("{}", () => ({ onRefunded: async () => 1 })) });
    const { report } = await paidAtPayme(shop);
    await shop.payments.recordPaid(report);
    const cancelled = { paymeId: report.paymeId, cancelledAt: shop.now(), source: "gateway" } as const;
    await expect(shop.payments.recordCancelled(cancelled)).rejects.toMatchObject({ code: "EFFECT_FAILED" });
    expect(shop.lines.join()).toContain("onRefunded answered number");
  });

  it("through the Merchant API is a refund all the same, of the transaction and of the payment", async () => {
    const shop = createShop({ payments: { onRefunded: () => false } });
    const { id } = await shop.payments.create({ amount });
    const call = endpointOf(shop.payments, shop.now);
    await call("CreateTransaction", creating(shop, "m1", id));
    await call("PerformTransaction", { id: "m1" });
    expect(await call("CancelTransaction", { id: "m1", reason: 5 })).toMatchObject({ result: { state: -2 } });
    expect(await shop.payments.find(id)).toMatchObject({ status: "CANCELLED", paidBy: "m1" });
    expect(await shop.payments.incidents.list()).toMatchObject([{ kind: "not_taken_back", paymeId: "m1" }]);
    expect((await shop.story(id)).filter((kind) => kind === "payment.refunded")).toHaveLength(1);
  });
});

describe("two books on one storage", () => {
  /** A shop with orders, a process that sells tariffs, and a maintenance script without hooks. */
  async function threeProcesses() {
    const shop = createShop();
    const payments = beside(shop);
    const tariffs = createTariffs({ payments });
    const script = beside(shop);
    const premium = await tariffs.create({ name: "Premium", price: amount, durationDays: 30 });
    return { shop, orders: shop.payments, tariffs, tariffPayments: payments, script, premium };
  }

  async function boughtTariff({ shop, tariffs, premium }: Awaited<ReturnType<typeof threeProcesses>>) {
    const { id, transactionId } = await tariffs.purchase({ userId: "u1", tariffId: premium.id });
    const paymeId = transactionId ?? "";
    await shop.mock.pay(paymeId, { card });
    return { id, paymeId, report: { paymeId, amount, paidAt: shop.now(), source: "gateway" } as const };
  }

  const orders = ways.flatMap(([first, learn]) =>
    ways.flatMap(([second, learnAgain]) =>
      (["orders", "script"] as const).map((who) => [who, first, second, learn, learnAgain] as const),
    ),
  );

  it.each(orders)("a paid tariff: %s ask first by %s, the seller by %s: the tariff is given, once", async (...row) => {
    const [who, , , learn, learnAgain] = row;
    const world = await threeProcesses();
    const paid = await boughtTariff(world);
    world.shop.pass(2 * MINUTE);
    await Promise.resolve(learn(world[who], paid)).catch((error) =>
      expect(error).toMatchObject({ code: "NO_FULFILLER" }),
    );
    expect(await world.orders.find(paid.id)).toMatchObject({ status: "PENDING", paidBy: null });
    await learnAgain(world.tariffPayments, paid);
    await world.tariffPayments.reconcile();
    expect(await world.orders.find(paid.id)).toMatchObject({ status: "PAID", kind: "tariff" });
    expect(await world.tariffs.current("u1")).toMatchObject({ tariffId: world.premium.id });
    expect(world.shop.delivery(paid.id)).toBeUndefined();
    expect(await world.orders.incidents.list()).toEqual([]);
  });

  it.each(ways)(
    "a paid order: the tariffs' process and the script ask first by %s; the shop gives it, once",
    async (_, learn) => {
      const world = await threeProcesses();
      const paid = await paidAtPayme(world.shop, world.script);
      world.shop.pass(2 * MINUTE);
      for (const process of [world.tariffPayments, world.script])
        await Promise.resolve(learn(process, paid)).catch(() => {});
      expect(world.shop.delivery(paid.id)).toBeUndefined();
      await world.orders.reconcile();
      expect(world.shop.delivery(paid.id)).toMatchObject({ delivered: 1 });
      expect(await world.tariffs.current("u1")).toMatchObject({ tariffId: null });
    },
  );

  it("Perform of a tariff in the wrong process is -32400 without an incident, and in the right one gives it", async () => {
    const { shop, orders, tariffs, tariffPayments, premium } = await threeProcesses();
    const { id } = await tariffs.purchase({ userId: "u1", tariffId: premium.id });
    const [wrong, right] = [endpointOf(orders, shop.now), endpointOf(tariffPayments, shop.now)];
    expect(await wrong("CreateTransaction", creating(shop, "m1", id))).toMatchObject({ result: { state: 1 } });
    expect(await wrong("PerformTransaction", { id: "m1" })).toMatchObject({ error: { code: -32400 } });
    expect(await orders.incidents.list()).toEqual([]);
    expect(await right("PerformTransaction", { id: "m1" })).toMatchObject({ result: { state: 2 } });
    expect(await tariffs.current("u1")).toMatchObject({ tariffId: premium.id });
    expect(await wrong("CancelTransaction", { id: "m1", reason: 5 })).toMatchObject({ error: { code: -32400 } });
    expect(await right("CancelTransaction", { id: "m1", reason: 5 })).toMatchObject({ result: { state: -2 } });
    expect(await tariffs.current("u1")).toMatchObject({ tariffId: null });
    const waited = (await shop.story(id)).filter((kind) => kind.endsWith("_waiting"));
    expect(waited).toEqual(["payment.paid_waiting", "payment.refunded_waiting"]);
  });

  it.each(ways)("money that nobody fulfils is an incident after ten minutes, once (%s)", async (_, learn) => {
    const shop = createShop();
    const script = beside(shop);
    const paid = await paidAtPayme(shop, script);
    shop.pass(11 * MINUTE);
    for (const [minutes, expected] of [
      [0, []],
      [9, []],
      [1, ["no_fulfiller"]],
      [11, ["no_fulfiller"]],
    ] as const) {
      shop.pass(minutes * MINUTE);
      await Promise.resolve(learn(script, paid)).catch(() => {});
      expect((await script.incidents.list()).map(({ kind }) => kind)).toEqual(expected);
    }
    expect(await script.incidents.list()).toMatchObject([
      { subject: paid.id, paymeId: paid.paymeId, data: { kind: "order", moved: "paid" } },
    ]);
    expect(await shop.story(paid.id)).toEqual(["payment.created", "payment.paid_waiting", "no_fulfiller"]);
    expect(await script.find(paid.id)).toMatchObject({ status: "PENDING" });
    await shop.payments.reconcile();
    expect(shop.delivery(paid.id)).toMatchObject({ delivered: 1 });
  });

  it("money that waits is in the log with its payment, Payme id and kind", async () => {
    const shop = createShop();
    const { id, paymeId } = await paidAtPayme(shop);
    const lines: unknown[] = [];
    const logger = { info() {}, error() {}, warn: (_: string, fields?: object) => lines.push(fields) };
    expect(await beside(shop, { logger }).check(id)).toMatchObject({ status: "PENDING", nextCheckAt: shop.now() });
    expect(lines).toEqual([{ payment_id: id, transaction_id: paymeId, kind: "order" }]);
  });

  it("money that another process books meanwhile does not wait: neither what came, nor what went back", async () => {
    const shop = createShop();
    const { id, report } = await paidAtPayme(shop);
    const cancelled = { paymeId: report.paymeId, cancelledAt: shop.now(), source: "gateway" } as const;
    /** A process without hooks, which looks at the payment just before the one with hooks books its money. */
    const late = (book: () => Promise<unknown>) => {
      const transaction: typeof shop.storage.transaction = async (work) => {
        await book();
        return shop.storage.transaction(work);
      };
      return beside(shop, { storage: { ...shop.storage, transaction } });
    };
    await expect(late(() => shop.payments.recordPaid(report)).recordPaid(report)).rejects.toThrow();
    const refunding = late(() => shop.payments.recordCancelled(cancelled));
    await expect(refunding.recordCancelled(cancelled)).rejects.toThrow();
    expect(await shop.story(id)).toEqual(["payment.created", "payment.paid", "payment.refunded"]);
  });

  it("a refund that nobody takes back waits, and is an incident after ten minutes", async () => {
    const shop = createShop();
    const { id, report } = await paidAtPayme(shop);
    await shop.payments.recordPaid(report);
    const { paymeId } = report;
    for (const minutes of [0, 11]) {
      shop.pass(minutes * MINUTE);
      const cancelled = { paymeId, cancelledAt: shop.now(), source: "gateway" } as const;
      await expect(beside(shop).recordCancelled(cancelled)).rejects.toMatchObject({ code: "NO_FULFILLER" });
    }
    expect((await shop.story(id)).slice(2)).toEqual(["payment.refunded_waiting", "no_fulfiller"]);
    expect(await shop.payments.incidents.list()).toMatchObject([{ data: { kind: "order", moved: "refunded" } }]);
  });

  it("a repeat of what is booked waits for nobody: a process without hooks answers it", async () => {
    const shop = createShop();
    const { report } = await paidAtPayme(shop);
    const script = beside(shop);
    await shop.payments.recordPaid(report);
    expect(await script.recordPaid(report)).toMatchObject({ outcome: "already_applied" });
    const cancelled = { paymeId: report.paymeId, cancelledAt: shop.now(), source: "gateway" } as const;
    await shop.payments.recordCancelled(cancelled);
    expect(await script.recordCancelled(cancelled)).toMatchObject({ outcome: "already_applied" });
  });

  it("what was never given is refunded also by a process without hooks", async () => {
    const shop = createShop({ payments: { onPaid: () => false } });
    const { id, report } = await paidAtPayme(shop);
    await shop.payments.recordPaid(report);
    expect(await beside(shop).refund(id)).toMatchObject({ payment: { status: "CANCELLED" } });
  });

  it("a hook that throws is no money that waits: check says that it failed", async () => {
    const shop = createShop();
    const { id } = await paidAtPayme(shop);
    const onPaid = () => {
      throw new Error("no stock");
    };
    await expect(beside(shop, { onPaid }).check(id)).rejects.toMatchObject({ code: "EFFECT_FAILED" });
  });

  it("reconcile leaves to others for ten minutes what they fulfil", async () => {
    const shop = createShop();
    const script = beside(shop);
    await paidAtPayme(shop, script);
    shop.pass(2 * MINUTE);
    expect(await script.reconcile()).toMatchObject({ checked: 0 });
    expect(await shop.payments.reconcile()).toMatchObject({ checked: 1, paid: 1 });
  });

  it("a refund of what this process cannot take back is refused before anything is sent", async () => {
    const world = await threeProcesses();
    const paid = await boughtTariff(world);
    await world.tariffPayments.recordPaid(paid.report);
    for (const process of [world.orders, world.script]) {
      await expect(process.refund(paid.id)).rejects.toMatchObject({ code: "NO_FULFILLER" });
    }
    expect(world.shop.mock.receipts()).toMatchObject([{ state: 4 }]);
    await world.tariffPayments.refund(paid.id);
    expect(await world.tariffs.current("u1")).toMatchObject({ tariffId: null });
  });

  it("a refund by hand, notified to the wrong process, waits for the right one", async () => {
    const world = await threeProcesses();
    const { id, paymeId, report } = await boughtTariff(world);
    await world.tariffPayments.recordPaid(report);
    const cancelled = { paymeId, cancelledAt: world.shop.now(), source: "gateway" } as const;
    await expect(world.script.recordCancelled(cancelled)).rejects.toMatchObject({ code: "NO_FULFILLER" });
    expect(await world.orders.find(id)).toMatchObject({ status: "PAID" });
    expect(await world.tariffPayments.recordCancelled(cancelled)).toMatchObject({ outcome: "applied" });
    expect(await world.tariffs.current("u1")).toMatchObject({ tariffId: null });
  });

  it("a charge of what this process cannot fulfil takes no money", async () => {
    const { shop, script } = await threeProcesses();
    const charge = { reference: "rent:1", amount, token: await verifiedToken(shop.mock) };
    await expect(script.charge(charge)).rejects.toMatchObject({ code: "NO_FULFILLER" });
    expect(shop.mock.receipts()).toEqual([]);
  });
});

describe("a kind of the shop's own", () => {
  it("is given by its fulfiller, beside orders", async () => {
    const shop = createShop();
    const given: string[] = [];
    shop.payments.register("gift-card", {
      onPaid: ({ id }) => given.push(`+${id}`) > 0,
      onRefunded: ({ id }) => given.push(`-${id}`) > 0,
    });
    const { id, transactionId } = await shop.payments.create({ kind: "gift-card", reference: "card:1", amount });
    await shop.mock.pay(transactionId ?? "", { card });
    expect(await shop.payments.check(id)).toMatchObject({ status: "PAID", kind: "gift-card" });
    await shop.payments.refund(id);
    expect(given).toEqual([`+${id}`, `-${id}`]);
    expect(shop.delivery(id)).toBeUndefined();
  });

  it("has one fulfiller and a plain name; a reference keeps its kind", async () => {
    const { payments } = createShop();
    const fulfiller = { onPaid: () => true };
    payments.register("gift", fulfiller);
    expect(() => payments.register("gift", fulfiller)).toThrow(/have a fulfiller already/);
    expect(() => payments.register("order", fulfiller)).toThrow(/have a fulfiller already/);
    expect(() => createTariffs({ payments }) && createTariffs({ payments })).toThrow(/have a fulfiller already/);
    for (const kind of ["", "Gift", "a,b", "a_b", "a".repeat(64), "%"]) {
      expect(() => payments.register(kind, fulfiller), kind).toThrow(/cannot be a kind/);
      await expect(payments.create({ kind, amount })).rejects.toThrow(/cannot be one/);
    }
    await payments.create({ reference: "1", amount });
    await expect(payments.create({ kind: "gift", reference: "1", amount })).rejects.toMatchObject({ code: "CONFLICT" });
    expect(() => createPayments({ storage: payments.books.storage, onRefunded: () => true })).toThrow(/give both/);
  });
});
