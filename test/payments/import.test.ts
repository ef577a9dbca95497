import { describe, expect, it } from "vitest";
import type { ImportedPayment } from "../../src/entry";
import { som } from "../../src/kit/money";
import { card, createShop, scope } from "./shop";

const AMOUNT = som(50_000);
type Shop = ReturnType<typeof createShop>;

/** A receipt at Payme that another server made, and whose payment our books do not know. */
async function receiptOf(shop: Shop, id: string, isPaid: boolean): Promise<string> {
  const { _id } = await shop.client.receipts.create({ amount: AMOUNT, account: { order_id: id } });
  if (!isPaid) return _id;
  const { token } = await shop.client.cards.create(card);
  await shop.client.cards.getVerifyCode(token);
  await shop.client.cards.verify({ token, code: "666666" });
  await shop.client.receipts.pay({ id: _id, token });
  return _id;
}

async function oldRows(shop: Shop): Promise<ImportedPayment[]> {
  const createdAt = shop.now() - 60_000;
  const base = { amount: AMOUNT, createdAt, userId: "user-1" };
  const [paid, open, late] = [
    await receiptOf(shop, "paid", true),
    await receiptOf(shop, "open", false),
    await receiptOf(shop, "late", true),
  ];
  const times = { paidAt: createdAt + 1_000, webhookReceivedAt: createdAt + 2_000 };
  return [
    { ...base, id: "paid", status: "PAID", transactionId: paid, ...times },
    { ...base, id: "open", status: "PENDING", transactionId: open },
    { ...base, id: "late", status: "PENDING", transactionId: late },
    { ...base, id: "failed", status: "FAILED", errorCode: "-31300", errorMessage: "no" },
    { ...base, id: "cancelled", status: "CANCELLED", cancelledAt: createdAt + 5_000 },
    { ...base, id: "refunded", status: "CANCELLED", cancelledAt: createdAt + 5_000, ...times, transactionId: "ab12" },
    { ...base, id: "terminal", status: "PAID", paidAt: createdAt, paidBy: "ff01", paidSource: "merchant" },
  ];
}

