import { describe, expect, it } from "vitest";
import { tiyin } from "../../src/money";
import { refusal } from "./refusal";
import { createShop, TEST_KEY } from "./shop";

const HOUR = 3_600_000;

describe("CheckPerformTransaction", () => {
  it.each([
    ["an unknown order", { account: { order_id: 99 } }, refusal(-31050, "order_id")],
    ["no account", { account: undefined }, refusal(-31050, "order_id")],
    ["an empty account", { account: {} }, refusal(-31050, "order_id")],
    ["an account that is a list", { account: [1] }, refusal(-31050, "order_id")],
    ["an order that is no number", { account: { order_id: "1 OR 1=1" } }, refusal(-31050, "order_id")],
    ["an order that is an object", { account: { order_id: { a: 1 } } }, refusal(-31050, "order_id")],
    ["a wrong amount", { amount: 77 }, refusal(-31001)],
    ["an amount in som", { amount: 50_000 }, refusal(-31001)],
    ["nothing", { amount: 0 }, refusal(-31001)],
    ["less than nothing", { amount: -5_000_000 }, refusal(-31001)],
    ["an amount in text", { amount: "5000000" }, refusal(-32600, "amount")],
    ["a broken amount", { amount: 5_000_000.5 }, refusal(-32600, "amount")],
  ])("refuses %s, and so does CreateTransaction", async (_name, change, expected) => {
    const shop = createShop();
    const params = shop.create("a", change);
    expect(await shop.twice("CheckPerformTransaction", params)).toEqual(expected);
    expect(await shop.twice("CreateTransaction", params)).toEqual(expected);
    expect(shop.order()?.status).toBe("new");
  });

  it("says the account's fault before the amount's", async () => {
    const shop = createShop();
    expect(await shop.call("CheckPerformTransaction", { amount: 1, account: { order_id: 99 } })).toEqual(
      refusal(-31050, "order_id"),
    );
  });

  it("allows what can be paid, and changes nothing", async () => {
    const shop = createShop();
    expect(await shop.twice("CheckPerformTransaction", { amount: 5_000_000, account: { order_id: "1" } })).toEqual({
      result: { allow: true },
      id: 7,
    });
    expect(shop.order()?.status).toBe("new");
  });

  it("brings the fiscal detail and what else is shown", async () => {
    const detail = { receipt_type: 0, items: [] } as const;
    const findOrder = () => ({
      amount: tiyin(5_000_000),
      detail: { ...detail, items: [] },
      additional: { customer: "A. K." },
    });
    const shop = createShop({ findOrder });
    expect(await shop.call("CheckPerformTransaction", shop.create("a"))).toMatchObject({
      result: { allow: true, detail, additional: { customer: "A. K." } },
    });
  });
});

