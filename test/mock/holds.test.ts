import { describe, expect, it } from "vitest";
import { tiyin } from "../../src/kit/money";
import type { MockPaymeOptions } from "../../src/testing/mock/mock-payme-options";
import type { MockPayme } from "../../src/tools/mock-server/mock-payme";
import { openBilling } from "./billing-kit";
import { CARD, createReceipt, openMock, UZCARD, verifiedToken } from "./kit";
import { PRICE } from "./merchant-kit";

const HUMO = { number: "9860 1234 5678 9012", expire: "12/30", cvv: "123" };
const DAY_MS = 24 * 3_600_000;

type Bench = Pick<ReturnType<typeof openMock>, "mock" | "call">;

/** A receipt whose money is held, by `receipts.pay` or on the payment page. */
async function hold({ mock, call }: Bench, receiptId?: string): Promise<string> {
  const id = receiptId ?? (await createReceipt(mock, { hold: true }))._id;
  await call("receipts.pay", { id, token: await verifiedToken(mock), hold: true });
  expect(mock.receipt(id)).toMatchObject({ state: 5, pay_time: 0 });
  return id;
}

async function heldOnPage(options: MockPaymeOptions, card: typeof UZCARD) {
  const bench = openMock(options);
  const { _id: id } = await createReceipt(bench.mock, { hold: true });
  expect(await bench.mock.pay(id, { card })).toMatchObject({ outcome: "held", receipt: { state: 5 } });
  return { ...bench, id, heldAt: bench.now() };
}

const movements = (mock: MockPayme) => mock.movements.map(({ kind }) => kind);
const news = (mock: MockPayme) => mock.notifications.map(({ method }) => method);