describe("payments of other books", () => {
  it("are in ours as they were, and no hook ran", async () => {
    const shop = createShop();
    const rows = await oldRows(shop);
    expect(await shop.payments.import(rows, { batchSize: 2 })).toEqual({ imported: 7, same: 0, different: [] });
    for (const { id, ...row } of rows) expect(await shop.payments.find(id)).toMatchObject({ id, ...row });
    expect(await shop.payments.find("paid")).toMatchObject({
      paidSource: "gateway",
      refund: "none",
      nextCheckAt: null,
    });
    expect(await shop.payments.find("refunded")).toMatchObject({ refund: "queued", refundedAt: null });
    expect(await shop.payments.statistics()).toMatchObject({ total: 7, paid: 2, pending: 2, failed: 1, cancelled: 2 });
    expect(shop.incidents).toEqual([]);
    expect(shop.storage.published().table("deliveries").size).toBe(0);
    const kinds = (await shop.storage.listEvents(scope, { limit: 99 })).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(["payment.imported"]));
  });

  it("go on: a paid one is refunded, a repeated notification is a repeat, money that came unseen is given", async () => {
    const shop = createShop();
    const rows = await oldRows(shop);
    await shop.payments.import(rows);
    const [paid, , late] = rows;
    const repeat = {
      paymeId: String(paid?.transactionId),
      amount: AMOUNT,
      paidAt: shop.now(),
      source: "gateway",
    } as const;
    expect(await shop.payments.recordPaid(repeat)).toMatchObject({ outcome: "already_applied" });
    await shop.payments.refund("paid");
    expect(await shop.payments.find("paid")).toMatchObject({ status: "CANCELLED", refund: "queued" });
    expect(await shop.payments.check("late")).toMatchObject({ status: "PAID", paidBy: late?.transactionId });
    const deliveries = shop.storage
      .published()
      .table<{ paymentId: string; delivered: number; takenBack: number }>("deliveries");
    expect(deliveries.get("paid")).toMatchObject({ delivered: 0, takenBack: 1 });
    expect(deliveries.get("late")).toMatchObject({ delivered: 1, takenBack: 0 });
    expect(await shop.payments.import(rows)).toEqual({ imported: 0, same: 7, different: [] });
  });

  it("are named where ours differ, and ours stay", async () => {
    const shop = createShop();
    const rows = await oldRows(shop);
    await shop.payments.import(rows);
    const [paid] = rows;
    if (paid === undefined) throw new Error("no row");
    const wrong = [
      { ...paid, amount: som(1), paidAt: shop.now() },
      { ...paid, id: "failed" },
    ];
    expect(await shop.payments.import(wrong)).toMatchObject({
      different: [
        { id: "paid", members: ["amount", "paidAt"] },
        { id: "failed", members: ["paidAt", "transactionId", "paidBy", "status"] },
      ],
    });
    expect(await shop.payments.find("paid")).toMatchObject({ amount: AMOUNT, paidAt: paid.paidAt });
  });

  it("whose refund nobody can ask about are back", async () => {
    const shop = createShop({ payments: { client: undefined, payUrl: () => "https://example.uz", mode: "test" } });
    const paidAt = shop.now();
    const times = { createdAt: paidAt, paidAt, cancelledAt: paidAt + 1 };
    await shop.payments.import([{ id: "a", amount: AMOUNT, status: "CANCELLED", transactionId: "ab", ...times }]);
    expect(await shop.payments.find("a")).toMatchObject({ refund: "done", refundedAt: paidAt + 1, nextCheckAt: null });
  });

  it.each<[string, object, string]>([
    ["no id", { id: "" }, "id"],
    ["som in a float", { amount: 0.5 }, "amount"],
    ["a word of its own", { status: "paid" }, "status"],
    ["a time as text", { createdAt: "2024-01-15" }, "createdAt"],
    ["PAID and no time", { paidAt: null }, "paidAt"],
    ["FAILED and a time", { status: "FAILED" }, "paidAt"],
    ["PAID by nobody", { transactionId: null }, "paidBy"],
    ["CANCELLED and no time", { status: "CANCELLED" }, "cancelledAt"],
    ["another kind of kind", { kind: "A b" }, "kind"],
    ["a receipt that paid another one", {}, "paidBy: it has paid first"],
  ])("with %s are refused, and named", async (_, wrong, problem) => {
    const shop = createShop();
    const at = shop.now();
    const row: ImportedPayment = {
      id: "a",
      amount: AMOUNT,
      status: "PAID",
      createdAt: at,
      paidAt: at,
      transactionId: "ab",
    };
    const rows = [
      { ...row, id: "first" },
      { ...row, transactionId: problem.includes("first") ? "ab" : "cd", ...wrong },
    ];
    await expect(Reflect.apply(shop.payments.import, undefined, [rows])).rejects.toThrow(
      new RegExp(`^row 2 \\(.*\\): .*${problem}`),
    );
  });
});

describe("what an import writes beside its payments", () => {
  const at = Date.UTC(2025, 0, 1);
  const base = { amount: AMOUNT, createdAt: at };
  const paid = { ...base, status: "PAID", paidAt: at + 1 } as const;

  it("is the receipt that paid one, and its refund", async () => {
    const shop = createShop();
    await shop.payments.import([
      { ...paid, id: "paid", transactionId: "aa" },
      { ...paid, id: "refunded", transactionId: "bb", status: "CANCELLED", cancelledAt: at + 2 },
    ]);
    const common = { reference: "paid", amount: AMOUNT, performTime: at + 1, source: "receipt" };
    expect(await shop.storage.findTransaction(scope, "aa")).toMatchObject({
      ...common,
      state: 2,
      cancelTime: 0,
      reason: null,
    });
    expect(await shop.storage.findTransaction(scope, "bb")).toMatchObject({
      ...common,
      reference: "refunded",
      state: -2,
      cancelTime: at + 2,
      reason: 5,
    });
  });

  it("is none for a transaction of the Merchant API: those are imported by its endpoint", async () => {
    const shop = createShop();
    const merchant = { ...paid, paidBy: "cc", paidSource: "merchant" } as const;
    await shop.payments.import([
      { ...merchant, id: "paid" },
      { ...merchant, id: "refunded", paidBy: "dd", status: "CANCELLED", cancelledAt: at + 2 },
    ]);
    expect(await shop.storage.findTransaction(scope, "cc")).toBeUndefined();
    expect(await shop.payments.find("refunded")).toMatchObject({
      refund: "done",
      refundedAt: at + 2,
      nextCheckAt: null,
    });
  });

  it("is an event with the status that it had", async () => {
    const shop = createShop();
    await shop.payments.import([{ ...paid, id: "a", transactionId: "aa" }]);
    expect(await shop.storage.listEvents(scope, { subject: "a", limit: 9 })).toMatchObject([
      { kind: "payment.imported", data: { status: "PAID" }, at: at + 1 },
    ]);
  });
});

