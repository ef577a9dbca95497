import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { localParts } from "./calendar-oracle";
import { createSubscriptionShop, DAY, HOUR, premium, type SubscriptionShopOptions } from "./shop";

type Shop = Omit<SubscriptionShopOptions<unknown>, "storage">;
const newShop = (subscriptions: Shop["subscriptions"] = {}) =>
  createSubscriptionShop({ storage: memoryStorage(), subscriptions });
/** To an hour before the first renewal. */
const MONTH = 31 * DAY;

describe("what other systems got wrong", () => {
  it("two subscriptions of one user are charged and end apart", async () => {
    const shop = newShop();
    const card = await shop.attach();
    const first = await shop.subs.create({ ...premium, card: card.id });
    const second = await shop.subs.create({ ...premium, plan: "basic", amount: som(20_000), card: card.id });
    expect(second.subscription.id).not.toBe(first.subscription.id);
    await shop.live(MONTH);
    expect(shop.debits()).toBe(4);
    await shop.subs.cancel(first.subscription.id);
    await shop.live(2 * MONTH);
    expect(await shop.subs.access(premium)).toMatchObject({ active: false });
    expect(await shop.subs.access({ owner: "u1", plan: "basic" })).toMatchObject({ active: true });
  });

  it("a period that two triggers renew at once, in two processes, is charged once", async () => {
    const shop = newShop();
    const card = await shop.attach();
    await shop.subs.create({ ...premium, card: card.id });
    shop.pass(MONTH);
    const other = shop.open();
    await Promise.all([shop.subs, other.subs, shop.subs, other.subs].map((subs) => subs.run()));
    await shop.live(HOUR);
    expect(shop.debits()).toBe(2);
  });

  it("a subscription of the 31st is renewed at the ends of months", async () => {
    const shop = newShop();
    shop.at(Date.UTC(2026, 0, 31, 5));
    const card = await shop.attach();
    const { subscription } = await shop.subs.create({ ...premium, card: card.id });
    await shop.live(149 * DAY);
    const periods = (await shop.subs.story(subscription.id))?.periods ?? [];
    expect(periods.map(({ start }) => localParts(start).day).reverse()).toEqual([31, 28, 31, 30, 31]);
  });

  it("nothing is tried after a cancel", async () => {
    const shop = newShop();
    const card = await shop.attach();
    const { subscription } = await shop.subs.create({ ...premium, card: card.id });
    await shop.subs.changeCard(subscription.id, (await shop.attachEmpty()).id);
    await shop.live(MONTH + HOUR);
    const pays = () => shop.mock.exchanges.filter(({ method }) => method === "receipts.pay").length;
    expect(pays()).toBe(2);
    await shop.subs.cancel(subscription.id);
    await shop.live(10 * DAY);
    expect(pays()).toBe(2);
    expect(await shop.subs.find(subscription.id)).toMatchObject({ state: "ENDED", cause: "asked" });
  });

  it("after an outage of five periods only the running one is charged", async () => {
    const shop = newShop();
    const card = await shop.attach();
    const { subscription } = await shop.subs.create({ ...premium, card: card.id });
    shop.pass(5 * MONTH + DAY);
    expect(await shop.subs.access(premium)).toMatchObject({ active: true, because: "renewing" });
    await shop.live(HOUR);
    expect(shop.debits()).toBe(2);
    const states = (await shop.subs.story(subscription.id))?.periods.map(({ state }) => state);
    expect(states).toEqual(["PAID", "VOID", "VOID", "VOID", "VOID", "PAID"]);
    expect(await shop.payments.incidents.list()).toMatchObject([{ kind: "periods_skipped" }]);
  });

  it('with catchUp "each" every period of an outage is charged, one in a run', async () => {
    const shop = newShop({ catchUp: "each" });
    const card = await shop.attach();
    await shop.subs.create({ ...premium, card: card.id });
    shop.pass(5 * MONTH + DAY);
    for (const debits of [2, 3, 4, 5, 6, 6]) {
      await shop.subs.run();
      expect(shop.debits()).toBe(debits);
    }
  });

  it("a renewal that succeeds with another card, or after an outage of Payme, tells of no failure", async () => {
    const shop = newShop();
    const card = await shop.attach();
    await shop.attach("u1", { number: "8600069195406311", expire: "0399" });
    const { subscription } = await shop.subs.create({ ...premium, card: card.id });
    await shop.live(MONTH - HOUR);
    shop.mock.faults.add({ kind: "rpc_error", code: -31400, method: "receipts.pay", times: 1 });
    await shop.live(HOUR);
    expect(await shop.kinds(subscription.id)).toEqual(["created", "renewed", "renewed"]);
    await shop.live(28 * DAY - HOUR);
    shop.mock.faults.add({ kind: "drop_before", method: "receipts.create", times: 2 });
    await shop.live(DAY);
    expect(shop.debits()).toBe(3);
    expect(await shop.kinds(subscription.id)).toEqual(["created", "renewed", "renewed", "renewed"]);
  });

  it("a card that failed makes no second subscription", async () => {
    const shop = newShop();
    const empty = await shop.attachEmpty();
    const first = await shop.subs.create({ ...premium, card: empty.id });
    expect(first).toMatchObject({ outcome: "declined", reason: "funds" });
    expect(await shop.subs.access(premium)).toMatchObject({ active: false, because: "unpaid" });
    const card = await shop.attach();
    const second = await shop.subs.create({ ...premium, card: card.id });
    expect(second).toMatchObject({ outcome: "active", reused: true, subscription: { id: first.subscription.id } });
    expect(shop.debits()).toBe(1);
    expect(await shop.subs.list({ owner: "u1" })).toHaveLength(1);
  });
});
