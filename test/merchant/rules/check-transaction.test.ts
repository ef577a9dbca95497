import { expect, it } from "vitest";
import { refusal } from "../../merchant/refusal";
import { HOUR, onEachStorage, paid, reserved } from "./on-each-storage";

onEachStorage("CheckTransaction", (open) => {
  it.each([
    ["an unknown transaction", { id: "x" }, refusal(-31003)],
    ["no id", {}, refusal(-32600, "id")],
    ["an id that is null", { id: null }, refusal(-32600, "id")],
  ])("refuses %s", async (_name, params, expected) => {
    const shop = await reserved(await open());
    expect(await shop.twice("CheckTransaction", params)).toEqual(expected);
  });

  it("has all six members in each state: 0 for a time that was not, null for no reason", async () => {
    const shop = await reserved(await open());
    const create_time = shop.now();
    const checked = () => shop.twice("CheckTransaction", { id: "a" });
    const common = { create_time, transaction: "our-1" };
    expect(await checked()).toEqual({
      result: { ...common, perform_time: 0, cancel_time: 0, state: 1, reason: null },
      id: 7,
    });
    shop.pass(1);
    const perform_time = shop.now();
    await shop.call("PerformTransaction", { id: "a" });
    expect(await checked()).toEqual({
      result: { ...common, perform_time, cancel_time: 0, state: 2, reason: null },
      id: 7,
    });
    shop.pass(1);
    const cancel_time = shop.now();
    await shop.call("CancelTransaction", { id: "a", reason: 5 });
    expect(await checked()).toEqual({ result: { ...common, perform_time, cancel_time, state: -2, reason: 5 }, id: 7 });
  });

  it("has them when it was cancelled before it was paid", async () => {
    const shop = await reserved(await open());
    await shop.call("CancelTransaction", { id: "a", reason: 1 });
    expect(await shop.twice("CheckTransaction", { id: "a" })).toEqual({
      result: {
        create_time: shop.now(),
        transaction: "our-1",
        perform_time: 0,
        cancel_time: shop.now(),
        state: -1,
        reason: 1,
      },
      id: 7,
    });
  });

  it("changes nothing, of an expired one neither", async () => {
    const shop = await reserved(await open());
    shop.pass(13 * HOUR);
    expect(await shop.twice("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: 1, cancel_time: 0 } });
    expect((await shop.order())?.status).toBe("reserved");
  });

  it("shows what is paid as paid for ever", async () => {
    const shop = await paid(await open());
    shop.pass(1_000 * HOUR);
    expect(await shop.twice("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: 2, reason: null } });
  });
});
