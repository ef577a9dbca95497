import { expect, it } from "vitest";
import { refuse } from "../../../src/entry/merchant";
import { tiyin } from "../../../src/kit/money";
import { refusal } from "../../merchant/refusal";
import { HOUR, onEachStorage, paid, reserved, statementOf } from "./on-each-storage";

onEachStorage("CreateTransaction", (open) => {
  it.each([
    ["no id", { id: undefined }, "id"],
    ["an empty id", { id: "" }, "id"],
    ["an id that is a number", { id: 5 }, "id"],
    ["an id without end", { id: "x".repeat(129) }, "id"],
    ["no time", { time: undefined }, "time"],
    ["a time in text", { time: "1767225600123" }, "time"],
    ["a broken time", { time: 1.5 }, "time"],
    ["a time before all times", { time: -1 }, "time"],
  ])("refuses %s as no request", async (_name, change, field) => {
    const shop = await open();
    expect(await shop.twice("CreateTransaction", shop.create("a", change))).toEqual(refusal(-32600, field));
    expect(await statementOf(shop)).toEqual([]);
  });

  it("reserves once, and answers a repeat later with the same bytes", async () => {
    const shop = await open();
    const params = shop.create("a");
    const created = await shop.twice("CreateTransaction", params);
    expect(created).toEqual({ result: { create_time: shop.now(), transaction: "our-1", state: 1 }, id: 7 });
    shop.pass(HOUR);
    expect(await shop.twice("CreateTransaction", params)).toEqual(created);
    expect((await shop.order())?.status).toBe("reserved");
    expect(await statementOf(shop)).toHaveLength(1);
  });

  it("gives CheckTransaction the create_time that it gave itself, and the same text for `transaction` everywhere", async () => {
    const shop = await open();
    const { result: created } = await shop.call("CreateTransaction", shop.create("a"));
    shop.pass(1_234);
    const { result: checked } = await shop.call("CheckTransaction", { id: "a" });
    const { result: performed } = await shop.call("PerformTransaction", { id: "a" });
    const { result: cancelled } = await shop.call("CancelTransaction", { id: "a", reason: 5 });
    expect(checked?.create_time).toBe(created?.create_time);
    expect(created?.transaction).toEqual(expect.any(String));
    for (const result of [checked, performed, cancelled]) expect(result?.transaction).toBe(created?.transaction);
    expect(await statementOf(shop)).toMatchObject([{ transaction: created?.transaction }]);
  });

  it.each([
    ["another amount", { amount: 1 }],
    ["no amount", { amount: 0 }],
    ["less than nothing", { amount: -1 }],
    ["another account", { account: { order_id: 2 } }],
    ["an account that does not fit", { account: {} }],
  ])("refuses a known id with %s, and changes nothing", async (_name, change) => {
    const shop = await open();
    const params = shop.create("a");
    const created = await shop.call("CreateTransaction", params);
    expect(await shop.twice("CreateTransaction", { ...params, ...change })).toEqual(refusal(-31008));
    expect(shop.lines.join()).toContain("another amount or account");
    expect(await shop.call("CreateTransaction", params)).toEqual(created);
    expect((await shop.order(2))?.status).toBe("new");
  });

  it("answers a repeat with another time with what is stored: the first time stays, one log line each", async () => {
    const shop = await open();
    const params = shop.create("a");
    const created = await shop.send("CreateTransaction", params);
    expect(await shop.send("CreateTransaction", { ...params, time: params.time + 5 })).toBe(created);
    expect(shop.lines).toEqual([expect.stringMatching(/another time.*"transaction_id":"a"/)]);
    expect(await statementOf(shop)).toMatchObject([{ id: "a", time: params.time }]);
    expect(await shop.send("CreateTransaction", params)).toBe(created);
    expect(shop.lines).toHaveLength(1);
  });

  it("answers a repeat whose account is written in another form with what is stored", async () => {
    const shop = await open();
    const created = await shop.twice("CreateTransaction", shop.create("a"));
    const otherForm = shop.create("a", { account: { phone: "998901234567", order_id: "1" } });
    expect(await shop.twice("CreateTransaction", otherForm)).toEqual(created);
  });

  it("refuses a known id that has ended: performed, cancelled, refunded", async () => {
    const shop = await paid(await open());
    expect(await shop.twice("CreateTransaction", shop.create("a"))).toEqual(refusal(-31008));
    await shop.call("CancelTransaction", { id: "a", reason: 5 });
    expect(await shop.twice("CreateTransaction", shop.create("a"))).toEqual(refusal(-31008));
    const other = await reserved(await open());
    await other.call("CancelTransaction", { id: "a", reason: 3 });
    expect(await other.twice("CreateTransaction", other.create("a"))).toEqual(refusal(-31008));
    expect((await other.order())?.status).toBe("new");
  });

  it("answers 16 equal ones at once with the same bytes, and reserves once", async () => {
    const reserved: string[] = [];
    const shop = await open({ onReserved: ({ id }) => void reserved.push(id) });
    const params = shop.create("a");
    const answers = await Promise.all(Array.from({ length: 16 }, () => shop.send("CreateTransaction", params)));
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('"state":1');
    expect(reserved).toEqual(["a"]);
  });

  it("answers equal ones at once alike, also where the shop refuses an order that it has reserved", async () => {
    const reserved: string[] = [];
    // As in a shop's own row, nobody sees the reservation before its commit.
    let isSeen = false;
    const shop = await open({
      find: () => (isSeen ? refuse.unavailable("order_id") : { reference: 1, amount: tiyin(5_000_000) }),
      onReserved: ({ id }) => void reserved.push(id),
    });
    const params = shop.create("a");
    const create = async () => {
      const answer = await shop.send("CreateTransaction", params);
      isSeen = true;
      return answer;
    };
    const answers = await Promise.all(Array.from({ length: 16 }, create));
    answers.push(await create());
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('"state":1');
    expect(reserved).toEqual(["a"]);
  });

  it("answers with the receivers of a split payment, on repeat and in the statement too", async () => {
    const receivers = [
      { id: "65f0c1d2e3a4b5c6d7e8f901", amount: tiyin(4_000_000) },
      { id: "65f0c1d2e3a4b5c6d7e8f902", amount: tiyin(1_000_000) },
    ];
    const shop = await open({ find: ({ order_id }) => ({ reference: order_id, amount: tiyin(5_000_000), receivers }) });
    expect(await shop.twice("CreateTransaction", shop.create("a"))).toMatchObject({ result: { receivers } });
    expect(await statementOf(shop)).toMatchObject([{ receivers }]);
  });

  it("takes a new id after the first was cancelled: a card was declined, the payer tries again", async () => {
    const shop = await reserved(await open());
    await shop.call("CancelTransaction", { id: "a", reason: 2 });
    expect(await shop.twice("CreateTransaction", shop.create("b"))).toMatchObject({ result: { state: 1 } });
    expect((await shop.order())?.status).toBe("reserved");
  });

  it("takes a new id after a declined card, ten orders in a row, and each is paid once", async () => {
    const shop = await open();
    for (let id = 1; id <= 10; id += 1) {
      const account = { order_id: id };
      await shop.call("CreateTransaction", shop.create(`first-${id}`, { account }));
      await shop.twice("CancelTransaction", { id: `first-${id}`, reason: 2 });
      await shop.call("CreateTransaction", shop.create(`second-${id}`, { account }));
      expect(await shop.twice("PerformTransaction", { id: `second-${id}` })).toMatchObject({ result: { state: 2 } });
      expect(await shop.order(id)).toMatchObject({ status: "paid", fulfilled: 1, takenBack: 0 });
    }
  });

  it("takes an eleventh attempt on an order after ten cancelled ones, and it pays once", async () => {
    const shop = await open();
    for (let n = 0; n < 10; n += 1) {
      await shop.call("CreateTransaction", shop.create(`t${n}`));
      await shop.twice("CancelTransaction", { id: `t${n}`, reason: 2 });
    }
    await shop.call("CreateTransaction", shop.create("last"));
    expect(await shop.twice("PerformTransaction", { id: "last" })).toMatchObject({ result: { state: 2 } });
    expect(await shop.order()).toMatchObject({ status: "paid", fulfilled: 1, takenBack: 0 });
  });
});
