import { describe, expect, it } from "vitest";
import { refusal } from "./refusal";
import { createShop, TEST_KEY } from "./shop";

const HOUR = 3_600_000;

describe("GetStatement", () => {
  it.each([
    ["no from", { to: 1 }, "from"],
    ["no to", { from: 1 }, "to"],
    ["times in text", { from: "1", to: "2" }, "from"],
    ["from after to", { from: 2, to: 1 }, "from"],
  ])("refuses %s", async (_name, params, data) => {
    expect(await createShop().twice("GetStatement", params)).toEqual(refusal(-32600, data));
  });

  it("is empty where nothing was", async () => {
    expect(await createShop().twice("GetStatement", { from: 0, to: 1 })).toEqual({
      result: { transactions: [] },
      id: 7,
    });
  });

  it("goes by Payme's time, both ends included, ascending, in all states, with accounts as they came, live only", async () => {
    const shop = createShop();
    const start = shop.now();
    const created: [string, number][] = [
      ["late", 3],
      ["early", 1],
      ["middle", 2],
    ];
    for (const [id, order] of created) {
      const account = { order_id: String(order), extra: true };
      await shop.call("CreateTransaction", shop.create(id, { time: start + order, account }));
    }
    await shop.call("CreateTransaction", shop.create("test", { time: start + 2 }), TEST_KEY);
    await shop.call("PerformTransaction", { id: "middle" });
    await shop.call("CancelTransaction", { id: "early", reason: 3 });
    const whole = await shop.twice("GetStatement", { from: start + 1, to: start + 3 });
    expect(whole.result?.transactions).toMatchObject([
      {
        id: "early",
        time: start + 1,
        state: -1,
        reason: 3,
        account: { order_id: "1", extra: true },
        amount: 5_000_000,
      },
      { id: "middle", state: 2, perform_time: shop.now(), cancel_time: 0, reason: null },
      { id: "late", state: 1, create_time: shop.now(), perform_time: 0, receivers: null },
    ]);
    const one = await shop.call("GetStatement", { from: start + 2, to: start + 2 });
    expect(one.result?.transactions).toMatchObject([{ id: "middle" }]);
  });

  it("is whole over many pages, also where all have one time", async () => {
    const shop = createShop({ findBalance: () => ({}) });
    for (let n = 0; n < 1_203; n += 1)
      await shop.call("CreateTransaction", shop.create(`t${String(n).padStart(5, "0")}`));
    const { result } = await shop.call("GetStatement", { from: shop.now(), to: shop.now() });
    const ids = transactionsOf(result).map(({ id }) => id);
    expect(ids).toHaveLength(1_203);
    expect(ids).toEqual(ids.toSorted());
  });
});

describe("SetFiscalData", () => {
  const data = { receipt_id: 341, status_code: 0, message: "accepted", date: "20260101050105" };

  it.each([
    ["an unknown receipt", { id: "x", type: "PERFORM", fiscal_data: data }, refusal(-32001)],
    ["another type", { id: "a", type: "SALE", fiscal_data: data }, refusal(-32602, "type")],
    ["no data", { id: "a", type: "PERFORM" }, refusal(-32602, "fiscal_data")],
    ["no id", { type: "PERFORM", fiscal_data: data }, refusal(-32602, "id")],
  ])("refuses %s", async (_name, params, expected) => {
    const shop = createShop();
    await shop.call("CreateTransaction", shop.create("a"));
    expect(await shop.twice("SetFiscalData", params)).toEqual(expected);
  });

  it("keeps PERFORM and CANCEL apart, and says whether they were accepted", async () => {
    const seen: [string, boolean][] = [];
    const shop = createShop({ onFiscalData: ({ type, accepted }) => seen.push([type, accepted]) });
    await shop.call("CreateTransaction", shop.create("a"));
    expect(await shop.call("SetFiscalData", { id: "a", type: "PERFORM", fiscal_data: data })).toMatchObject({
      result: { success: true },
    });
    await shop.call("SetFiscalData", { id: "a", type: "CANCEL", fiscal_data: { ...data, status_code: 5 } });
    expect(seen).toEqual([
      ["PERFORM", true],
      ["CANCEL", false],
    ]);
    expect(await shop.storage.findTransaction({ cashbox: "default", mode: "live" }, "a")).toMatchObject({
      fiscalPerform: data,
      fiscalCancel: { status_code: 5 },
    });
  });
});

describe("ChangePassword", () => {
  it("is a method only where the shop keeps keys itself", async () => {
    const keys: string[] = [];
    const shop = createShop({ onChangePassword: (key) => keys.push(key) });
    expect(await shop.call("ChangePassword", { password: "new" })).toMatchObject({ result: { success: true } });
    expect(await shop.call("ChangePassword", {})).toEqual(refusal(-32600, "password"));
    expect(keys).toEqual(["new"]);
  });
});

describe("sweep and isBeingPaid", () => {
  it("frees what has expired, once, and tells the shop", async () => {
    const shop = createShop();
    await shop.call("CreateTransaction", shop.create("a"));
    expect(await shop.merchant.isBeingPaid({ order_id: 1 })).toBe(true);
    expect(await shop.merchant.sweep()).toEqual({ expired: 0 });
    shop.pass(12 * HOUR + 1);
    expect(await shop.merchant.isBeingPaid({ order_id: 1 })).toBe(false);
    const both = await Promise.all([shop.merchant.sweep(), shop.merchant.sweep()]);
    expect(both.map(({ expired }) => expired).sort()).toEqual([0, 1]);
    expect(shop.order()).toMatchObject({ status: "new" });
  });

  it("leaves what is paid alone", async () => {
    const shop = createShop();
    await shop.call("CreateTransaction", shop.create("a"));
    await shop.call("PerformTransaction", { id: "a" });
    shop.pass(13 * HOUR);
    expect(await shop.merchant.sweep()).toEqual({ expired: 0 });
    expect(await shop.merchant.isBeingPaid({ order_id: 1 })).toBe(false);
  });
});

function transactionsOf(result: Record<string, unknown> | undefined): { id: string }[] {
  return Array.isArray(result?.transactions) ? result.transactions : [];
}
