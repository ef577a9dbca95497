import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import type { PaymentRow } from "../../src/ledger";
import { paymentRow } from "../ledger/rows";
import { card, createShop } from "./shop";

const DAY = "2026-01-15";
const HOUR = 3_600_000;
const amount = som(1_000);

type Spoil = (receipt: Record<string, unknown>) => unknown;

/** A shop whose Payme answers as the mock does, with each receipt of a list, or each that is asked for, as `spoil` makes it. */
function createOddShop() {
  const spoil: Record<string, Spoil> = {};
  const shop = createShop({
    client: {
      fetch: async (input, init) => {
        const request = new Request(input, init);
        const { method } = JSON.parse(await request.clone().text());
        const answered = await shop.mock.fetch(request);
        const change = spoil[method];
        if (change === undefined) return answered;
        const answer = JSON.parse(await answered.text());
        if (Array.isArray(answer.result)) answer.result = answer.result.map(change);
        else if (answer.result !== undefined) answer.result.receipt = change(answer.result.receipt);
        return Response.json(answer);
      },
    },
  });
  const sell = async (learn = true) => {
    const { id, transactionId } = await shop.payments.create({ amount });
    const paymeId = transactionId ?? "";
    await shop.mock.pay(paymeId, { card });
    if (learn) await shop.payments.check(id);
    return { id, paymeId };
  };
  return { ...shop, spoil, sell };
}

const only =
  (paymeId: string, change: Spoil): Spoil =>
  (receipt) =>
    receipt._id === paymeId ? change(receipt) : receipt;

describe("a day with a receipt that cannot be read", () => {
  it("is closed: that receipt is a difference to look at, and the others are compared", async () => {
    const shop = createOddShop();
    const { paymeId } = await shop.sell();
    await shop.sell();
    const unlearnt = await shop.sell(false);
    shop.spoil["receipts.get_all"] = only(paymeId, (receipt) => ({ ...receipt, amount: "100000" }));
    const ours = { amount, state: 2 };
    const { compared, differences, paid } = await shop.payments.dailyClose(DAY);
    expect({ compared, paid }).toEqual({ compared: 3, paid: { count: 2, amount: som(2_000) } });
    expect(differences).toHaveLength(2);
    expect(differences).toContainEqual({
      id: paymeId,
      kind: "unread",
      problem: "receipt.amount: custom",
      theirs: null,
      ours,
      isPaid: true,
    });
    expect(differences).toContainEqual(expect.objectContaining({ id: unlearnt.paymeId, kind: "missing_here" }));
  });

  it.each([
    ["a state that is text", { state: "4" }],
    ["no amount", { amount: undefined }],
    ["a state of null, also of money that went back", { state: null, cancel_time: 1 }],
  ])("is never balanced in silence, where we do not know of it either: %s", async (_what, members) => {
    const shop = createOddShop();
    const { _id } = await shop.client.receipts.create({ amount, account: { order_id: "elsewhere" } });
    shop.spoil["receipts.get_all"] = (receipt) => ({ ...receipt, ...members });
    expect((await shop.payments.dailyClose(DAY)).differences).toMatchObject([
      { id: _id, kind: "unread", theirs: null, ours: null, isPaid: true },
    ]);
  });

  it("tells each receipt without an id, and looks ours up one by one", async () => {
    const shop = createOddShop();
    await shop.sell();
    await shop.sell();
    shop.spoil["receipts.get_all"] = ({ _id, ...receipt }) => receipt;
    const { compared, differences } = await shop.payments.dailyClose(DAY);
    expect(differences).toMatchObject([
      { id: "", kind: "unread", ours: null },
      { id: "", kind: "unread", ours: null },
    ]);
    expect(compared).toBe(4);
  });

  it("reads the next page all the same: the odd one counts for its page", async () => {
    const shop = createOddShop();
    for (let n = 0; n < 60; n += 1) await shop.payments.create({ amount });
    const first = shop.mock.receipts()[0]?._id ?? "";
    const last = shop.mock.receipts().at(-1)?._id ?? "";
    await shop.mock.pay(first, { card });
    shop.spoil["receipts.get_all"] = only(last, (receipt) => ({ ...receipt, state: "0" }));
    const { compared, differences } = await shop.payments.dailyClose(DAY);
    expect(compared).toBe(60);
    expect(differences.map(({ id, kind }) => [id, kind]).sort()).toEqual(
      [
        [first, "missing_here"],
        [last, "unread"],
      ].sort(),
    );
  });

  it("is reviewed to its end, and what can be read is recorded", async () => {
    const shop = createOddShop();
    const { paymeId } = await shop.sell();
    const refunded = await shop.sell();
    await shop.mock.cancel(refunded.paymeId);
    shop.spoil["receipts.get_all"] = only(paymeId, (receipt) => ({ ...receipt, state: {} }));
    shop.pass(30 * HOUR);
    const { days } = await shop.payments.review();
    expect(days.find(({ day }) => day === DAY)).toMatchObject({
      compared: 2,
      recorded: 1,
      differences: [{ id: paymeId, kind: "unread" }],
    });
    expect(days.every(({ error }) => error === undefined)).toBe(true);
  });
});

describe("a payment of ours that Payme does not list, and whose receipt cannot be read", () => {
  async function unlisted(row: Partial<PaymentRow> = {}) {
    const shop = createOddShop();
    const add = async (paidBy: string) => {
      const paid = { status: "PAID", paidAt: shop.now(), paidBy, paidSource: "receipt", ...row } as const;
      await shop.storage.addPayment(paymentRow({ id: `of ${paidBy}`, transactionId: paidBy, amount, ...paid }));
    };
    const { _id } = await shop.client.receipts.create({ amount, account: { order_id: "1" } });
    await shop.mock.pay(_id, { card });
    await add(_id);
    await add("0".repeat(24));
    shop.client.receipts.getAll = async () => ({ receipts: [], unread: [] });
    return { ...shop, paymeId: _id };
  }

  it("is a difference, and the next payment is looked up", async () => {
    const shop = await unlisted();
    shop.spoil["receipts.get"] = (receipt) => ({ ...receipt, amount: null });
    const { differences } = await shop.payments.dailyClose(DAY);
    expect(differences.map(({ id, kind, problem }) => [id, kind, problem]).sort()).toEqual([
      ["0".repeat(24), "missing_there", undefined],
      [shop.paymeId, "unread", "result.receipt.amount: custom"],
    ]);
  });

  it("is none of both while Payme is away: that is an error", async () => {
    const shop = await unlisted();
    shop.mock.faults.add({ kind: "http_status", status: 503, method: "receipts.get" });
    await expect(shop.payments.dailyClose(DAY)).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
  });
});

describe("the search for a lost receipt", () => {
  it("goes on past one that cannot be read, to the next page too", async () => {
    const shop = createOddShop();
    await shop.storage.addPayment(paymentRow({ amount, createdAt: shop.now(), nextCheckAt: shop.now() }));
    const lost = await shop.client.receipts.create({ amount, account: { order_id: "payment-1" } });
    let newest = "";
    for (let n = 0; n < 50; n += 1) {
      newest = (await shop.client.receipts.create({ amount, account: { order_id: "other" } }))._id;
    }
    shop.spoil["receipts.get_all"] = only(newest, (receipt) => ({ ...receipt, amount: {} }));
    expect(await shop.payments.check("payment-1")).toMatchObject({ transactionId: lost._id });
    const warned = shop.lines.filter((line) => line.includes("cannot be read"));
    expect(warned).toHaveLength(1);
    expect(warned[0]).toContain(newest);
    expect(warned[0]).toContain("payment-1");
  });
});
