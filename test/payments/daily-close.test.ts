import { describe, expect, it } from "vitest";
import { fetchMerchant } from "../../src/entry/fetch";
import { createMerchantApi } from "../../src/entry/merchant";
import { PaymeValidationError } from "../../src/kit/errors";
import { som } from "../../src/kit/money";
import type { PaymentRow } from "../../src/ledger";
import type { Receipt } from "../../src/protocol/receipt";
import { paymentRow, transactionRow } from "../ledger/rows";
import { card, createShop, scope } from "./shop";

const DAY = "2026-01-15";
/** Midnight in Tashkent. */
const FROM = Date.UTC(2026, 0, 14, 19);
const HOUR = 3_600_000;
const NONE = { count: 0, amount: 0 };
const KEY = "test-key-of-36-characters-0123456789";

type Shop = ReturnType<typeof createShop>;

/** A payment that was paid at Payme and booked. */
async function sell({ mock, payments }: Shop, amount = som(1_000)) {
  const { id, transactionId } = await payments.create({ amount });
  await mock.pay(transactionId ?? "", { card });
  await payments.check(id);
  return { id, paymeId: transactionId ?? "" };
}

describe("a day's close", () => {
  it("of a day without payments has no sums and no differences", async () => {
    const { payments } = createShop();
    expect(await payments.dailyClose(DAY)).toEqual({
      day: DAY,
      from: FROM,
      to: FROM + 24 * HOUR,
      isOver: false,
      paid: NONE,
      refunding: NONE,
      refunded: NONE,
      net: 0,
      sources: [],
      compared: 0,
      differences: [],
      incidents: [],
    });
  });

  it("sums what was paid and what went back, and agrees with Payme", async () => {
    const shop = createShop();
    await sell(shop, som(1_000));
    const { id } = await sell(shop, som(500));
    await shop.payments.refund(id);
    await shop.payments.create({ amount: som(9_999) });
    expect(await shop.payments.dailyClose(DAY)).toMatchObject({
      refunding: { count: 1, amount: som(500) },
      refunded: NONE,
      net: som(1_500),
      sources: [{ source: "receipt", refunding: { count: 1 }, refunded: NONE }],
      differences: [],
    });
    shop.pass(HOUR);
    await shop.payments.reconcile();
    shop.pass(23 * HOUR);
    const close = await shop.payments.dailyClose(DAY);
    expect(close).toMatchObject({
      isOver: true,
      paid: { count: 2, amount: som(1_500) },
      refunding: NONE,
      refunded: { count: 1, amount: som(500) },
      net: som(1_000),
      sources: [{ source: "receipt", paid: { count: 2 }, refunded: { count: 1 } }],
      compared: 3,
      differences: [],
    });
    expect(await shop.payments.dailyClose(DAY)).toEqual(close);
  });

  it("is Tashkent's day: from 19:00 UTC, whatever zone the machine is in; another zone is an option", async () => {
    const shop = createShop();
    await sell(shop);
    shop.pass(FROM + 24 * HOUR - shop.now());
    await sell(shop);
    expect((await shop.payments.dailyClose(DAY)).paid.count).toBe(1);
    expect((await shop.payments.dailyClose("2026-01-16")).paid.count).toBe(1);
    expect((await shop.payments.dailyClose(DAY, { utcOffsetMinutes: 0 })).paid.count).toBe(2);
  });

  it("of a refund of another day's payment can be below 0", async () => {
    const shop = createShop();
    const { id } = await sell(shop);
    shop.pass(24 * HOUR);
    await shop.payments.refund(id);
    shop.pass(HOUR);
    await shop.payments.reconcile();
    expect(await shop.payments.dailyClose("2026-01-16")).toMatchObject({
      paid: NONE,
      net: -som(1_000),
      differences: [],
    });
  });

  it.each(["15.01.2026", "2026-1-5", "2026-02-30", "2026-13-01", "", "2026-01-15T00:00"])(
    "refuses the day %j",
    async (day) => {
      await expect(createShop().payments.dailyClose(day)).rejects.toThrow(PaymeValidationError);
    },
  );

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 841, -1_000])(
    "refuses %d minutes as a zone",
    async (utcOffsetMinutes) => {
      await expect(createShop().payments.dailyClose(DAY, { utcOffsetMinutes })).rejects.toThrow(PaymeValidationError);
    },
  );

  it.each([840, -840])("takes %d minutes as a zone: the furthest there is", async (utcOffsetMinutes) => {
    const { from } = await createShop().payments.dailyClose(DAY, { utcOffsetMinutes });
    expect(from).toBe(Date.UTC(2026, 0, 15) - utcOffsetMinutes * 60_000);
  });

  it("is over at the first moment of the next day", async () => {
    const shop = createShop();
    for (const [at, isOver] of [
      [FROM + 24 * HOUR - 1, false],
      [FROM + 24 * HOUR, true],
    ] as const) {
      shop.pass(at - shop.now());
      expect(await shop.payments.dailyClose(DAY)).toMatchObject({ isOver });
    }
  });

  it("brings no incident that a person resolved, and nothing else of the story", async () => {
    const shop = createShop();
    await sell(shop);
    await shop.payments.recordPaid({ paymeId: "unknown", amount: som(1), paidAt: shop.now(), source: "gateway" });
    const [incident] = await shop.payments.incidents.list();
    await shop.payments.incidents.resolve(incident?.id ?? 0, { by: "anna", note: "asked Payme" });
    expect((await shop.payments.dailyClose(DAY)).incidents).toEqual([]);
  });

  it("brings open incidents, for a person", async () => {
    const shop = createShop();
    const paymeId = "f".repeat(24);
    await shop.payments.recordPaid({ paymeId, amount: som(1), paidAt: shop.now(), source: "gateway" });
    expect((await shop.payments.dailyClose(DAY)).incidents).toMatchObject([{ kind: "unknown_transaction", paymeId }]);
  });
});

