import { describe, expect, it } from "vitest";
import { createMerchantApi } from "../../../src/entry/merchant";
import { som } from "../../../src/kit/money";
import { memoryStorage } from "../../../src/storage/memory/memory-storage";
import { refusal } from "../../merchant/refusal";
import { TEST_KEY } from "../../merchant/shop";
import { onEachStorage, reserved, statementOf } from "./on-each-storage";

onEachStorage("a one-time order that another transaction holds", (open) => {
  it("is refused in the account range with the field: a number, text and an extra member are one order", async () => {
    const shop = await reserved(await open());
    for (const account of [{ order_id: 1 }, { order_id: "1" }, { order_id: "01" }, { order_id: "1", phone: "998" }]) {
      for (const method of ["CreateTransaction", "CheckPerformTransaction"]) {
        expect(await shop.twice(method, shop.create("b", { account }))).toEqual(refusal(-31099, "order_id"));
      }
    }
    expect(await statementOf(shop)).toHaveLength(1);
  });

  it("goes to one of 16 different ones at once, half a number, half text with an extra member", async () => {
    for (let order = 1; order <= 5; order += 1) {
      const shop = await open();
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, n) =>
          shop.call(
            "CreateTransaction",
            shop.create(`t${n}`, { account: n % 2 ? { order_id: order } : { order_id: String(order), n } }),
          ),
        ),
      );
      expect(answers.filter(({ result }) => result !== undefined)).toHaveLength(1);
      expect(answers.filter(({ error }) => error?.code === -31099)).toHaveLength(15);
      expect(await statementOf(shop)).toHaveLength(1);
    }
  });

  it("is known by the shop's own reference, where the account does not say it", async () => {
    const find = () => ({ reference: "order-of-the-table-5", amount: som(50_000) });
    const shop = await reserved(await open({ find }));
    const other = shop.create("b", { account: { order_id: 2 } });
    expect(await shop.twice("CreateTransaction", other)).toEqual(refusal(-31099, "order_id"));
    expect(await shop.merchant.isBeingPaid("order-of-the-table-5")).toBe(true);
    await shop.call("CancelTransaction", { id: "a", reason: 2 });
    expect(await shop.twice("CreateTransaction", other)).toMatchObject({ result: { state: 1 } });
  });

  it("has another code where one is given, in the account range", async () => {
    const shop = await reserved(await open({ busyCode: -31051 }));
    expect(await shop.twice("CreateTransaction", shop.create("b"))).toEqual(refusal(-31051, "order_id"));
  });

  it("does not keep other orders busy", async () => {
    const shop = await reserved(await open());
    expect(await shop.twice("CreateTransaction", shop.create("b", { account: { order_id: 2 } }))).toMatchObject({
      result: { state: 1 },
    });
  });

  it("is another one under the test key", async () => {
    const shop = await reserved(await open());
    expect(await shop.twice("CreateTransaction", shop.create("b"), TEST_KEY)).toMatchObject({ result: { state: 1 } });
  });
});

describe("a busyCode outside the account range", () => {
  it.each([-31008, -31049, -31100, -31050.5, 0])("%s is refused when the endpoint is made", (busyCode) => {
    const find = () => ({ reference: 1, amount: som(1) });
    const options = { storage: memoryStorage(), key: "key", account: { order_id: "integer" }, find } as const;
    expect(() => createMerchantApi({ ...options, busyCode })).toThrow("-31099 to -31050");
  });
});