describe("a hold", () => {
  it("is made with `hold` in create and pay, and taken by confirm_hold: 0, 5, 4", async () => {
    const bench = openMock();
    const { mock, call, pass, now } = bench;
    const id = await hold(bench);
    expect([news(mock), movements(mock), mock.cashboxes[0]?.money]).toEqual([
      [],
      ["hold"],
      { held: 1_250_000, taken: 0, returned: 0 },
    ]);
    pass(DAY_MS);
    const answer = { result: { receipt: { _id: id, state: 4, pay_time: now(), create_time: now(), cancel_time: 0 } } };
    expect(await call("receipts.confirm_hold", { id })).toMatchObject(answer);
    expect([news(mock), movements(mock), mock.cashboxes[0]?.money]).toEqual([
      ["receipts.pay"],
      ["hold", "capture"],
      { held: 0, taken: 1_250_000, returned: 0 },
    ]);
  });

  it("is let go by cancel: 50 at once, and nothing was taken", async () => {
    const bench = openMock();
    const id = await hold(bench);
    expect(await bench.call("receipts.cancel", { id })).toMatchObject({
      result: { receipt: { state: 50, pay_time: 0, cancel_time: bench.now() } },
    });
    expect([news(bench.mock), movements(bench.mock)]).toEqual([["receipts.cancel"], ["hold", "release"]]);
  });

  it("once confirmed is refunded like any payment: 21, then 50", async () => {
    const bench = openMock();
    const id = await hold(bench);
    await bench.mock.confirmHold(id);
    expect(await bench.mock.cancel(id)).toMatchObject({ state: 21 });
    bench.pass(60_000);
    expect(bench.mock.receipt(id)).toMatchObject({ state: 50 });
    expect(movements(bench.mock)).toEqual(["hold", "capture", "return"]);
    expect(news(bench.mock)).toEqual(["receipts.pay", "receipts.cancel"]);
  });

  it.each(["confirm_hold", "cancel"])("is not confirmed after %s", async (method) => {
    const bench = openMock();
    const id = await hold(bench);
    await bench.call(`receipts.${method}`, { id });
    const before = bench.mock.receipt(id);
    expect(await bench.call("receipts.confirm_hold", { id })).toMatchObject({ error: { code: -31602 } });
    expect(bench.mock.receipt(id)).toEqual(before);
    expect(movements(bench.mock)).toHaveLength(2);
  });

  it("cancelled twice is let go once", async () => {
    const bench = openMock();
    const id = await hold(bench);
    const both = [await bench.call("receipts.cancel", { id }), await bench.call("receipts.cancel", { id })];
    expect(both[0]).toEqual(both[1]);
    expect([news(bench.mock), movements(bench.mock)]).toEqual([["receipts.cancel"], ["hold", "release"]]);
  });

  it("is not paid, nor held, a second time", async () => {
    const bench = openMock();
    const id = await hold(bench);
    const token = await verifiedToken(bench.mock);
    for (const isHold of [true, false]) {
      expect(await bench.call("receipts.pay", { id, token, hold: isHold })).toMatchObject({ error: { code: -31602 } });
    }
    expect(await bench.mock.pay(id, { card: CARD })).toMatchObject({ outcome: "declined", code: -31602 });
    expect(movements(bench.mock)).toEqual(["hold"]);
  });

  it("confirmed and cancelled at once has one end", async () => {
    const bench = openMock();
    const id = await hold(bench);
    await Promise.all([bench.mock.confirmHold(id), bench.mock.cancel(id)]);
    expect(movements(bench.mock).filter((kind) => kind === "capture")).toHaveLength(1);
    expect(bench.mock.receipt(id)).toMatchObject({ state: 21 });
  });

  it.each([0, 4, 50])("nothing is confirmed that is not held: state %i", async (state) => {
    const { mock, call } = openMock();
    const { _id: id } = await createReceipt(mock);
    if (state === 4) await mock.pay(id, { card: CARD });
    if (state === 50) await mock.cancel(id);
    expect(await call("receipts.confirm_hold", { id })).toMatchObject({ error: { code: -31602 } });
    await expect(mock.confirmHold(id)).rejects.toMatchObject({ code: -31602 });
    expect(mock.receipt(id)?.state).toBe(state);
  });

  it("where Payme is at work answers 6, and is 5 when that is done; its money is set aside from the start", async () => {
    const { mock, call, pass } = openMock({ choices: { payAnswers: 2 } });
    const { _id: id } = await createReceipt(mock, { hold: true });
    const token = await verifiedToken(mock);
    expect(await call("receipts.pay", { id, token, hold: true })).toMatchObject({ result: { receipt: { state: 6 } } });
    expect(movements(mock)).toEqual(["hold"]);
    expect(await call("receipts.confirm_hold", { id })).toMatchObject({ error: { code: -31602 } });
    pass(5_000);
    expect(mock.receipt(id)).toMatchObject({ state: 5 });
    await mock.confirmHold(id);
    expect(movements(mock)).toEqual(["hold", "capture"]);
  });
});

describe("after 30 days", () => {
  it("Uzcard lets the money go, to the millisecond, whenever one looks", async () => {
    const { mock, call, pass, id, heldAt } = await heldOnPage({}, UZCARD);
    pass(30 * DAY_MS - 1);
    expect(mock.receipt(id)?.state).toBe(5);
    pass(10 * DAY_MS);
    expect(mock.receipt(id)).toMatchObject({ state: 50, cancel_time: heldAt + 30 * DAY_MS });
    expect(mock.movements).toMatchObject([{ kind: "hold" }, { kind: "release", at: heldAt + 30 * DAY_MS }]);
    expect(news(mock)).toEqual(["receipts.cancel"]);
    expect(await call("receipts.confirm_hold", { id })).toMatchObject({ error: { code: -31602 } });
  });

  it("HUMO's money can only be taken any more", async () => {
    const { mock, call, pass, id } = await heldOnPage({}, HUMO);
    pass(30 * DAY_MS + 1);
    expect(await call("receipts.cancel", { id })).toMatchObject({ error: { code: -31630 } });
    await mock.expire(id);
    expect(mock.receipt(id)?.state).toBe(5);
    expect(await call("receipts.confirm_hold", { id })).toMatchObject({ result: { receipt: { state: 4 } } });
    expect(await call("receipts.cancel", { id })).toMatchObject({ result: { receipt: { state: 21 } } });
  });

  it("until then HUMO's is let go like Uzcard's", async () => {
    const { mock, call, pass, id } = await heldOnPage({}, HUMO);
    pass(30 * DAY_MS);
    expect(await call("receipts.cancel", { id })).toMatchObject({ result: { receipt: { state: 50 } } });
    expect(movements(mock)).toEqual(["hold", "release"]);
  });

  it("expire is the same at once", async () => {
    const { mock, id, now } = await heldOnPage({}, UZCARD);
    expect(await mock.expire(id)).toMatchObject({ state: 50, cancel_time: now() });
    expect(movements(mock)).toEqual(["hold", "release"]);
  });
});