describe("a difference between Payme's receipts and our payments", () => {
  it("is a receipt that was paid and that our books do not have as paid", async () => {
    const shop = createShop();
    const { transactionId } = await shop.payments.create({ amount: som(1_000) });
    await shop.mock.pay(transactionId ?? "", { card });
    const theirs = { amount: som(1_000), state: 2 };
    const missing = { id: transactionId, kind: "missing_here", theirs, ours: null, isPaid: true };
    expect((await shop.payments.dailyClose(DAY)).differences).toEqual([missing]);
    await shop.payments.reconcile();
    shop.pass(HOUR);
    await shop.payments.reconcile();
    expect((await shop.payments.dailyClose(DAY)).differences).toEqual([]);
  });

  it("is a receipt that none of our payments was made for", async () => {
    const shop = createShop();
    const { _id } = await shop.client.receipts.create({ amount: som(7), account: { order_id: "elsewhere" } });
    await shop.mock.pay(_id, { card });
    expect((await shop.payments.dailyClose(DAY)).differences).toMatchObject([
      { id: _id, kind: "missing_here", isPaid: true },
    ]);
  });

  it("is a payment that somebody reported as paid, and Payme does not have as paid", async () => {
    const shop = createShop();
    const { transactionId } = await shop.payments.create({ amount: som(1_000) });
    const report = { paymeId: transactionId ?? "", amount: som(1_000), paidAt: shop.now(), source: "gateway" } as const;
    await shop.payments.recordPaid(report);
    const ours = { amount: som(1_000), state: 2 };
    const missing = { id: transactionId, kind: "missing_there", theirs: null, ours, isPaid: true };
    expect((await shop.payments.dailyClose(DAY)).differences).toEqual([missing]);
  });

  it("is a payment whose receipt Payme does not know at all", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount: som(1_000) });
    const paid = { from: ["PENDING"], to: "PAID", at: shop.now(), paidAt: shop.now() } as const;
    await shop.storage.changePayment(scope, id, { ...paid, paidBy: "0".repeat(24), paidSource: "receipt" });
    expect((await shop.payments.dailyClose(DAY)).differences).toMatchObject([{ kind: "missing_there", isPaid: true }]);
  });

  it("is a refund in Payme's cabinet that our books have not heard of", async () => {
    const shop = createShop();
    const { paymeId } = await sell(shop);
    await shop.mock.cancel(paymeId);
    expect((await shop.payments.dailyClose(DAY)).differences).toMatchObject([
      { id: paymeId, kind: "state_differs", theirs: { state: -2 }, ours: { state: 2 }, isPaid: true },
    ]);
  });

  it("is none where a receipt of another system took no money", async () => {
    const shop = createShop();
    const stranger = { _id: "s1", amount: som(1) };
    const receipts = [
      { ...stranger, state: 0, pay_time: 5 },
      { ...stranger, _id: "s2", state: 50, pay_time: 0 },
      { ...stranger, _id: "s3", state: 21 },
    ];
    const asked: object[] = [];
    shop.client.receipts.getAll = async (query) => {
      asked.push(query);
      return { receipts, unread: [] };
    };
    expect(await shop.payments.dailyClose(DAY)).toMatchObject({ compared: 3, differences: [] });
    // Payme's list has both its ends.
    expect(asked).toMatchObject([{ from: FROM, to: FROM + 24 * HOUR - 1 }]);
  });

  it("is one where Payme lists the receipt twice, because its list moved between two pages", async () => {
    const shop = createShop();
    const receipt = { _id: "s1", amount: som(1), state: 4, pay_time: 5 };
    shop.client.receipts.getAll = async () => ({ receipts: [receipt, receipt], unread: [] });
    expect(await shop.payments.dailyClose(DAY)).toMatchObject({ compared: 1, differences: [{ id: "s1" }] });
  });

  it("is found among more receipts than a page has", async () => {
    const shop = createShop();
    for (let n = 0; n < 60; n += 1) await shop.payments.create({ amount: som(1) });
    const first = shop.mock.receipts()[0]?._id ?? "";
    await shop.mock.pay(first, { card });
    const close = await shop.payments.dailyClose(DAY);
    expect(close.differences).toMatchObject([{ id: first, kind: "missing_here" }]);
    expect(close.compared).toBe(60);
  });

  it("is told once of a receipt that Payme lists twice: a new one has moved it to the next page", async () => {
    const shop = createShop();
    const { transactionId } = await shop.payments.create({ amount: som(1) });
    await shop.mock.pay(transactionId ?? "", { card });
    const { getAll } = shop.client.receipts;
    shop.client.receipts.getAll = async (query) => {
      const { receipts, unread } = await getAll(query);
      return { receipts: receipts.flatMap((receipt) => [receipt, receipt]), unread };
    };
    const close = await shop.payments.dailyClose(DAY);
    expect(close.differences).toMatchObject([{ id: transactionId, kind: "missing_here" }]);
    expect(close.compared).toBe(1);
  });

  it("cannot be told while Payme is away: that is an error, not agreement", async () => {
    const shop = createShop();
    await sell(shop);
    shop.mock.faults.add({ kind: "http_status", status: 503, method: "receipts.get_all" });
    await expect(shop.payments.dailyClose(DAY)).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
  });
});

