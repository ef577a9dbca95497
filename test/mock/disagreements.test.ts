import { describe, expect, it } from "vitest";
import { fetchMerchant } from "../../src/entry/fetch";
import { tiyin } from "../../src/kit/money";
import { openBilling } from "./billing-kit";
import { CARD, createReceipt, openMock } from "./kit";

const SECOND = { merchantId: "second", key: "key-of-second" };

describe("disagreements with a cashbox's billing", () => {
  it("are none while both books are one: before, during and after a payment and a refund", async () => {
    const { mock, receipt, pass } = openBilling();
    expect(await mock.disagreements()).toEqual([]);
    const { _id } = await receipt();
    await mock.pay(_id, { card: CARD });
    expect(await mock.disagreements()).toEqual([]);
    await mock.cancel(_id);
    pass(60_000);
    expect(await mock.disagreements()).toEqual([]);
  });

  it("tell of an endpoint that lies: seconds for milliseconds, at once and in its statement", async () => {
    const lie = (text: string) => text.replace(/("(?:perform|create)_time":\d{10})\d{3}/g, "$1");
    const bench = openBilling();
    const { mock } = openMock({
      now: bench.now,
      billing: {
        key: "live-key-of-36-characters-0123456789",
        fetch: async (request) => {
          await bench.shop.ready;
          return new Response(lie(await (await fetchMerchant(bench.shop.merchant)(request)).text()));
        },
      },
    });
    const { _id: id } = await createReceipt(mock, { amount: 5_000_000, account: { order_id: 1 } });
    await mock.pay(id, { card: CARD });
    const found = await mock.disagreements();
    expect(found).toContainEqual(expect.objectContaining({ kind: "wrong_result", id, method: "CreateTransaction" }));
    expect(found).toContainEqual(expect.objectContaining({ kind: "wrong_result", id, field: "perform_time" }));
  });

  it("tell of a merchant that forgot", async () => {
    const { mock, receipt } = openBilling();
    const { _id: id } = await receipt();
    await mock.pay(id, { card: CARD });
    const forgetful = openMock({
      billing: {
        key: "k",
        fetch: async (request) =>
          Response.json({ id: JSON.parse(await request.text()).id, result: { transactions: [] } }),
      },
      restore: mock.snapshot(),
    });
    expect(await forgetful.mock.disagreements()).toMatchObject([{ kind: "missing_at_merchant", id }]);
  });

  it("tell of an endpoint that is not there", async () => {
    const { mock } = openMock({
      billing: { key: "k", repeatAfterMs: [], fetch: async () => new Response(null, { status: 500 }) },
    });
    expect(await mock.disagreements()).toContainEqual(expect.objectContaining({ kind: "wrong_statement" }));
  });
});

describe("disagreements with the rows of a virtual terminal", () => {
  async function openPaid() {
    const bench = openMock();
    const [paid, open] = [await createReceipt(bench.mock), await createReceipt(bench.mock)];
    await bench.mock.pay(paid._id, { card: CARD });
    const rows = [
      { paymeId: paid._id, amount: paid.amount, isPaid: true },
      { paymeId: open._id, amount: open.amount, isPaid: false },
    ] as const;
    return { ...bench, rows, paid: paid._id, open: open._id };
  }

  it("are none where they agree; and none without rows", async () => {
    const { mock, rows } = await openPaid();
    expect(await mock.disagreements({ rows })).toEqual([]);
    expect(await mock.disagreements()).toEqual([]);
  });

  it("an unpaid receipt need not be in the rows, a paid one must", async () => {
    const { mock, rows, paid } = await openPaid();
    expect(await mock.disagreements({ rows: rows.slice(0, 1) })).toEqual([]);
    expect(await mock.disagreements({ rows: rows.slice(1) })).toMatchObject([
      { kind: "missing_at_merchant", id: paid },
    ]);
  });

  it("paid on one side only, another amount, and a payment that Payme does not know are each told", async () => {
    const { mock, rows, paid, open } = await openPaid();
    const [first, second] = rows;
    expect(
      await mock.disagreements({
        rows: [
          { ...first, isPaid: false },
          { ...second, isPaid: true },
        ],
      }),
    ).toMatchObject([
      { kind: "books_differ", id: paid, field: "isPaid", expected: true, actual: false },
      { kind: "books_differ", id: open, field: "isPaid", expected: false, actual: true },
    ]);
    expect(await mock.disagreements({ rows: [{ ...first, amount: tiyin(1) }, second] })).toMatchObject([
      { kind: "books_differ", id: paid, field: "amount", expected: 1_250_000, actual: 1 },
    ]);
    const stranger = { paymeId: "f".repeat(24), amount: tiyin(1), isPaid: true };
    expect(await mock.disagreements({ rows: [...rows, stranger] })).toMatchObject([
      { kind: "unknown_to_payme", id: stranger.paymeId, actual: "paid" },
    ]);
  });

  it("a refund that has begun is no payment any more", async () => {
    const { mock, rows, paid } = await openPaid();
    await mock.cancel(paid);
    expect(await mock.disagreements({ rows })).toMatchObject([{ id: paid, field: "isPaid", expected: false }]);
  });

  it("the rows of all cashboxes together are no strangers to any of them", async () => {
    const { mock, rows } = await openPaid();
    const two = openMock({ cashboxes: [SECOND], restore: mock.snapshot() });
    await two.call("receipts.create", { amount: 100, account: {} }, { xAuth: "second:key-of-second" });
    const { _id: other } = two.mock.receipts().at(-1) ?? { _id: "" };
    await two.mock.pay(other, { card: CARD });
    const all = [...rows, { paymeId: other, amount: tiyin(100), isPaid: true }];
    expect(await two.mock.disagreements({ rows: all })).toEqual([]);
    expect(await two.mock.disagreements({ rows })).toMatchObject([{ kind: "missing_at_merchant", id: other }]);
  });
});

describe("a disagreement about notifications", () => {
  it.each([
    [[200], 0],
    [[500, 200], 0],
    [[500, 404], 1],
    [[0], 1],
  ])("answered with %j: %i disagreements", async (statuses, count) => {
    const left: number[] = [...statuses];
    const { mock } = openMock({
      notify: {
        url: "http://shop.invalid/",
        repeatAfterMs: statuses.slice(1).map(() => 1),
        fetch: async () => {
          const status = left.shift() ?? 0;
          if (status === 0) throw new TypeError("fetch failed");
          return new Response(null, { status });
        },
      },
    });
    const { _id: id } = await createReceipt(mock);
    await mock.pay(id, { card: CARD });
    await mock.flush();
    const found = await mock.disagreements();
    const last = statuses.at(-1) === 0 ? null : statuses.at(-1);
    expect(found).toEqual(
      count === 0
        ? []
        : [{ kind: "not_notified", method: "receipts.pay", id, field: null, expected: 200, actual: last }],
    );
  });

  it("is none where there is nobody to tell", async () => {
    const { mock } = openMock();
    await mock.pay((await createReceipt(mock))._id, { card: CARD });
    expect(await mock.disagreements()).toEqual([]);
  });
});
