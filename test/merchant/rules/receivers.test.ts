import { expect, it } from "vitest";
import { type Tiyin, tiyin } from "../../../src/kit/money";
import { refusal } from "../../merchant/refusal";
import { onEachStorage, statementOf } from "./on-each-storage";

const PRICE = tiyin(5_000_000);

/** What JavaScript lets a shop give, whatever the types say. */
const wrong: [string, unknown, string][] = [
  ["a sum below the amount", [{ id: "a", amount: 4_999_999 }], "sum to 4999999 tiyin, and 5000000 tiyin are paid"],
  [
    "a sum above the amount",
    [
      { id: "a", amount: PRICE },
      { id: "b", amount: 1 },
    ],
    "sum to 5000001 tiyin",
  ],
  [
    "a negative share",
    [
      { id: "a", amount: 6_000_000 },
      { id: "b", amount: -1_000_000 },
    ],
    "receivers[1].amount: -1000000",
  ],
  [
    "a share of nothing",
    [
      { id: "a", amount: PRICE },
      { id: "b", amount: 0 },
    ],
    "receivers[1].amount: 0",
  ],
  ["a share as text", [{ id: "a", amount: "5000000" }], 'receivers[0].amount: \\"5000000\\"'],
  [
    "a share with decimals",
    [
      { id: "a", amount: 2_500_000.5 },
      { id: "b", amount: 2_499_999.5 },
    ],
    "receivers[0].amount: 2500000.5",
  ],
  ["no share", [{ id: "a" }], "receivers[0].amount: undefined"],
  ["no id", [{ amount: PRICE }], "receivers[0].id: undefined"],
  ["an empty id", [{ id: " ", amount: PRICE }], 'receivers[0].id: \\" \\"'],
  ["an id that is a number", [{ id: 65, amount: PRICE }], "receivers[0].id: 65"],
  ["a receiver that is text", ["a"], 'receivers[0]: \\"a\\"'],
  ["an empty list", [], "receivers: an empty list"],
  ["text", "65f0", 'receivers: \\"65f0\\"'],
  ["one receiver instead of a list", { id: "a", amount: PRICE }, "receivers: an object"],
];

onEachStorage("receivers", (open) => {
  it.each(wrong)("that are %s are refused before anything is stored or answered", async (_name, given, seen) => {
    const receivers = JSON.parse(JSON.stringify(given));
    const shop = await open({ find: ({ order_id }) => ({ reference: order_id, amount: PRICE, receivers }) });
    for (const method of ["CheckPerformTransaction", "CreateTransaction"]) {
      expect(await shop.twice(method, shop.create("a"))).toEqual(refusal(-32400));
      expect(shop.lines.at(-1)).toContain(seen);
      expect(shop.lines.at(-1)).toContain('"hint":');
    }
    expect(await statementOf(shop)).toEqual([]);
  });

  it("by a function are checked for the amount that is paid", async () => {
    const receivers = (amount: Tiyin) => [{ id: "a", amount: amount > 100 ? PRICE : amount }];
    const shop = await open({ find: ({ order_id }) => ({ reference: order_id, min: tiyin(1), receivers }) });
    expect(await shop.twice("CreateTransaction", shop.create("a", { amount: 100 }))).toMatchObject({
      result: { receivers: [{ id: "a", amount: 100 }] },
    });
    expect(await shop.twice("CreateTransaction", shop.create("b", { amount: 101 }))).toEqual(refusal(-32400));
  });

  it("whose sum no number holds exactly are compared exactly", async () => {
    const most = tiyin(Number.MAX_SAFE_INTEGER);
    const receivers = [most, most, 2].map((amount, index) => ({ id: `r${index}`, amount: tiyin(amount) }));
    const shop = await open({ find: ({ order_id }) => ({ reference: order_id, amount: most, receivers }) });
    expect(await shop.twice("CreateTransaction", shop.create("a", { amount: most }))).toEqual(refusal(-32400));
  });

  it.each([undefined, null])("may be left out: %s", async (receivers) => {
    const found = Object.assign({ amount: PRICE }, receivers === undefined ? {} : JSON.parse('{"receivers":null}'));
    const shop = await open({ find: ({ order_id }) => ({ reference: order_id, ...found }) });
    const { result } = await shop.twice("CreateTransaction", shop.create("a"));
    expect(result).not.toHaveProperty("receivers");
  });
});
