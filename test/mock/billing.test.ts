import { describe, expect, it } from "vitest";
import { fetchMerchant } from "../../src/entry/fetch";
import { som } from "../../src/kit/money";
import { createShop, KEY } from "../merchant/shop";
import { createReceipt, openMock, verifiedToken } from "./kit";
import { PRICE } from "./merchant-kit";

const CARD = { number: "8600 4954 7331 6478", expire: "03/99" };
/** Payme's card that is refused when it is charged. */
const DECLINED = { number: "8600 1434 1777 0323", expire: "03/99" };

/** A mock whose cashbox has our own engine for its billing. */
function openBilling(shopOptions: Parameters<typeof createShop>[0] = {}) {
  const shop = createShop(shopOptions);
  const states: number[] = [];
  const bench = openMock({
    now: shop.now,
    sleep: async (ms) => shop.pass(ms),
    billing: {
      key: KEY,
      repeatAfterMs: [],
      async fetch(request) {
        await shop.ready;
        states.push(bench.mock.receipts()[0]?.state ?? -1);
        return fetchMerchant(shop.merchant)(request);
      },
    },
  });
  const { mock } = bench;
  const receipt = () => createReceipt(mock, { amount: PRICE, account: { order_id: 1 } });
  const methods = () =>
    mock.exchanges
      .filter(({ direction }) => direction === "out")
      .map(({ method }) => method.replace("Transaction", ""));
  return { ...bench, pass: shop.pass, shop, states, receipt, methods, billing: mock.billing };
}

describe("a cashbox with billing", () => {
  it("calls the merchant while a receipt is paid, and the receipt passes 1, 2 and 3", async () => {
    const { mock, call, shop, states, receipt, methods, billing } = openBilling();
    const { _id: id } = await receipt();
    expect(methods()).toEqual([]);
    const token = await verifiedToken(mock);
    expect(await call("receipts.pay", { id, token })).toMatchObject({ result: { receipt: { _id: id, state: 4 } } });
    expect(methods()).toEqual(["CheckPerform", "Create", "Create", "Perform", "Perform"]);
    expect(states).toEqual([1, 1, 1, 3, 3]);
    expect(await shop.order()).toMatchObject({ status: "paid", fulfilled: 1 });
    // The transaction has the receipt's id, and the account its texts.
    expect(billing?.transaction(id)).toMatchObject({ state: 2, amount: PRICE, account: { order_id: "1" } });
    expect(await billing?.compare()).toEqual([]);
  });

  it("calls nobody without billing", async () => {
    const { mock } = openMock();
    const { _id } = await createReceipt(mock);
    await mock.pay(_id, { card: CARD });
    expect(mock.billing).toBeUndefined();
    expect(mock.exchanges.map(({ direction }) => direction)).toEqual(["in"]);
  });

  it("passes the merchant's refusal on, in its own words; the receipt stays open", async () => {
    const { mock, call } = openBilling();
    const { _id: id } = await createReceipt(mock, { amount: PRICE, account: { order_id: 4711 } });
    const token = await verifiedToken(mock);
    expect(await call("receipts.pay", { id, token })).toMatchObject({
      error: { code: -31050, message: expect.any(String), data: "order_id" },
    });
    expect(await mock.pay(id, { card: CARD })).toMatchObject({
      outcome: "declined",
      code: -31050,
      texts: { ru: expect.any(String), uz: expect.any(String), en: expect.any(String) },
    });
    expect(mock.receipt(id)).toMatchObject({ state: 0 });
  });

  it("passes a wrong amount on", async () => {
    const { mock } = openBilling();
    const { _id } = await createReceipt(mock, { amount: som(1), account: { order_id: 1 } });
    expect(await mock.pay(_id, { card: CARD })).toMatchObject({ outcome: "declined", code: -31001 });
  });

  it("a declined card cancels the transaction with reason 2; another card pays with a new one", async () => {
    const { mock, shop, receipt, states, billing } = openBilling();
    const { _id } = await receipt();
    expect(await mock.pay(_id, { card: DECLINED })).toMatchObject({ outcome: "declined", code: -32400 });
    expect(states.at(-1)).toBe(2);
    expect(mock.receipt(_id)).toMatchObject({ state: 0 });
    expect(await shop.order()).toMatchObject({ status: "new" });
    expect(await mock.pay(_id, { card: CARD })).toMatchObject({ outcome: "paid" });
    expect(billing?.transactions().map(({ id, state, reason }) => [id === _id, state, reason])).toEqual([
      [true, -1, 2],
      [false, 2, null],
    ]);
    expect(await billing?.compare()).toEqual([]);
  });

  it("a merchant that does not answer is told to the payer; settling frees what was reserved", async () => {
    const { mock, shop, receipt, billing } = openBilling();
    const { _id } = await receipt();
    const mend = mock.faults.add({ method: "CreateTransaction", kind: "drop_after" });
    expect(await mock.pay(_id, { card: CARD })).toMatchObject({
      outcome: "declined",
      code: -31622,
      texts: { en: "The merchant's service is not available" },
    });
    expect([mock.receipt(_id)?.state, (await shop.order())?.status]).toEqual([0, "reserved"]);
    mend();
    await mock.settle();
    expect(await shop.order()).toMatchObject({ status: "new" });
    expect(await mock.pay(_id, { card: CARD })).toMatchObject({ outcome: "paid" });
    expect(await billing?.compare()).toEqual([]);
  });

  it("a Perform that is not answered leaves the receipt at 30; settling brings it to 4, and the gateway tells", async () => {
    const { mock, shop, receipt } = openBilling();
    const { _id } = await receipt();
    const mend = mock.faults.add({ method: "PerformTransaction", kind: "drop_after" });
    expect(await mock.pay(_id, { card: CARD })).toMatchObject({ outcome: "pending", receipt: { state: 30 } });
    await mock.settle();
    expect(mock.receipt(_id)).toMatchObject({ state: 30 });
    expect(mock.notifications).toEqual([]);
    mend();
    await mock.settle();
    expect(mock.receipt(_id)).toMatchObject({ state: 4, pay_time: shop.now() });
    expect(mock.notifications).toMatchObject([{ method: "receipts.pay", receiptId: _id }]);
    expect(await shop.order()).toMatchObject({ fulfilled: 1 });
  });

  it("a Perform that is refused gives the money back: the receipt is cancelled", async () => {
    const { mock, receipt, billing } = openBilling();
    const { _id } = await receipt();
    mock.faults.add({ method: "PerformTransaction", kind: "rpc_error", code: -31008, message: "Нет" });
    expect(await mock.pay(_id, { card: CARD })).toMatchObject({ outcome: "declined", code: -31008, message: "Нет" });
    expect(mock.receipt(_id)).toMatchObject({ state: 50 });
    expect(billing?.transactions()).toMatchObject([{ state: -1, reason: 3 }]);
    expect(await billing?.compare()).toEqual([]);
  });

  it("receipts.pay twice at once pays once", async () => {
    const { mock, call, shop, receipt } = openBilling();
    const { _id: id } = await receipt();
    const tokens = [await verifiedToken(mock), await verifiedToken(mock)];
    const answers = await Promise.all(tokens.map((token) => call("receipts.pay", { id, token })));
    expect(answers).toEqual([
      expect.objectContaining({ result: expect.anything() }),
      expect.objectContaining({ error: expect.objectContaining({ code: -31602 }) }),
    ]);
    expect(await shop.order()).toMatchObject({ fulfilled: 1 });
  });
});