describe("a hold with billing", () => {
  it("reserves at the merchant when it is made, and is performed when it is confirmed", async () => {
    const bench = openBilling();
    const { _id: id } = await bench.receipt({ hold: true });
    await hold(bench, id);
    expect(bench.asked()).toEqual(["CheckPerform", "Create"]);
    expect(await bench.shop.order()).toMatchObject({ status: "reserved" });
    expect(await bench.call("receipts.confirm_hold", { id })).toMatchObject({
      result: { receipt: { state: 4, pay_time: bench.now() } },
    });
    expect(bench.asked()).toEqual(["CheckPerform", "Create", "Perform"]);
    expect(await bench.shop.order()).toMatchObject({ status: "paid", fulfilled: 1 });
    expect([news(bench.mock), movements(bench.mock)]).toEqual([["receipts.pay"], ["hold", "capture"]]);
    expect(await bench.mock.disagreements()).toEqual([]);
  });

  it("is cancelled at the merchant when it is let go", async () => {
    const bench = openBilling();
    const { _id: id } = await bench.receipt({ hold: true });
    await hold(bench, id);
    expect(await bench.call("receipts.cancel", { id })).toMatchObject({ result: { receipt: { state: 50 } } });
    expect(bench.asked()).toEqual(["CheckPerform", "Create", "Cancel3"]);
    expect(await bench.shop.order()).toMatchObject({ status: "new", fulfilled: 0 });
    expect([news(bench.mock), movements(bench.mock)]).toEqual([["receipts.cancel"], ["hold", "release"]]);
    expect(await bench.mock.disagreements()).toEqual([]);
  });

  it("of which the bank lets go is cancelled at the merchant: at once by expire, with the clock by settle", async () => {
    for (const byClock of [false, true]) {
      const bench = openBilling();
      const { _id: id } = await bench.receipt({ hold: true });
      await hold(bench, id);
      if (byClock) {
        bench.pass(30 * DAY_MS);
        await bench.mock.settle();
      } else await bench.mock.expire(id);
      expect(bench.mock.receipt(id)).toMatchObject({ state: 50 });
      expect(bench.asked().at(-1)).toBe("Cancel4");
      expect(await bench.shop.order()).toMatchObject({ status: "new" });
      expect([news(bench.mock), movements(bench.mock)]).toEqual([["receipts.cancel"], ["hold", "release"]]);
      expect(await bench.mock.disagreements()).toEqual([]);
    }
  });

  it("that the merchant refuses to make holds nothing", async () => {
    const bench = openBilling();
    const { _id: id } = await bench.receipt({ hold: true, account: { order_id: 4711 } });
    const token = await verifiedToken(bench.mock);
    expect(await bench.call("receipts.pay", { id, token, hold: true })).toMatchObject({ error: { code: -31050 } });
    expect([bench.mock.receipt(id)?.state, movements(bench.mock)]).toEqual([0, []]);
  });

  it("that the merchant refuses to perform is let go: the payer has lost nothing", async () => {
    const bench = openBilling();
    const { _id: id } = await bench.receipt({ hold: true });
    await hold(bench, id);
    bench.mock.faults.add({ method: "PerformTransaction", kind: "rpc_error", code: -31008, message: "Нет" });
    expect(await bench.call("receipts.confirm_hold", { id })).toMatchObject({ error: { code: -31008 } });
    expect(bench.mock.receipt(id)).toMatchObject({ state: 50, pay_time: 0 });
    expect([news(bench.mock), bench.mock.cashboxes[0]?.money]).toEqual([
      ["receipts.cancel"],
      { held: 0, taken: PRICE, returned: PRICE },
    ]);
  });

  it("whose Perform is not answered stands at 30, and is 4 once that is settled", async () => {
    const bench = openBilling();
    const { _id: id } = await bench.receipt({ hold: true });
    await hold(bench, id);
    const mend = bench.mock.faults.add({ method: "PerformTransaction", kind: "drop_after" });
    expect(await bench.call("receipts.confirm_hold", { id })).toMatchObject({ result: { receipt: { state: 30 } } });
    expect(await bench.call("receipts.confirm_hold", { id })).toMatchObject({ error: { code: -31602 } });
    expect(news(bench.mock)).toEqual([]);
    mend();
    await bench.mock.settle();
    expect(bench.mock.receipt(id)).toMatchObject({ state: 4, pay_time: bench.now() });
    expect([news(bench.mock), movements(bench.mock)]).toEqual([["receipts.pay"], ["hold", "capture"]]);
    expect(await bench.shop.order()).toMatchObject({ fulfilled: 1 });
  });

  it("whose Cancel is not answered stands at 21 until that is settled; the gateway hears of it then", async () => {
    const bench = openBilling();
    const { _id: id } = await bench.receipt({ hold: true });
    await hold(bench, id);
    const mend = bench.mock.faults.add({ method: "CancelTransaction", kind: "drop_before" });
    expect(await bench.mock.cancel(id)).toMatchObject({ state: 21 });
    bench.pass(DAY_MS);
    expect([bench.mock.receipt(id)?.state, news(bench.mock)]).toEqual([21, []]);
    mend();
    await bench.mock.settle();
    bench.pass(60_000);
    expect(bench.mock.receipt(id)).toMatchObject({ state: 50 });
    expect([news(bench.mock), movements(bench.mock)]).toEqual([["receipts.cancel"], ["hold", "release"]]);
  });

  it("whose Cancel is refused stays held, and Uzcard's 30 days go on", async () => {
    const bench = openBilling();
    const { _id: id } = await bench.receipt({ hold: true });
    await hold(bench, id);
    const heldAt = bench.now();
    bench.mock.faults.add({ method: "CancelTransaction", kind: "rpc_error", code: -31007, times: 1 });
    await expect(bench.mock.cancel(id)).rejects.toMatchObject({ code: -31007 });
    expect(bench.mock.receipt(id)).toMatchObject({ state: 5 });
    bench.pass(31 * DAY_MS);
    expect(bench.mock.receipt(id)).toMatchObject({ state: 50, cancel_time: heldAt + 30 * DAY_MS });
  });

  it("on a card with too little is refused, and the merchant's order is free again", async () => {
    const poor = { number: "8600495473316478", expire: "0399", hasCvv: false, balance: tiyin(1) };
    for (const isHold of [true, false]) {
      const bench = openBilling({ cards: [poor] });
      const { _id: id } = await bench.receipt({ hold: isHold });
      expect(await bench.mock.pay(id, { card: CARD })).toMatchObject({ outcome: "declined", code: -31630 });
      expect([bench.mock.receipt(id)?.state, movements(bench.mock)]).toEqual([0, []]);
      expect(bench.asked()).toEqual(["CheckPerform", "Create", "Cancel2"]);
      expect(await bench.shop.order()).toMatchObject({ status: "new" });
    }
  });

  it("only what was performed may be paid again: a queued hold is never taken without PerformTransaction", async () => {
    const { mock, receipt, pass } = openBilling({ choices: { cancelEnds: 4, cancelledHold: "queued" } });
    const ids: string[] = [];
    for (const hold of [true, false]) {
      const { _id: id } = await receipt({ hold });
      expect(await mock.pay(id, { card: CARD })).toMatchObject({ outcome: hold ? "held" : "paid" });
      expect(await mock.cancel(id)).toMatchObject({ state: 21 });
      ids.push(id);
    }
    pass(60_000);
    expect(ids.map((id) => [mock.billing?.transaction(id)?.state, mock.receipt(id)?.state])).toEqual([
      [-1, 50],
      [-2, 4],
    ]);
  });
});
