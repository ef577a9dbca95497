import { describe, expect, it } from "vitest";
import { som, tiyin } from "../../src/kit/money";
import { createShop } from "./shop";

const HOUR = 3_600_000;
const AMOUNT = som(50_000);

/** A shop with three transactions: 1 paid, 2 refunded, 3 open. */
async function openShop() {
  const shop = createShop();
  const from = shop.now();
  for (const n of [1, 2, 3]) {
    await shop.call("CreateTransaction", {
      id: `payme-${n}`,
      time: shop.now(),
      amount: AMOUNT,
      account: { order_id: n },
    });
  }
  for (const n of [1, 2]) await shop.call("PerformTransaction", { id: `payme-${n}` });
  await shop.call("CancelTransaction", { id: "payme-2", reason: 5 });
  return { ...shop, period: { from, to: from + HOUR } };
}

const theirs = [
  { id: "payme-3", amount: AMOUNT, state: 1 },
  { id: "payme-1", amount: AMOUNT, state: 2 },
  { id: "payme-2", amount: AMOUNT, state: -2 },
];

describe("Payme's statement compared with ours", () => {
  it("agrees, in whatever order the rows come", async () => {
    const { merchant, period } = await openShop();
    expect(await merchant.compareStatement(theirs, period)).toEqual({ compared: 3, agreed: 3, differences: [] });
  });

  it("tells what Payme has and we have not, and the other way round", async () => {
    const { merchant, period } = await openShop();
    const rows = [{ id: "payme-9", amount: tiyin(7), state: 2 }, ...theirs.slice(0, 1)];
    const comparison = await merchant.compareStatement(rows, period);
    expect(comparison).toEqual({
      compared: 2,
      agreed: 1,
      differences: [
        { id: "payme-9", kind: "missing_here", theirs: { amount: 7, state: 2 }, ours: null, isPaid: true },
        { id: "payme-1", kind: "missing_there", theirs: null, ours: { amount: AMOUNT, state: 2 }, isPaid: true },
        { id: "payme-2", kind: "missing_there", theirs: null, ours: { amount: AMOUNT, state: -2 }, isPaid: false },
      ],
    });
  });

  it.each([
    ["another amount", { id: "payme-1", amount: tiyin(1), state: 2 }, "amount_differs", true],
    ["a refund that we have not heard of", { id: "payme-1", amount: AMOUNT, state: -2 }, "state_differs", true],
    ["a payment that we have not heard of", { id: "payme-3", amount: AMOUNT, state: 2 }, "state_differs", true],
    ["a cancel that we have not heard of", { id: "payme-3", amount: AMOUNT, state: -1 }, "state_differs", false],
  ])("tells %s", async (_what, row, kind, isPaid) => {
    const { merchant, period } = await openShop();
    const rows = theirs.map((each) => (each.id === row.id ? row : each));
    const { agreed, differences } = await merchant.compareStatement(rows, period);
    expect(differences).toMatchObject([{ id: row.id, kind, isPaid, theirs: { amount: row.amount, state: row.state } }]);
    expect(agreed).toBe(2);
  });

  it("finds a transaction of another time by its id: midnight is no difference", async () => {
    const { merchant, period } = await openShop();
    const later = { from: period.to, to: period.to + HOUR };
    expect(await merchant.compareStatement(theirs, later)).toMatchObject({ compared: 3, agreed: 3, differences: [] });
  });

  it("takes rows that come twice for what they are, and a stream for a list", async () => {
    const { merchant, period } = await openShop();
    async function* stream() {
      yield* theirs;
      yield* theirs;
    }
    expect(await merchant.compareStatement(stream(), period)).toMatchObject({
      compared: 6,
      agreed: 6,
      differences: [],
    });
  });

  it("tells once of a line that differs and comes twice", async () => {
    const { merchant, period } = await openShop();
    const unknown = { id: "payme-9", amount: tiyin(7), state: 2 };
    const { compared, agreed, differences } = await merchant.compareStatement([unknown, ...theirs, unknown], period);
    expect({ compared, agreed }).toEqual({ compared: 5, agreed: 3 });
    expect(differences).toMatchObject([{ id: "payme-9", kind: "missing_here" }]);
  });

  it("knows test transactions from live ones, and another cashbox's from ours", async () => {
    const { merchant, storage, period } = await openShop();
    const test = await merchant.compareStatement(theirs, { ...period, mode: "test" });
    expect(test.differences.map(({ kind }) => kind)).toEqual(["missing_here", "missing_here", "missing_here"]);
    const other = createShop({ storage, cashbox: "second" });
    expect(await other.merchant.compareStatement([], period)).toEqual({ compared: 0, agreed: 0, differences: [] });
  });

  it("reads more of ours than a page holds", async () => {
    const { merchant, storage, period } = await openShop();
    const [row] = await storage.listTransactions({ cashbox: "default", mode: "live" }, { ...period, limit: 1 });
    if (row === undefined) throw new Error("no row");
    for (let n = 0; n < 1_100; n += 1) {
      await storage.addTransaction({ ...row, paymeId: `many-${n}`, reference: `many-${n}`, state: -1 });
    }
    const { differences } = await merchant.compareStatement(theirs, period);
    expect(new Set(differences.map(({ id }) => id)).size).toBe(1_100);
  });
});
