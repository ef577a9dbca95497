import { describe, expect, it } from "vitest";
import { refuse } from "../../src/merchant";
import { refusal } from "./refusal";
import { createShop } from "./shop";

const HOUR = 3_600_000;

/** A shop with a transaction `a` of order 1. */
async function reserved(shop = createShop()) {
  await shop.call("CreateTransaction", shop.create("a"));
  return shop;
}

describe("PerformTransaction", () => {
  it.each([
    ["an unknown transaction", { id: "x" }, refusal(-31003)],
    ["no id", {}, refusal(-32600, "id")],
    ["an id that is a number", { id: 5 }, refusal(-32600, "id")],
  ])("refuses %s", async (_name, params, expected) => {
    expect(await createShop().twice("PerformTransaction", params)).toEqual(expected);
  });

  it("fulfils once, and answers a repeat with the same bytes", async () => {
    const shop = await reserved();
    shop.pass(60_000);
    const performed = await shop.twice("PerformTransaction", { id: "a" });
    expect(performed).toEqual({ result: { transaction: "our-1", perform_time: shop.now(), state: 2 }, id: 7 });
    shop.pass(13 * HOUR);
    expect(await shop.call("PerformTransaction", { id: "a" })).toEqual(performed);
    expect(shop.order()).toMatchObject({ status: "paid", fulfilled: 1 });
  });

  it("fulfils once for 16 at once, which all get the same bytes", async () => {
    for (let round = 0; round < 20; round += 1) {
      const shop = await reserved();
      const answers = await Promise.all(Array.from({ length: 16 }, () => shop.send("PerformTransaction", { id: "a" })));
      expect(new Set(answers).size).toBe(1);
      expect(shop.order()).toMatchObject({ fulfilled: 1 });
    }
  });

  it("does not perform after 12 hours: -1, reason 4, and the order is free; at 12 hours to the ms it does", async () => {
    const late = await reserved();
    late.pass(12 * HOUR + 1);
    expect(await late.twice("PerformTransaction", { id: "a" })).toEqual(refusal(-31008));
    expect(await late.call("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: -1, reason: 4 } });
    expect(late.order()).toMatchObject({ status: "new", fulfilled: 0 });
    const inTime = await reserved();
    inTime.pass(12 * HOUR);
    expect(await inTime.call("PerformTransaction", { id: "a" })).toMatchObject({ result: { state: 2 } });
  });

  it("does not perform a cancelled transaction", async () => {
    const shop = await reserved();
    await shop.call("CancelTransaction", { id: "a", reason: 3 });
    expect(await shop.twice("PerformTransaction", { id: "a" })).toEqual(refusal(-31008));
    expect(shop.order()).toMatchObject({ fulfilled: 0 });
  });

  it("answers -32400 when onPaid throws, takes everything back, records it, and performs when it comes again", async () => {
    let works = false;
    const incidents: string[] = [];
    const shop = await reserved(
      createShop({
        onPaid: () => {
          if (!works) throw new Error("secret");
        },
        onIncident: ({ kind }) => incidents.push(kind),
      }),
    );
    const text = await shop.send("PerformTransaction", { id: "a" });
    expect(JSON.parse(text)).toEqual(refusal(-32400));
    expect(text).not.toContain("secret");
    expect(shop.lines.join()).toContain("secret");
    expect(incidents).toEqual(["effect_failed"]);
    expect(await shop.call("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: 1, perform_time: 0 } });
    works = true;
    expect(await shop.twice("PerformTransaction", { id: "a" })).toMatchObject({ result: { state: 2 } });
  });

  it("answers -31008 when a hook says no for good, and records no incident", async () => {
    const incidents: string[] = [];
    const onPaid = () => {
      throw refuse.closed();
    };
    const shop = await reserved(createShop({ onPaid, onIncident: ({ kind }) => incidents.push(kind) }));
    expect(await shop.twice("PerformTransaction", { id: "a" })).toEqual(refusal(-31008));
    expect(incidents).toEqual([]);
  });

  it("holds the order for ever: what is paid cannot be paid again", async () => {
    const shop = await reserved();
    await shop.call("PerformTransaction", { id: "a" });
    for (const method of ["CheckPerformTransaction", "CreateTransaction"]) {
      const answer = await shop.twice(method, shop.create("b"));
      expect(answer.error?.code).toBeLessThanOrEqual(-31050);
      expect(answer.error?.code).toBeGreaterThanOrEqual(-31099);
    }
  });
});

describe("CancelTransaction", () => {
  it.each([
    ["an unknown transaction", { id: "x", reason: 5 }, refusal(-31003)],
    ["no reason", { id: "x" }, refusal(-32600, "reason")],
    ["a reason in text", { id: "x", reason: "5" }, refusal(-32600, "reason")],
  ])("refuses %s", async (_name, params, expected) => {
    expect(await createShop().twice("CancelTransaction", params)).toEqual(expected);
  });

  it("frees the order, keeps the first reason and time, and answers repeats from them", async () => {
    const shop = await reserved();
    const cancelled = await shop.twice("CancelTransaction", { id: "a", reason: 3 });
    expect(cancelled).toEqual({ result: { transaction: "our-1", cancel_time: shop.now(), state: -1 }, id: 7 });
    shop.pass(HOUR);
    expect(await shop.call("CancelTransaction", { id: "a", reason: 5 })).toEqual(cancelled);
    expect(await shop.call("CheckTransaction", { id: "a" })).toMatchObject({ result: { reason: 3, perform_time: 0 } });
    expect(shop.order()).toMatchObject({ status: "new", takenBack: 0 });
  });

  it("refunds what was performed, once, and keeps perform_time", async () => {
    const shop = await reserved();
    await shop.call("PerformTransaction", { id: "a" });
    const performTime = shop.now();
    shop.pass(HOUR);
    expect(await shop.twice("CancelTransaction", { id: "a", reason: 5 })).toMatchObject({ result: { state: -2 } });
    expect(await shop.twice("CheckTransaction", { id: "a" })).toMatchObject({
      result: { state: -2, perform_time: performTime, cancel_time: shop.now(), reason: 5 },
    });
    expect(shop.order()).toMatchObject({ status: "refunded", fulfilled: 1, takenBack: 1 });
  });

  it("answers -31007 where nothing can be taken back, and changes nothing", async () => {
    const shop = await reserved(createShop({ canRefund: () => false }));
    await shop.call("PerformTransaction", { id: "a" });
    expect(await shop.twice("CancelTransaction", { id: "a", reason: 5 })).toEqual(refusal(-31007));
    expect(await shop.call("CheckTransaction", { id: "a" })).toMatchObject({ result: { state: 2, reason: null } });
    expect(shop.order()).toMatchObject({ status: "paid" });
  });

  it("cancels an expired one with the reason that Payme sends", async () => {
    const shop = await reserved();
    shop.pass(13 * HOUR);
    expect(await shop.twice("CancelTransaction", { id: "a", reason: 2 })).toMatchObject({ result: { state: -1 } });
    expect(await shop.call("CheckTransaction", { id: "a" })).toMatchObject({ result: { reason: 2 } });
  });

  it("against a Perform at once has one consistent end, of which the books and the answers agree", async () => {
    for (let round = 0; round < 50; round += 1) {
      const shop = await reserved();
      const jobs = [
        () => shop.call("PerformTransaction", { id: "a" }),
        () => shop.call("CancelTransaction", { id: "a", reason: 3 }),
      ];
      const answers = await Promise.all((round % 2 ? jobs : jobs.reverse()).map((job) => job()));
      const { result } = await shop.call("CheckTransaction", { id: "a" });
      const performed = answers.some((answer) => answer.result?.state === 2);
      expect(result?.state).toBe(performed ? -2 : -1);
      expect(shop.order()).toMatchObject({ fulfilled: performed ? 1 : 0, takenBack: performed ? 1 : 0 });
    }
  });
});

describe("ten attempts in a row", () => {
  it("Create, Cancel(2), Create with a new id, Perform: paid once", async () => {
    const shop = createShop();
    for (let id = 1; id <= 10; id += 1) {
      const account = { order_id: id };
      await shop.call("CreateTransaction", shop.create(`first-${id}`, { account }));
      await shop.call("CancelTransaction", { id: `first-${id}`, reason: 2 });
      await shop.call("CreateTransaction", shop.create(`second-${id}`, { account }));
      expect(await shop.twice("PerformTransaction", { id: `second-${id}` })).toMatchObject({ result: { state: 2 } });
      expect(shop.order(id)).toMatchObject({ status: "paid", fulfilled: 1 });
    }
  });
});
