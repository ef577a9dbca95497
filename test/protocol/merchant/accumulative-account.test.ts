import { expect, it } from "vitest";
import { refuse } from "../../../src/merchant";
import { tiyin } from "../../../src/money";
import { refusal } from "../../merchant/refusal";
import { HOUR, onEachStorage, statementOf } from "./on-each-storage";

const findBalance = () => ({ min: tiyin(100_000), max: tiyin(9_000_000) });

onEachStorage("an accumulative account", (open) => {
  it.each([
    ["below its least", 99_999, -31001],
    ["above its most", 9_000_001, -31001],
    ["nothing", 0, -31001],
    ["less than nothing", -100_000, -31001],
  ])("refuses %s", async (_name, amount, code) => {
    const shop = await open({ findBalance });
    for (const method of ["CheckPerformTransaction", "CreateTransaction"]) {
      expect(await shop.twice(method, shop.create("a", { amount }))).toEqual(refusal(code));
    }
    const boundless = await open({ findBalance: () => ({}) });
    const taken = await boundless.twice("CreateTransaction", boundless.create("a", { amount }));
    expect(taken).toEqual(amount > 0 ? expect.objectContaining({ id: 7, result: expect.anything() }) : refusal(code));
  });

  it("refuses one that is not there before it looks at the amount", async () => {
    const shop = await open({ findBalance: () => refuse.notFound("order_id") });
    expect(await shop.twice("CreateTransaction", shop.create("a", { amount: 0 }))).toEqual(refusal(-31050, "order_id"));
  });

  it("takes any number of transactions while others are open or paid, at its bounds too", async () => {
    const paid: string[] = [];
    const shop = await open({ findBalance, onPaid: ({ id }) => void paid.push(id) });
    for (const [id, amount] of [
      ["a", 100_000],
      ["b", 9_000_000],
      ["c", 100_000],
    ] as const) {
      expect(await shop.twice("CheckPerformTransaction", shop.create(id, { amount }))).toMatchObject({
        result: { allow: true },
      });
      expect(await shop.twice("CreateTransaction", shop.create(id, { amount }))).toMatchObject({
        result: { state: 1 },
      });
      if (id !== "b") await shop.twice("PerformTransaction", { id });
    }
    expect(paid).toEqual(["a", "c"]);
    expect(await statementOf(shop)).toMatchObject([{ state: 2 }, { state: 1 }, { state: 2 }]);
  });

  it("takes 16 different ones at once", async () => {
    const shop = await open({ findBalance });
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) => shop.call("CreateTransaction", shop.create(`t${n}`))),
    );
    expect(answers.every(({ result }) => result?.state === 1)).toBe(true);
  });

  it("has its transactions expire after 12 hours like any other", async () => {
    const shop = await open({ findBalance });
    await shop.call("CreateTransaction", shop.create("a"));
    shop.pass(12 * HOUR + 1);
    expect(await shop.twice("PerformTransaction", { id: "a" })).toEqual(refusal(-31008));
    expect(await shop.twice("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: -1, reason: 4 } });
  });
});