describe("payments of ours that are not in Payme's list of the day", () => {
  /** A shop whose Payme lists no receipt, and answers for each that it is asked for. */
  function unlisted(answer: (id: string) => Partial<Receipt> = () => ({})) {
    const shop = createShop();
    const asked: string[] = [];
    shop.client.receipts.getAll = async () => ({ receipts: [], unread: [] });
    shop.client.receipts.get = async (id) => {
      asked.push(id);
      return { _id: id, state: 4, amount: som(1), pay_time: shop.now(), ...answer(id) };
    };
    const add = (n: number, row: Partial<PaymentRow> = {}) => {
      const paymeId = `receipt-${n}`;
      const paid = { status: "PAID", paidAt: shop.now(), paidBy: paymeId, paidSource: "receipt" } as const;
      const id = `payment-${n}`;
      return shop.storage.addPayment(paymentRow({ id, transactionId: paymeId, amount: som(1), ...paid, ...row }));
    };
    return { ...shop, asked, add };
  }

  it("are asked for one by one, and agree", async () => {
    const { payments, asked, add } = unlisted();
    await add(1);
    await add(2, { paidSource: "gateway" });
    expect(await payments.dailyClose(DAY)).toMatchObject({ compared: 2, differences: [] });
    expect(asked.sort()).toEqual(["receipt-1", "receipt-2"]);
  });

  it("differ where Payme says another amount, another state or nothing of them", async () => {
    const answers: Record<string, Partial<Receipt>> = {
      "receipt-2": { amount: som(2) },
      "receipt-3": { state: 50 },
      "receipt-4": { state: 0, pay_time: 0 },
    };
    const { payments, add } = unlisted((id) => answers[id] ?? {});
    for (let n = 1; n <= 4; n += 1) await add(n);
    const { differences } = await payments.dailyClose(DAY);
    expect(differences.map(({ id, kind }) => [id, kind]).sort()).toEqual([
      ["receipt-2", "amount_differs"],
      ["receipt-3", "state_differs"],
      ["receipt-4", "missing_there"],
    ]);
  });

  it("are all asked for where they are more than two pages, many of them paid in one millisecond", async () => {
    const { payments, asked, add, now } = unlisted();
    const count = 1_201;
    for (let n = 0; n < count; n += 1) await add(n, { paidAt: now() - Math.floor(n / 400) });
    const { compared, differences } = await payments.dailyClose(DAY);
    expect({ compared, differences }).toEqual({ compared: count, differences: [] });
    expect(new Set(asked).size).toBe(count);
    expect(asked).toHaveLength(count);
  });

  it("that a Merchant transaction paid are no receipts: Payme is not asked for one", async () => {
    const { payments, asked, add } = unlisted();
    await add(1, { paidBy: "merchant-1", paidSource: "merchant" });
    expect(await payments.dailyClose(DAY)).toMatchObject({ paid: { count: 1 }, compared: 0, differences: [] });
    expect(asked).toEqual([]);
  });

  it("of another day are not asked for", async () => {
    const { payments, asked, add, now } = unlisted();
    await add(1, { paidAt: now() + 24 * HOUR });
    await add(2, { paidAt: FROM - 1 });
    await add(3, { paidAt: FROM });
    expect(await payments.dailyClose(DAY)).toMatchObject({ compared: 1 });
    expect(asked).toEqual(["receipt-3"]);
  });
});

