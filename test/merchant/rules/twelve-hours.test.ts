import { expect, it } from "vitest";
import { refuse } from "../../../src/entry/merchant";
import { som } from "../../../src/kit/money";
import { refusal } from "../../merchant/refusal";
import { HOUR, onEachStorage, paid, reserved, statementOf } from "./on-each-storage";

const LIFETIME = 43_200_000;
const scope = { cashbox: "default", mode: "live" } as const;

onEachStorage("the 12 hours", (open) => {
  it("count from Payme's time, not from ours", async () => {
    const shop = await open();
    await shop.call("CreateTransaction", shop.create("a", { time: shop.now() - 11 * HOUR }));
    shop.pass(HOUR);
    expect(await shop.call("CheckPerformTransaction", shop.create("b"))).toEqual(refusal(-31099, "order_id"));
    shop.pass(1);
    expect(await shop.twice("PerformTransaction", { id: "a" })).toEqual(refusal(-31008));
    expect(await shop.twice("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: -1, reason: 4 } });
  });

  it("are not over after 12 minutes, nor after 12 hours to the millisecond", async () => {
    const shop = await reserved(await open());
    shop.pass(720_001);
    expect(await shop.twice("CreateTransaction", shop.create("b"))).toEqual(refusal(-31099, "order_id"));
    shop.pass(LIFETIME - 720_001);
    expect(await shop.twice("PerformTransaction", { id: "a" })).toMatchObject({ result: { state: 2 } });
    expect(await shop.order()).toMatchObject({ fulfilled: 1 });
  });

  it("passed, Perform answers -31008: state -1, reason 4, cancel_time, the order free, nothing fulfilled", async () => {
    const shop = await reserved(await open());
    shop.pass(LIFETIME + 1);
    const cancelTime = shop.now();
    expect(await shop.twice("PerformTransaction", { id: "a" })).toEqual(refusal(-31008));
    shop.pass(HOUR);
    expect(await shop.twice("PerformTransaction", { id: "a" })).toEqual(refusal(-31008));
    expect(await shop.twice("CheckTransaction", { id: "a" })).toMatchObject({
      result: { state: -1, reason: 4, cancel_time: cancelTime, perform_time: 0 },
    });
    expect(await shop.order()).toMatchObject({ status: "new", fulfilled: 0 });
  });

  it("passed, a repeated Create answers -31008 and does the same", async () => {
    const shop = await open();
    const params = shop.create("a");
    await shop.call("CreateTransaction", params);
    shop.pass(LIFETIME + 1);
    expect(await shop.twice("CreateTransaction", params)).toEqual(refusal(-31008));
    expect(await statementOf(shop)).toMatchObject([{ id: "a", state: -1, reason: 4, cancel_time: shop.now() }]);
    expect((await shop.order())?.status).toBe("new");
  });

  it("passed, 16 Performs at once release the order once", async () => {
    const released: string[] = [];
    const shop = await reserved(await open({ onReleased: ({ id }) => void released.push(id) }));
    shop.pass(LIFETIME + 1);
    const answers = await Promise.all(Array.from({ length: 16 }, () => shop.send("PerformTransaction", { id: "a" })));
    expect(new Set(answers).size).toBe(1);
    expect(released).toEqual(["a"]);
  });

  it("passed for a new id, it is refused with -31008 and nothing is stored; in the future it is taken", async () => {
    const shop = await open();
    const old = shop.create("a", { time: shop.now() - LIFETIME - 1 });
    expect(await shop.twice("CreateTransaction", old)).toEqual(refusal(-31008));
    expect(await shop.twice("CheckTransaction", { id: "a" })).toEqual(refusal(-31003));
    const justInTime = shop.create("b", { time: shop.now() - LIFETIME });
    expect(await shop.twice("CreateTransaction", justInTime)).toMatchObject({ result: { state: 1 } });
    const tomorrow = shop.create("c", { time: shop.now() + 24 * HOUR, account: { order_id: 2 } });
    expect(await shop.twice("CreateTransaction", tomorrow)).toMatchObject({ result: { state: 1 } });
  });

  it("passed, a new id finds the order free after 13 hours without any sweep", async () => {
    const shop = await reserved(await open());
    shop.pass(13 * HOUR);
    expect(await shop.twice("CheckPerformTransaction", shop.create("b"))).toMatchObject({ result: { allow: true } });
    expect(await shop.twice("CreateTransaction", shop.create("b"))).toMatchObject({ result: { state: 1 } });
    expect(await shop.twice("CheckTransaction", { id: "a" })).toMatchObject({
      result: { state: -1, reason: 4, cancel_time: shop.now() },
    });
    expect(await shop.twice("PerformTransaction", { id: "a" })).toEqual(refusal(-31008));
    expect(await shop.twice("PerformTransaction", { id: "b" })).toMatchObject({ result: { state: 2 } });
    expect(await shop.order()).toMatchObject({ status: "paid", fulfilled: 1 });
  });

  it("passed, a new id finds the order free ten times in a row", async () => {
    const shop = await open();
    for (let n = 0; n < 10; n += 1) {
      expect(await shop.twice("CreateTransaction", shop.create(`t${n}`))).toMatchObject({ result: { state: 1 } });
      shop.pass(13 * HOUR);
    }
    await shop.call("CreateTransaction", shop.create("last"));
    expect(await shop.twice("PerformTransaction", { id: "last" })).toMatchObject({ result: { state: 2 } });
    expect(await shop.order()).toMatchObject({ status: "paid", fulfilled: 1 });
  });

  it("passed, a shop that refuses what it has reserved has the order free after a sweep", async () => {
    const status = { isReserved: false };
    const shop = await open({
      find: () => (status.isReserved ? refuse.unavailable("order_id") : { reference: 1, amount: som(50_000) }),
      onReserved: () => void Object.assign(status, { isReserved: true }),
      onReleased: () => void Object.assign(status, { isReserved: false }),
    });
    await reserved(shop);
    shop.pass(13 * HOUR);
    expect(await shop.twice("CreateTransaction", shop.create("b"))).toEqual(refusal(-31051, "order_id"));
    expect(await shop.merchant.sweep()).toEqual({ expired: 1, failed: 0 });
    expect(await shop.twice("CreateTransaction", shop.create("b"))).toMatchObject({ result: { state: 1 } });
  });

  it("passed, a new id finds an order free that is known by the shop's own reference", async () => {
    const shop = await reserved(await open({ find: () => ({ reference: "five", amount: som(50_000) }) }));
    shop.pass(13 * HOUR);
    expect(await shop.twice("CheckPerformTransaction", shop.create("b"))).toMatchObject({ result: { allow: true } });
    expect(await shop.twice("CreateTransaction", shop.create("b"))).toMatchObject({ result: { state: 1 } });
    expect(await statementOf(shop)).toMatchObject([
      { id: "a", state: -1, reason: 4 },
      { id: "b", state: 1 },
    ]);
  });

  it("passed, a Create that is refused all the same leaves the holder as it was", async () => {
    const shop = await reserved(await open());
    shop.pass(13 * HOUR);
    expect(await shop.twice("CreateTransaction", shop.create("b", { amount: 1 }))).toEqual(refusal(-31001));
    expect(await shop.twice("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: 1 } });
  });

  it("do not end a transaction that is paid", async () => {
    const shop = await paid(await open());
    shop.pass(100 * HOUR);
    expect(await shop.merchant.sweep()).toEqual({ expired: 0, failed: 0 });
    expect(await shop.merchant.isBeingPaid(1)).toBe(false);
    expect(await shop.twice("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: 2 } });
  });

  it("passed, a sweep frees the order, once for two at a time, and tells the shop and the book of events", async () => {
    const shop = await reserved(await open());
    expect(await shop.merchant.isBeingPaid(1)).toBe(true);
    expect(await shop.merchant.sweep()).toEqual({ expired: 0, failed: 0 });
    shop.pass(LIFETIME + 1);
    expect(await shop.merchant.isBeingPaid(1)).toBe(false);
    const both = await Promise.all([shop.merchant.sweep(), shop.merchant.sweep()]);
    expect(both.map(({ expired }) => expired).sort()).toEqual([0, 1]);
    expect(await shop.order()).toMatchObject({ status: "new" });
    const events = await shop.storage.listEvents(scope, { kinds: ["transaction.expired"], limit: 9 });
    expect(events).toMatchObject([{ subject: "1", paymeId: "a", data: { state: -1, reason: 4 } }]);
  });

  it("passed, end no hold and no charge at Payme: what a person was told of them stays open", async () => {
    const shop = await reserved(await open());
    const kinds = ["effect_failed", "no_fulfiller", "hold_expiring", "charge_unknown", "charge_blocked"];
    const told = { ...scope, subject: "1", paymeId: "a", at: shop.now() };
    await shop.storage.appendEvents(kinds.map((kind) => ({ ...told, kind })));
    shop.pass(LIFETIME + 1);
    await shop.merchant.sweep();
    const left = await shop.storage.listEvents(scope, { open: true, limit: 9 });
    expect(left.map(({ kind }) => kind)).toEqual(["hold_expiring", "charge_unknown", "charge_blocked"]);
  });

  it("passed, a sweep goes on behind a hook that fails: it is told of, and tried again", async () => {
    const broken = { order: 1 };
    const shop = await open({
      onReleased: ({ account }) => {
        if (account.order_id === broken.order) throw new Error("the warehouse is away");
      },
    });
    for (const id of [1, 2, 3]) {
      await shop.call("CreateTransaction", shop.create(`t${id}`, { account: { order_id: id } }));
      shop.pass(1);
    }
    shop.pass(13 * HOUR);
    expect(await shop.merchant.sweep()).toEqual({ expired: 2, failed: 1 });
    expect(shop.lines.join()).toContain("the warehouse is away");
    expect(await shop.storage.listEvents(scope, { kinds: ["effect_failed"], limit: 9 })).toMatchObject([
      { paymeId: "t1" },
    ]);
    broken.order = 0;
    expect(await shop.merchant.sweep()).toEqual({ expired: 1, failed: 0 });
  });

  it("passed, those whose hook always fails are passed over, more than a page of them, and no more are freed than asked for", async () => {
    const shop = await open({
      onReleased: ({ account }) => {
        if (account.order_id <= 3) throw new Error("the warehouse is away");
      },
    });
    for (const id of [1, 2, 3, 4, 5, 6]) {
      await shop.call("CreateTransaction", shop.create(`t${id}`, { account: { order_id: id } }));
    }
    shop.pass(13 * HOUR);
    expect(await shop.merchant.sweep({ limit: 2 })).toEqual({ expired: 2, failed: 3 });
    expect(await shop.merchant.sweep({ limit: 2 })).toEqual({ expired: 1, failed: 3 });
    expect(await shop.merchant.sweep({ limit: 2 })).toEqual({ expired: 0, failed: 3 });
  });
});