describe("what an imported payment leaves out", () => {
  const at = Date.UTC(2025, 0, 1);

  it.each([
    ["its way, by the notification", { webhookReceivedAt: at + 3 }, { paidSource: "gateway", updatedAt: at + 3 }],
    ["its way, without one", {}, { paidSource: "receipt", updatedAt: at + 1 }],
    ["its cheque id", {}, { chequeId: "aa", paidBy: "aa" }],
    ["nothing of these", { chequeId: "4417", paidBy: "bb" }, { chequeId: "4417", paidBy: "bb" }],
    [
      "when a refund was asked about",
      { status: "CANCELLED", cancelledAt: at + 2 },
      { refund: "queued", updatedAt: at + 2 },
    ],
  ])("%s, is added", async (_title, given, row) => {
    const shop = createShop();
    const paid = {
      id: "a",
      amount: AMOUNT,
      createdAt: at,
      status: "PAID",
      paidAt: at + 1,
      transactionId: "aa",
      ...given,
    };
    await Reflect.apply(shop.payments.import, undefined, [[paid]]);
    const nextCheckAt = "status" in given ? shop.now() : null;
    expect(await shop.payments.find("a")).toMatchObject({ ...row, nextCheckAt });
  });

  it.each<[string, object, string]>([
    ["an id that is a number", { id: 5 }, "id"],
    ["an amount of nothing", { amount: 0 }, "amount"],
    ["updatedAt as text", { updatedAt: "2024" }, "createdAt, updatedAt"],
    ["PENDING and when it was cancelled", { status: "PENDING", paidAt: null, cancelledAt: at }, "cancelledAt"],
  ])("with %s is refused", async (_title, wrong, problem) => {
    const shop = createShop();
    const row = { id: "a", amount: AMOUNT, createdAt: at, status: "PAID", paidAt: at, transactionId: "aa", ...wrong };
    await expect(Reflect.apply(shop.payments.import, undefined, [[row]])).rejects.toThrow(`: ${problem}`);
    expect((await shop.payments.statistics()).total).toBe(0);
  });

  it("is named where an open payment has its reference", async () => {
    const shop = createShop();
    const { id } = await shop.payments.create({ amount: AMOUNT, reference: "order:1" });
    const row = { id: "a", amount: AMOUNT, createdAt: at, status: "PENDING", reference: "order:1" } as const;
    await expect(shop.payments.import([row])).rejects.toThrow(`reference: the open payment ${id} has it`);
  });

  it("and a status that is another one is a difference only where it cannot have gone on", async () => {
    const shop = createShop();
    const row = { amount: AMOUNT, createdAt: at };
    const cancelled = { ...row, status: "CANCELLED", cancelledAt: at + 2 } as const;
    const paid = { ...row, status: "PAID", paidAt: at + 1, transactionId: "aa" } as const;
    await shop.payments.import([
      { ...cancelled, id: "cancelled" },
      { ...paid, id: "paid" },
      { ...paid, id: "refunded", transactionId: "bb", status: "CANCELLED", cancelledAt: at + 2 },
    ]);
    const again = [
      { ...row, id: "cancelled", status: "PENDING" },
      { ...row, id: "paid", status: "FAILED" },
      { ...paid, id: "refunded", transactionId: "bb" },
      { ...row, id: "cancelled", status: "FAILED" },
      { ...paid, id: "cancelled" },
      { ...cancelled, id: "paid" },
    ] as const;
    expect(await shop.payments.import(again)).toEqual({
      imported: 0,
      same: 3,
      different: [
        { id: "cancelled", members: ["status"] },
        { id: "cancelled", members: ["paidAt", "transactionId", "paidBy"] },
        { id: "paid", members: ["cancelledAt"] },
      ],
    });
  });
});