describe("payments that come by the Merchant API", () => {
  it("are compared with the rows of a statement, which may be a stream", async () => {
    const shop = createShop({ payments: { client: undefined, payUrl: () => "https://pay.example", mode: "test" } });
    const merchant = createMerchantApi({ ...shop.payments.asOrders(), testKey: KEY, key: [], now: shop.now });
    const caller = shop.mock.merchant({ fetch: (request) => fetchMerchant(merchant)(request), key: KEY });
    const { id } = await shop.payments.create({ amount: som(1_000) });
    const paid = await caller.pay({ account: { order_id: id }, amount: som(1_000) });
    if (paid.outcome !== "paid") throw new Error(paid.outcome);
    const row = { id: paid.transaction.id, amount: som(1_000), state: 2 };
    async function* stream() {
      yield row;
      yield { id: "of another day", amount: som(5), state: 2 };
    }
    const close = await shop.payments.dailyClose(DAY, { statement: stream() });
    expect(close).toMatchObject({
      paid: { count: 1, amount: som(1_000) },
      sources: [{ source: "merchant" }],
      compared: 2,
      differences: [{ id: "of another day", kind: "missing_here" }],
    });
    const [missing] = (await shop.payments.dailyClose(DAY, { statement: [] })).differences;
    expect(missing).toMatchObject({ id: row.id, kind: "missing_there", isPaid: true });
  });
});

it("writes nothing: a storage that can only be read is enough", async () => {
  const shop = createShop();
  await sell(shop);
  const refuse = () => Promise.reject(new Error("written"));
  const storage = {
    ...shop.storage,
    transaction: refuse,
    appendEvents: refuse,
    changePayment: refuse,
    scheduleCheck: refuse,
  };
  const reader = createShop({ payments: { storage, client: undefined, mode: "test" } });
  expect((await reader.payments.dailyClose(DAY)).paid).toEqual({ count: 1, amount: som(1_000) });
});

it("a day's statement is compared with the day's own transactions, to the millisecond", async () => {
  const shop = createShop();
  const to = FROM + 24 * HOUR;
  for (const [paymeId, time] of [
    ["before", FROM - 1],
    ["first", FROM],
    ["last", to - 1],
    ["after", to],
  ] as const) {
    await shop.storage.addTransaction(
      transactionRow({ ...scope, paymeId, transaction: paymeId, reference: paymeId, time, createTime: time }),
    );
  }
  const { differences } = await shop.payments.dailyClose(DAY, { statement: [] });
  expect(differences.map(({ id, kind }) => [id, kind])).toEqual([
    ["first", "missing_there"],
    ["last", "missing_there"],
  ]);
});
