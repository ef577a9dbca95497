import { expect, it } from "vitest";
import { tiyin } from "../../../src/kit/money";
import { refusal } from "../../merchant/refusal";
import { onEachStorage, paid, reserved, statementOf } from "./on-each-storage";

const { MAX_SAFE_INTEGER: MOST, MIN_SAFE_INTEGER: LEAST } = Number;

onEachStorage("the extremes of what is read", (open) => {
  it.each([2_147_483_647, 2_147_483_648, -2_147_483_649, 4_294_967_296, MOST, LEAST, 0, -1])(
    "reason %i is kept by a cancel and by a refund",
    async (reason) => {
      const shop = await reserved(await open());
      expect(await shop.twice("CancelTransaction", { id: "a", reason })).toMatchObject({ result: { state: -1 } });
      expect(await shop.twice("CheckTransaction", { id: "a" })).toMatchObject({ result: { reason } });
      const refunded = await paid(await open());
      expect(await refunded.twice("CancelTransaction", { id: "a", reason })).toMatchObject({ result: { state: -2 } });
      expect(await statementOf(refunded)).toMatchObject([{ state: -2, reason }]);
      expect(await refunded.order()).toMatchObject({ status: "refunded" });
    },
  );

  it.each([MOST + 1, LEAST - 1, 1.5, "5", null, undefined])("reason %s is refused", async (reason) => {
    const shop = await reserved(await open());
    expect(await shop.twice("CancelTransaction", { id: "a", reason })).toEqual(refusal(-32600, "reason"));
  });

  it("time and amount are kept to the last digit, and the period of a statement is as wide", async () => {
    const amount = tiyin(MOST);
    const shop = await open({ find: ({ order_id }) => ({ reference: order_id, amount }) });
    const params = shop.create("a", { amount, time: MOST });
    expect(await shop.twice("CreateTransaction", params)).toMatchObject({ result: { state: 1 } });
    expect(await statementOf(shop, { from: MOST, to: MOST })).toMatchObject([{ amount, time: MOST }]);
    expect(await statementOf(shop, { from: 0, to: MOST - 1 })).toEqual([]);
    expect(await shop.twice("PerformTransaction", { id: "a" })).toMatchObject({ result: { state: 2 } });
  });

  it("an id of 128 characters of four bytes each is one id", async () => {
    const shop = await open();
    const id = "𝒊".repeat(64);
    await shop.twice("CreateTransaction", shop.create(id));
    expect(await shop.twice("PerformTransaction", { id })).toMatchObject({ result: { state: 2 } });
    expect(await shop.twice("PerformTransaction", { id: `${id}𝒊` })).toEqual(refusal(-32600, "id"));
  });
});
