import { expect, it } from "vitest";
import { refuse } from "../../../src/entry/merchant";
import { type Tiyin, tiyin } from "../../../src/kit/money";
import { refusal } from "../../merchant/refusal";
import { HOUR, onEachStorage, statementOf } from "./on-each-storage";

const find = ({ order_id }: { order_id: number }) => ({
  reference: order_id,
  min: tiyin(100_000),
  max: tiyin(9_000_000),
});

onEachStorage("an accumulative account", (open) => {
  it.each([
    ["below its least", 99_999, -31001],
    ["above its most", 9_000_001, -31001],
    ["nothing", 0, -31001],
    ["less than nothing", -100_000, -31001],
  ])("refuses %s", async (_name, amount, code) => {
    const shop = await open({ find });
    for (const method of ["CheckPerformTransaction", "CreateTransaction"]) {
      expect(await shop.twice(method, shop.create("a", { amount }))).toEqual(refusal(code));
    }
    const boundless = await open({ find: ({ order_id }) => ({ reference: order_id, min: tiyin(1) }) });
    const taken = await boundless.twice("CreateTransaction", boundless.create("a", { amount }));
    expect(taken).toEqual(amount > 0 ? expect.objectContaining({ id: 7, result: expect.anything() }) : refusal(code));
  });

  it("refuses one that is not there before it looks at the amount", async () => {
    const shop = await open({ find: () => refuse.notFound("order_id") });
    expect(await shop.twice("CreateTransaction", shop.create("a", { amount: 0 }))).toEqual(refusal(-31050, "order_id"));
  });

  it("takes any number of transactions while others are open or paid, at its bounds too", async () => {
    const paid: string[] = [];
    const shop = await open({ find, onPaid: ({ id }) => paid.push(id) > 0 });
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
    const shop = await open({ find });
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) => shop.call("CreateTransaction", shop.create(`t${n}`))),
    );
    expect(answers.every(({ result }) => result?.state === 1)).toBe(true);
  });

  it("tells what was sold and who gets which part by the amount that is paid, once that is found right", async () => {
    const asked: number[] = [];
    const balance = {
      min: tiyin(100_000),
      additional: { phone: "998" },
      detail: (amount: Tiyin) => {
        asked.push(amount);
        const item = { title: "Top-up", price: amount, count: 1, code: "0", package_code: "1", vat_percent: 12 };
        return { receipt_type: 0 as const, items: [item] };
      },
      receivers: (amount: Tiyin) => [
        { id: "shop", amount: tiyin(amount - 10_000) },
        { id: "platform", amount: tiyin(10_000) },
      ],
    };
    const shop = await open({ find: ({ order_id }) => ({ reference: order_id, ...balance }) });
    for (const amount of [0, 99_999]) {
      expect(await shop.twice("CheckPerformTransaction", shop.create("a", { amount }))).toEqual(refusal(-31001));
    }
    expect(asked).toEqual([]);
    const answer = await shop.twice("CheckPerformTransaction", shop.create("a", { amount: 250_000 }));
    expect(answer.result).toMatchObject({
      allow: true,
      additional: balance.additional,
      detail: { items: [{ price: 250_000 }] },
    });
    const receivers = [
      { id: "shop", amount: 240_000 },
      { id: "platform", amount: 10_000 },
    ];
    expect(await shop.twice("CreateTransaction", shop.create("a", { amount: 250_000 }))).toMatchObject({
      result: { state: 1, receivers },
    });
    expect(await statementOf(shop)).toMatchObject([{ amount: 250_000, receivers }]);
  });

  it("takes what was sold and the parts as they stand, too", async () => {
    const detail = { receipt_type: 0 as const, items: [] };
    const receivers = [{ id: "shop", amount: tiyin(5_000_000) }];
    const shop = await open({ find: ({ order_id }) => ({ reference: order_id, min: tiyin(1), detail, receivers }) });
    expect((await shop.twice("CheckPerformTransaction", shop.create("a"))).result).toEqual({ allow: true, detail });
    expect(await shop.twice("CreateTransaction", shop.create("a"))).toMatchObject({ result: { receivers } });
  });

  it("is held by nobody: isBeingPaid is false, whatever is open", async () => {
    const shop = await open({ find });
    await shop.call("CreateTransaction", shop.create("a"));
    expect(await shop.merchant.isBeingPaid(1)).toBe(false);
  });

  it("has each transaction cancelled, paid and refunded by itself, whatever becomes of the others", async () => {
    const told: string[] = [];
    const shop = await open({
      find,
      onPaid: ({ id, amount }) => told.push(`${id} +${amount}`) > 0,
      onReleased: ({ id }) => void told.push(`${id} 0`),
      onRefunded: ({ id, amount }) => told.push(`${id} -${amount}`) > 0,
    });
    for (const [id, amount] of [
      ["a", 100_000],
      ["b", 200_000],
      ["c", 300_000],
    ] as const) {
      await shop.call("CreateTransaction", shop.create(id, { amount }));
    }
    await shop.twice("PerformTransaction", { id: "b" });
    await shop.twice("CancelTransaction", { id: "a", reason: 2 });
    await shop.twice("PerformTransaction", { id: "c" });
    await shop.twice("CancelTransaction", { id: "b", reason: 5 });
    expect(await shop.twice("PerformTransaction", { id: "a" })).toEqual(refusal(-31008));
    expect(told).toEqual(["b +200000", "a 0", "c +300000", "b -200000"]);
    expect(await statementOf(shop)).toMatchObject([{ state: -1 }, { state: -2 }, { state: 2 }]);
  });

  it("has its transactions expire after 12 hours like any other", async () => {
    const shop = await open({ find });
    await shop.call("CreateTransaction", shop.create("a"));
    shop.pass(12 * HOUR + 1);
    expect(await shop.twice("PerformTransaction", { id: "a" })).toEqual(refusal(-31008));
    expect(await shop.twice("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: -1, reason: 4 } });
  });
});
