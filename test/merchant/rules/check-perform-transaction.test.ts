import { expect, it } from "vitest";
import { tiyin } from "../../../src/kit/money";
import { refusal } from "../../merchant/refusal";
import { HOUR, onEachStorage, paid, reserved, statementOf } from "./on-each-storage";

onEachStorage("CheckPerformTransaction", (open) => {
  // Whether Check and Create judge alike is a rule of each row: both are asked.
  it.each([
    ["an unknown order", { account: { order_id: 99 } }, refusal(-31050, "order_id")],
    ["no account", { account: undefined }, refusal(-31050, "order_id")],
    ["an empty account", { account: {} }, refusal(-31050, "order_id")],
    ["an account that is a list", { account: [1] }, refusal(-31050, "order_id")],
    ["an account that is null", { account: null }, refusal(-31050, "order_id")],
    ["an order that is no number", { account: { order_id: "1 OR 1=1" } }, refusal(-31050, "order_id")],
    ["an order that is an object", { account: { order_id: { a: 1 } } }, refusal(-31050, "order_id")],
    ["an order of another field", { account: { req: 1 } }, refusal(-31050, "order_id")],
    ["a wrong amount", { amount: 77 }, refusal(-31001)],
    ["an amount in som", { amount: 50_000 }, refusal(-31001)],
    ["one tiyin too much", { amount: 5_000_001 }, refusal(-31001)],
    ["one tiyin too little", { amount: 4_999_999 }, refusal(-31001)],
    ["nothing", { amount: 0 }, refusal(-31001)],
    ["less than nothing", { amount: -5_000_000 }, refusal(-31001)],
    ["an amount in text", { amount: "5000000" }, refusal(-32600, "amount")],
    ["a broken amount", { amount: 5_000_000.5 }, refusal(-32600, "amount")],
    ["no amount", { amount: undefined }, refusal(-32600, "amount")],
  ])("refuses %s, and so does CreateTransaction", async (_name, change, expected) => {
    const shop = await open();
    const params = shop.create("a", change);
    expect(await shop.twice("CheckPerformTransaction", params)).toEqual(expected);
    expect(await shop.twice("CreateTransaction", params)).toEqual(expected);
    expect((await shop.order())?.status).toBe("new");
    expect(await statementOf(shop)).toEqual([]);
  });

  it.each([1, 0, -1, 5_000_001])("says the account's fault before the amount's, %s tiyin", async (amount) => {
    const shop = await open();
    const unknown = shop.create("a", { amount, account: { order_id: 99 } });
    for (const method of ["CheckPerformTransaction", "CreateTransaction"]) {
      expect(await shop.twice(method, unknown)).toEqual(refusal(-31050, "order_id"));
    }
  });

  it("says the amount's fault before that the order is busy", async () => {
    const shop = await reserved(await open());
    for (const method of ["CheckPerformTransaction", "CreateTransaction"]) {
      expect(await shop.twice(method, shop.create("b", { amount: 1 }))).toEqual(refusal(-31001));
    }
  });

  it("refuses an order that is being paid, and one that is paid", async () => {
    const shop = await reserved(await open());
    const params = shop.create("b");
    expect(await shop.twice("CheckPerformTransaction", params)).toEqual(refusal(-31099, "order_id"));
    const sold = await paid(await open());
    expect(await sold.twice("CheckPerformTransaction", params)).toEqual(refusal(-31051, "order_id"));
  });

  it("allows what can be paid with `allow: true` and nothing else, and changes nothing", async () => {
    const shop = await open();
    const params = { amount: 5_000_000, account: { order_id: "1" } };
    expect(await shop.send("CheckPerformTransaction", params)).toBe('{"result":{"allow":true},"id":7}');
    expect(await shop.twice("CheckPerformTransaction", params)).toEqual({ result: { allow: true }, id: 7 });
    expect((await shop.order())?.status).toBe("new");
    expect(await statementOf(shop)).toEqual([]);
  });

  it("brings the fiscal detail and what else is shown, inside the result", async () => {
    const item = { title: "Tea", price: tiyin(5_000_000), count: 1, code: "0", package_code: "1", vat_percent: 12 };
    const detail = { receipt_type: 0 as const, items: [item] };
    const additional = { customer: "A. K." };
    const shop = await open({
      find: ({ order_id }) => ({ reference: order_id, amount: tiyin(5_000_000), detail, additional }),
    });
    expect(await shop.twice("CheckPerformTransaction", shop.create("a"))).toEqual({
      result: { allow: true, additional, detail },
      id: 7,
    });
  });

  it("takes an expired holder as gone, and changes nothing of it", async () => {
    const shop = await reserved(await open());
    shop.pass(12 * HOUR + 1);
    const before = await shop.send("CheckTransaction", { id: "a" });
    expect(await shop.twice("CheckPerformTransaction", shop.create("b"))).toEqual({ result: { allow: true }, id: 7 });
    expect(await shop.send("CheckTransaction", { id: "a" })).toBe(before);
    expect((await shop.order())?.status).toBe("reserved");
  });
});
