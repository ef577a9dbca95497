import { expect, it } from "vitest";
import { refusal } from "../../merchant/refusal";
import { HOUR, onEachStorage, paid, reserved } from "./on-each-storage";

onEachStorage("CancelTransaction", (open) => {
  it.each([
    ["an unknown transaction", { id: "x", reason: 5 }, refusal(-31003)],
    ["no id", { reason: 5 }, refusal(-32600, "id")],
    ["no reason", { id: "a" }, refusal(-32600, "reason")],
    ["a reason in text", { id: "a", reason: "5" }, refusal(-32600, "reason")],
    ["a broken reason", { id: "a", reason: 1.5 }, refusal(-32600, "reason")],
  ])("refuses %s", async (_name, params, expected) => {
    const shop = await reserved(await open());
    expect(await shop.twice("CancelTransaction", params)).toEqual(expected);
    expect((await shop.order())?.status).toBe("reserved");
  });

  it("answers -31007 where what was paid for cannot be taken back, and changes nothing", async () => {
    const shop = await paid(await open({ canRefund: () => false }));
    const before = await shop.send("CheckTransaction", { id: "a" });
    expect(await shop.twice("CancelTransaction", { id: "a", reason: 5 })).toEqual(refusal(-31007));
    expect(await shop.send("CheckTransaction", { id: "a" })).toBe(before);
    expect(await shop.order()).toMatchObject({ status: "paid", takenBack: 0 });
  });

  it("does not ask whether it may refund what was never paid", async () => {
    const shop = await reserved(await open({ canRefund: () => false }));
    expect(await shop.twice("CancelTransaction", { id: "a", reason: 3 })).toMatchObject({ result: { state: -1 } });
  });

  it("frees the order, keeps the first reason and time, and answers repeats from them", async () => {
    const shop = await reserved(await open());
    shop.pass(1_000);
    const cancelled = await shop.twice("CancelTransaction", { id: "a", reason: 3 });
    expect(cancelled).toEqual({ result: { transaction: "our-1", cancel_time: shop.now(), state: -1 }, id: 7 });
    const cancelTime = shop.now();
    shop.pass(HOUR);
    expect(await shop.twice("CancelTransaction", { id: "a", reason: 5 })).toEqual(cancelled);
    expect(await shop.twice("CheckTransaction", { id: "a" })).toMatchObject({
      result: { state: -1, reason: 3, perform_time: 0, cancel_time: cancelTime },
    });
    expect(await shop.order()).toMatchObject({ status: "new", takenBack: 0 });
  });

  it("refunds what was performed as -2, once, and keeps perform_time", async () => {
    const shop = await paid(await open());
    const performTime = shop.now();
    shop.pass(HOUR);
    const refunded = await shop.twice("CancelTransaction", { id: "a", reason: 5 });
    expect(refunded).toEqual({ result: { transaction: "our-1", cancel_time: shop.now(), state: -2 }, id: 7 });
    const cancelTime = shop.now();
    shop.pass(HOUR);
    expect(await shop.twice("CancelTransaction", { id: "a", reason: 3 })).toEqual(refunded);
    expect(await shop.twice("CheckTransaction", { id: "a" })).toMatchObject({
      result: { state: -2, perform_time: performTime, cancel_time: cancelTime, reason: 5 },
    });
    expect(await shop.order()).toMatchObject({ status: "refunded", fulfilled: 1, takenBack: 1 });
  });

  it("takes back once for 16 at once, which all get the same bytes", async () => {
    const shop = await paid(await open());
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) => shop.send("CancelTransaction", { id: "a", reason: n })),
    );
    expect(new Set(answers).size).toBe(1);
    expect(await shop.order()).toMatchObject({ takenBack: 1 });
  });

  it.each([1, 2, 3, 4, 5, 10, 77, 0, -3])("keeps the reason %s as it was sent", async (reason) => {
    const shop = await reserved(await open());
    await shop.twice("CancelTransaction", { id: "a", reason });
    expect(await shop.twice("CheckTransaction", { id: "a" })).toMatchObject({ result: { reason } });
  });

  it("finds the order by what was stored: a Cancel names no account", async () => {
    const shop = await open();
    await shop.call("CreateTransaction", shop.create("a", { account: { order_id: 3 } }));
    await shop.twice("CancelTransaction", { id: "a", reason: 3, account: { order_id: 4 } });
    expect(await shop.order(3)).toMatchObject({ status: "new" });
    expect(await shop.call("CreateTransaction", shop.create("b", { account: { order_id: 3 } }))).toMatchObject({
      result: { state: 1 },
    });
  });

  it("cancels an expired one that nobody has swept with the reason that Payme sends", async () => {
    const shop = await reserved(await open());
    shop.pass(13 * HOUR);
    expect(await shop.twice("CancelTransaction", { id: "a", reason: 2 })).toMatchObject({ result: { state: -1 } });
    expect(await shop.twice("CheckTransaction", { id: "a" })).toMatchObject({ result: { reason: 2 } });
    expect((await shop.order())?.status).toBe("new");
  });

  it("leaves it to the shop whether a refunded order can be paid again", async () => {
    const shop = await paid(await open());
    await shop.call("CancelTransaction", { id: "a", reason: 5 });
    expect(await shop.twice("CreateTransaction", shop.create("b"))).toEqual(refusal(-31051, "order_id"));
  });

  it("against a Perform at once has one consistent end, of which the books and the answers agree", async () => {
    for (let round = 0; round < 10; round += 1) {
      const shop = await reserved(await open());
      const jobs = [
        () => shop.call("PerformTransaction", { id: "a" }),
        () => shop.call("CancelTransaction", { id: "a", reason: 3 }),
      ];
      const answers = await Promise.all((round % 2 ? jobs : jobs.reverse()).map((job) => job()));
      const { result } = await shop.call("CheckTransaction", { id: "a" });
      const isPerformed = answers.some((answer) => answer.result?.state === 2);
      expect(result?.state).toBe(isPerformed ? -2 : -1);
      expect(await shop.order()).toMatchObject({ fulfilled: isPerformed ? 1 : 0, takenBack: isPerformed ? 1 : 0 });
    }
  });
});