describe("CreateTransaction", () => {
  it("reserves once, and answers a repeat with the same bytes, whatever the time", async () => {
    const shop = createShop();
    const params = shop.create("a");
    const created = await shop.twice("CreateTransaction", params);
    expect(created).toEqual({ result: { create_time: shop.now(), transaction: "our-1", state: 1 }, id: 7 });
    shop.pass(HOUR);
    expect(await shop.call("CreateTransaction", params)).toEqual(created);
    expect(shop.order()?.status).toBe("reserved");
  });

  it("refuses a second transaction of a busy order: a number, text and an extra member are one order", async () => {
    const shop = createShop();
    await shop.call("CreateTransaction", shop.create("a"));
    for (const account of [{ order_id: 1 }, { order_id: "1" }, { order_id: "1", phone: "998" }]) {
      expect(await shop.twice("CreateTransaction", shop.create("b", { account }))).toEqual(refusal(-31099, "order_id"));
      expect(await shop.twice("CheckPerformTransaction", shop.create("b", { account }))).toEqual(
        refusal(-31099, "order_id"),
      );
    }
  });

  it("lets one of 16 different ones have the order, half a number, half text with an extra member", async () => {
    for (let round = 0; round < 20; round += 1) {
      const shop = createShop();
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, n) =>
          shop.call(
            "CreateTransaction",
            shop.create(`t${n}`, { account: n % 2 ? { order_id: 1 } : { order_id: "1", n } }),
          ),
        ),
      );
      expect(answers.filter(({ result }) => result !== undefined)).toHaveLength(1);
      expect(answers.filter(({ error }) => error?.code === -31099)).toHaveLength(15);
    }
  });

  it("answers 16 equal ones at once with the same bytes, and reserves once", async () => {
    const shop = createShop();
    const params = shop.create("a");
    const answers = await Promise.all(Array.from({ length: 16 }, () => shop.send("CreateTransaction", params)));
    expect(new Set(answers).size).toBe(1);
  });

  it("refuses a known id with another amount, account or time, and changes nothing", async () => {
    const shop = createShop();
    const params = shop.create("a");
    await shop.call("CreateTransaction", params);
    for (const change of [{ amount: 1 }, { account: { order_id: 2 } }, { time: shop.now() + 1 }, { account: {} }]) {
      expect(await shop.twice("CreateTransaction", { ...params, ...change })).toEqual(refusal(-31008));
    }
    expect(shop.lines.join()).toContain("other parameters");
    expect(await shop.call("CreateTransaction", params)).toMatchObject({ result: { state: 1 } });
  });

  it("refuses a new id that is over 12 hours old, and stores nothing of it", async () => {
    const shop = createShop();
    const old = shop.create("a", { time: shop.now() - 12 * HOUR - 1 });
    expect(await shop.twice("CreateTransaction", old)).toEqual(refusal(-31008));
    expect(await shop.call("CheckTransaction", { id: "a" })).toEqual(refusal(-31003));
    const young = shop.create("b", { time: shop.now() - 12 * HOUR });
    expect(await shop.call("CreateTransaction", young)).toMatchObject({ result: { state: 1 } });
  });

  it("expires a transaction that comes again after 12 hours: -1, reason 4, and the order is free", async () => {
    const shop = createShop();
    const params = shop.create("a");
    await shop.call("CreateTransaction", params);
    shop.pass(12 * HOUR + 1);
    expect(await shop.twice("CreateTransaction", params)).toEqual(refusal(-31008));
    expect(await shop.call("CheckTransaction", { id: "a" })).toMatchObject({
      result: { state: -1, reason: 4, cancel_time: shop.now() },
    });
    expect(shop.order()?.status).toBe("new");
  });

  it("gives the order to a new id after 13 hours without any sweep", async () => {
    const shop = createShop();
    await shop.call("CreateTransaction", shop.create("a"));
    shop.pass(13 * HOUR);
    expect(await shop.call("CheckPerformTransaction", shop.create("b"))).toMatchObject({ result: { allow: true } });
    expect(await shop.call("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: 1 } });
    expect(await shop.twice("CreateTransaction", shop.create("b"))).toMatchObject({ result: { state: 1 } });
    expect(await shop.call("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: -1, reason: 4 } });
    expect(shop.order()?.status).toBe("reserved");
  });

  it("takes a new id after the first was cancelled", async () => {
    const shop = createShop();
    await shop.call("CreateTransaction", shop.create("a"));
    await shop.call("CancelTransaction", { id: "a", reason: 2 });
    expect(await shop.twice("CreateTransaction", shop.create("b"))).toMatchObject({ result: { state: 1 } });
  });

  it("answers -32400 when onReserved throws, and stores nothing", async () => {
    const shop = createShop({
      onReserved: () => {
        throw new Error("secret: the warehouse is away");
      },
    });
    const text = await shop.send("CreateTransaction", shop.create("a"));
    expect(JSON.parse(text)).toEqual(refusal(-32400));
    expect(text).not.toContain("secret");
    expect(shop.lines.join()).toContain("the warehouse is away");
    expect(await shop.call("CheckTransaction", { id: "a" })).toEqual(refusal(-31003));
  });

  it("keeps test and live transactions apart", async () => {
    const shop = createShop();
    await shop.call("CreateTransaction", shop.create("a"), TEST_KEY);
    expect(await shop.call("CheckTransaction", { id: "a" })).toEqual(refusal(-31003));
    expect(await shop.call("CreateTransaction", shop.create("b"))).toMatchObject({ result: { state: 1 } });
  });

  it("answers with the receivers of a split payment", async () => {
    const receivers = [{ id: "65f0c1d2e3a4b5c6d7e8f901", amount: 5_000_000 }];
    const shop = createShop({ findOrder: () => ({ amount: tiyin(5_000_000), receivers }) });
    expect(await shop.twice("CreateTransaction", shop.create("a"))).toMatchObject({ result: { receivers } });
  });
});

describe("an accumulative account", () => {
  const findBalance = () => ({ min: tiyin(100_000), max: tiyin(9_000_000) });

  it("takes any number of transactions at once, within its bounds", async () => {
    const shop = createShop({ findBalance });
    for (const id of ["a", "b"]) {
      expect(await shop.twice("CreateTransaction", shop.create(id, { amount: 100_000 }))).toMatchObject({
        result: { state: 1 },
      });
    }
    for (const amount of [99_999, 9_000_001]) {
      expect(await shop.call("CreateTransaction", shop.create("c", { amount }))).toEqual(refusal(-31001));
    }
  });
});