describe("cancelling with billing", () => {
  it("an unpaid receipt calls nobody", async () => {
    const { call, receipt, methods } = openBilling();
    const { _id: id } = await receipt();
    expect(await call("receipts.cancel", { id })).toMatchObject({ result: { receipt: { state: 50 } } });
    expect(methods()).toEqual([]);
  });

  it("a paid one goes to 21, the merchant is told with reason 5, and then to 50", async () => {
    const { mock, call, shop, receipt, states, billing, pass } = openBilling();
    const { _id: id } = await receipt();
    await mock.pay(id, { card: CARD });
    expect(await call("receipts.cancel", { id })).toMatchObject({ result: { receipt: { state: 21 } } });
    expect(states.slice(-2)).toEqual([21, 21]);
    expect(await shop.order()).toMatchObject({ status: "refunded" });
    expect(billing?.transaction(id)).toMatchObject({ state: -2, reason: 5 });
    pass(60_000);
    expect(mock.receipt(id)).toMatchObject({ state: 50 });
    expect(await billing?.compare()).toEqual([]);
  });

  it("a merchant that does not refund keeps it paid", async () => {
    const { mock, call, receipt, pass } = openBilling({ canRefund: () => false });
    const { _id: id } = await receipt();
    await mock.pay(id, { card: CARD });
    expect(await call("receipts.cancel", { id })).toMatchObject({ error: { code: -31007 } });
    pass(60_000);
    expect(mock.receipt(id)).toMatchObject({ state: 4 });
    await expect(mock.cancel(id)).rejects.toMatchObject({ code: -31007 });
  });

  it("a merchant that does not answer leaves it at 21, however long; settling ends it", async () => {
    const { mock, receipt, pass } = openBilling();
    const { _id: id } = await receipt();
    await mock.pay(id, { card: CARD });
    const mend = mock.faults.add({ method: "CancelTransaction", kind: "drop_before" });
    expect(await mock.cancel(id)).toMatchObject({ state: 21 });
    pass(3_600_000);
    expect(mock.receipt(id)).toMatchObject({ state: 21 });
    mend();
    await mock.settle();
    pass(30_000);
    await mock.settle();
    pass(30_000);
    expect(mock.receipt(id)).toMatchObject({ state: 50 });
  });

  it("while it is being paid changes nothing", async () => {
    const { mock, receipt } = openBilling();
    const { _id: id } = await receipt();
    const [paid, cancelled] = await Promise.all([mock.pay(id, { card: CARD }), mock.cancel(id)]);
    expect([paid.outcome, cancelled.state]).toEqual(["paid", 1]);
    expect(mock.receipt(id)).toMatchObject({ state: 4, meta: { source: "subscribe" } });
    expect(mock.receipt(id)?.meta).not.toHaveProperty("source_cancel");
  });

  it("after a declined card refunds what the other attempt paid", async () => {
    const { mock, receipt, billing } = openBilling();
    const { _id: id } = await receipt();
    await mock.pay(id, { card: DECLINED });
    await mock.pay(id, { card: CARD });
    expect(await mock.cancel(id)).toMatchObject({ state: 21 });
    expect(billing?.transactions()).toMatchObject([{ state: -1 }, { state: -2 }]);
  });
});
