import { expect, it } from "vitest";
import { som } from "../../../src/kit/money";
import { transactionRow } from "../../ledger/rows";
import { refusal } from "../../merchant/refusal";
import { TEST_KEY } from "../../merchant/shop";
import { onEachStorage, statementOf } from "./on-each-storage";

onEachStorage("GetStatement", (open) => {
  it.each([
    ["no from", { to: 1 }, "from"],
    ["no to", { from: 1 }, "to"],
    ["times in text", { from: "1", to: "2" }, "from"],
    ["a broken time", { from: 1, to: 2.5 }, "to"],
    ["a time that is null", { from: null, to: 2 }, "from"],
    ["from after to", { from: 2, to: 1 }, "from"],
  ])("refuses %s", async (_name, params, data) => {
    expect(await (await open()).twice("GetStatement", params)).toEqual(refusal(-32600, data));
  });

  it("is empty where nothing was", async () => {
    const empty = { result: { transactions: [] }, id: 7 };
    expect(await (await open()).twice("GetStatement", { from: 0, to: 1 })).toEqual(empty);
  });

  it("has no line for what was refused, and none for a Check", async () => {
    const shop = await open();
    await shop.call("CheckPerformTransaction", shop.create("a"));
    await shop.call("CreateTransaction", shop.create("a", { amount: 1 }));
    await shop.call("CreateTransaction", shop.create("b", { account: { order_id: 99 } }));
    expect(await statementOf(shop)).toEqual([]);
  });

  it("has all members in each line: ids, Payme's time, tiyin, the account as it came, our times, state, reason", async () => {
    const shop = await open();
    const account = { phone: "998", order_id: "1", extra: { deep: [true, null] } };
    const time = shop.now() - 5_000;
    await shop.call("CreateTransaction", shop.create("a", { time, account }));
    const create_time = shop.now();
    shop.pass(1_000);
    await shop.call("PerformTransaction", { id: "a" });
    const perform_time = shop.now();
    shop.pass(1_000);
    await shop.call("CancelTransaction", { id: "a", reason: 5 });
    const line = {
      id: "a",
      time,
      amount: 5_000_000,
      account,
      create_time,
      perform_time,
      cancel_time: shop.now(),
      transaction: "our-1",
      state: -2,
      reason: 5,
      receivers: null,
    };
    const { result } = await shop.twice("GetStatement", { from: time, to: time });
    expect(result).toEqual({ transactions: [line] });
    const { account: received } = Object(result).transactions[0];
    expect(JSON.stringify(received)).toBe(JSON.stringify(account));
  });

  it("goes by Payme's time, both ends included, ascending, in all states, live ones only", async () => {
    const shop = await open();
    const start = shop.now();
    // Created in another order than Payme's times are in.
    const created: [string, number][] = [
      ["refunded", 4],
      ["created", 1],
      ["cancelled", 3],
      ["performed", 2],
    ];
    for (const [id, order] of created) {
      await shop.call("CreateTransaction", shop.create(id, { time: start + order, account: { order_id: order } }));
      shop.pass(1);
    }
    await shop.call("CreateTransaction", shop.create("test", { time: start + 2 }), TEST_KEY);
    for (const id of ["performed", "refunded"]) await shop.call("PerformTransaction", { id });
    for (const id of ["cancelled", "refunded"]) await shop.call("CancelTransaction", { id, reason: 5 });
    const linesOf = (from: number, to: number) => statementOf(shop, { from: start + from, to: start + to });
    expect(await linesOf(1, 4)).toMatchObject([
      { id: "created", state: 1, perform_time: 0, cancel_time: 0, reason: null },
      { id: "performed", state: 2, cancel_time: 0, reason: null },
      { id: "cancelled", state: -1, perform_time: 0, reason: 5 },
      { id: "refunded", state: -2, reason: 5 },
    ]);
    expect(await linesOf(2, 2)).toMatchObject([{ id: "performed" }]);
    expect(await linesOf(2, 3)).toMatchObject([{ id: "performed" }, { id: "cancelled" }]);
    expect(await linesOf(0, 0)).toEqual([]);
    expect(await linesOf(5, 9)).toEqual([]);
  });

  it("is whole over many pages, ordered by time and then id, also where all have one time", async () => {
    const shop = await open({ find: ({ order_id }) => ({ reference: order_id, min: som(1) }) });
    const ids = Array.from({ length: 1_203 }, (_, n) => `t${String((n * 7) % 1_203).padStart(5, "0")}`);
    await shop.storage.transaction(async (tx) => {
      for (const paymeId of ids) await shop.storage.using(tx).addTransaction(row(paymeId, shop.now()));
    });
    const lines = await statementOf(shop, { from: shop.now(), to: shop.now() });
    expect(lines.map((line) => Reflect.get(Object(line), "id"))).toEqual(ids.toSorted());
  });
});

function row(paymeId: string, time: number) {
  return transactionRow({ cashbox: "default", mode: "live", paymeId, reference: paymeId, time, createTime: time });
}
