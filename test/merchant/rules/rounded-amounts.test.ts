import { expect, it } from "vitest";
import { type Tiyin, tiyin } from "../../../src/kit/money";
import { refusal } from "../../merchant/refusal";
import { onEachStorage, statementOf } from "./on-each-storage";

const PRICE = tiyin(150_050);
const ROUNDED = tiyin(150_100);

onEachStorage("a cashbox that rounds up to whole som", (open) => {
  const order = ({ order_id }: { order_id: number }) => ({ reference: order_id, amount: PRICE });

  it("takes its amount only where the endpoint knows that it rounds", async () => {
    const shop = await open({ find: order });
    expect(await shop.twice("CheckPerformTransaction", shop.create("a", { amount: ROUNDED }))).toEqual(refusal(-31001));
    expect(await shop.twice("CreateTransaction", shop.create("a", { amount: ROUNDED }))).toEqual(refusal(-31001));
  });

  it("is paid by the rounded amount, which is stored and given to the hooks", async () => {
    const given: Tiyin[] = [];
    const onPaid = ({ amount }: { amount: Tiyin }) => {
      given.push(amount);
      return true;
    };
    const shop = await open({ roundsToSom: true, find: order, onPaid });
    const params = shop.create("a", { amount: ROUNDED });
    expect(await shop.twice("CheckPerformTransaction", params)).toMatchObject({ result: { allow: true } });
    expect(await shop.twice("CreateTransaction", params)).toMatchObject({ result: { state: 1 } });
    expect(await shop.twice("PerformTransaction", { id: "a" })).toMatchObject({ result: { state: 2 } });
    expect(given).toEqual([ROUNDED]);
    expect(await statementOf(shop)).toMatchObject([{ id: "a", amount: ROUNDED, state: 2 }]);
  });

  it.each([PRICE - 50, PRICE - 1, PRICE + 1, ROUNDED - 1, ROUNDED + 1, ROUNDED + 100, 0])(
    "is refused any other amount: %i",
    async (amount) => {
      const shop = await open({ roundsToSom: true, find: order });
      expect(await shop.twice("CreateTransaction", shop.create("a", { amount }))).toEqual(refusal(-31001));
    },
  );

  it("may send the price itself: that it is rounded before the first call is not published", async () => {
    const shop = await open({ roundsToSom: true, find: order });
    const params = shop.create("a", { amount: PRICE });
    expect(await shop.twice("CreateTransaction", params)).toMatchObject({ result: { state: 1 } });
    expect(await statementOf(shop)).toMatchObject([{ amount: PRICE }]);
  });

  it("may not change the amount of a transaction from one to the other", async () => {
    const shop = await open({ roundsToSom: true, find: order });
    await shop.call("CreateTransaction", shop.create("a", { amount: ROUNDED }));
    expect(await shop.twice("CreateTransaction", shop.create("a", { amount: PRICE }))).toEqual(refusal(-31008));
  });

  it("rounds a price of whole som to nothing else", async () => {
    const shop = await open({ roundsToSom: true });
    expect(await shop.twice("CreateTransaction", shop.create("a", { amount: 5_000_100 }))).toEqual(refusal(-31001));
    expect(await shop.twice("CreateTransaction", shop.create("a"))).toMatchObject({ result: { state: 1 } });
  });

  it("may send a balance its largest amount rounded up, and none below the smallest", async () => {
    const shop = await open({
      roundsToSom: true,
      find: ({ order_id }) => ({ reference: order_id, min: tiyin(150), max: PRICE }),
    });
    const answers = [149, 150, 200, 150_000, ROUNDED].map((amount, index) =>
      shop.call("CreateTransaction", shop.create(`a${index}`, { amount })),
    );
    expect((await Promise.all(answers)).map(({ error }) => error?.code)).toEqual([-31001, ...Array(4).fill(undefined)]);
    expect(await shop.call("CreateTransaction", shop.create("b", { amount: 150_200 }))).toEqual(refusal(-31001));
  });

  it("divides the rounded amount among receivers that are a function of it", async () => {
    const receivers = (amount: Tiyin) => [
      { id: "shop", amount: tiyin(100_000) },
      { id: "partner", amount: tiyin(amount - 100_000) },
    ];
    const shop = await open({ roundsToSom: true, find: (account) => ({ ...order(account), receivers }) });
    expect(await shop.twice("CreateTransaction", shop.create("a", { amount: ROUNDED }))).toMatchObject({
      result: { receivers: [{ amount: 100_000 }, { amount: 50_100 }] },
    });
  });
});
