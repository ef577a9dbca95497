import { describe, expect, it } from "vitest";
import { tiyin } from "../../src/kit/money";
import type { TestCard } from "../../src/testing/mock/cards";
import { openBilling } from "./billing-kit";
import { CARD, createReceipt, openMock, verifiedToken } from "./kit";
import { PRICE } from "./merchant-kit";

const RICH: TestCard = { number: "8600495473316478", expire: "0399", hasCvv: false };
const withBalance = (balance: number): TestCard => ({ ...RICH, balance: tiyin(balance) });
/** What a receipt of the kit costs. */
const AMOUNT = 1_250_000;

describe("a card with a balance", () => {
  it("pays while it has enough, to the tiyin, and is refused with -31630 beyond that", async () => {
    const { mock, call } = openMock({ cards: [withBalance(AMOUNT * 2)] });
    const token = await verifiedToken(mock);
    const pay = async (params: object = {}) => {
      const { _id: id } = await createReceipt(mock, params);
      return [id, await call("receipts.pay", { id, token })] as const;
    };
    await pay();
    const [id, refused] = await pay({ amount: AMOUNT + 1 });
    expect(refused).toMatchObject({ error: { code: -31630 } });
    expect(mock.receipt(id)).toMatchObject({ state: 0, card: null });
    expect((await pay())[1]).toMatchObject({ result: { receipt: { state: 4 } } });
    expect((await pay({ amount: 1 }))[1]).toMatchObject({ error: { code: -31630 } });
  });

  it("is as full as before once it is given back: not while the refund is in its queue", async () => {
    const { mock, pass } = openMock({ cards: [withBalance(AMOUNT)] });
    const [first, second] = [await createReceipt(mock), await createReceipt(mock)];
    const paySecond = async () => (await mock.pay(second._id, { card: CARD })).outcome;
    await mock.pay(first._id, { card: CARD });
    await mock.cancel(first._id);
    expect(await paySecond()).toBe("declined");
    pass(60_000);
    // The refund falls due whether or not anybody looks at its receipt.
    expect(await paySecond()).toBe("paid");
  });

  it("cannot spend what is held, and can once that is let go", async () => {
    const { mock } = openMock({ cards: [withBalance(AMOUNT)] });
    const [first, second] = [await createReceipt(mock, { hold: true }), await createReceipt(mock)];
    await mock.pay(first._id, { card: CARD });
    expect(await mock.pay(second._id, { card: CARD })).toMatchObject({ outcome: "declined", code: -31630 });
    await mock.cancel(first._id);
    expect(await mock.pay(second._id, { card: CARD })).toMatchObject({ outcome: "paid" });
  });

  it("has one balance for all cashboxes", async () => {
    const { mock } = openMock({ cards: [withBalance(AMOUNT)], cashboxes: [{ merchantId: "another", key: "k" }] });
    const [first, second] = [await createReceipt(mock), await createIn(mock.fetch, "another:k")];
    await mock.pay(first._id, { card: CARD });
    expect(await mock.pay(second, { card: CARD })).toMatchObject({ outcome: "declined", code: -31630 });
  });

  it("two payments at once do not spend it twice", async () => {
    const bench = openBilling({ cards: [withBalance(PRICE)] });
    const ids = [(await bench.receipt())._id, (await bench.receipt({ account: { order_id: 2 } }))._id];
    const outcomes = await Promise.all(ids.map((id) => bench.mock.pay(id, { card: CARD })));
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(["declined", "paid"]);
  });
});

/** Makes a receipt in a cashbox, and gives its id. */
async function createIn(fetch: typeof globalThis.fetch, xAuth: string): Promise<string> {
  const body = JSON.stringify({ method: "receipts.create", params: { amount: AMOUNT, account: { order_id: 1 } } });
  const response = await fetch("https://mock/api", { method: "POST", headers: { "X-Auth": xAuth }, body });
  return JSON.parse(await response.text()).result.receipt._id;
}

describe("movements", () => {
  it("tell what happened to whose money, in its order, with masked cards only", async () => {
    const { mock, pass, now } = openMock();
    const { _id: paid } = await createReceipt(mock);
    const start = now();
    await mock.pay(paid, { card: CARD });
    pass(1_000);
    await mock.cancel(paid);
    pass(60_000);
    expect(mock.receipt(paid)?.state).toBe(50);
    const shared = { receiptId: paid, merchantId: mock.merchantId, card: "860049******6478", amount: AMOUNT };
    expect(mock.movements).toEqual([
      { at: start, kind: "take", ...shared },
      { at: start + 61_000, kind: "return", ...shared },
    ]);
    expect(mock.cashboxes[0]?.money).toEqual({ held: 0, taken: AMOUNT, returned: AMOUNT });
  });

  it("are none where nothing was paid", async () => {
    const { mock } = openMock();
    await mock.cancel((await createReceipt(mock))._id);
    await mock.expire((await createReceipt(mock))._id);
    expect(mock.movements).toEqual([]);
  });
});
