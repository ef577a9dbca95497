import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { storeBeside } from "../../src/subscriptions/store-beside";
import { createSubscriptionShop, MINUTE, premium } from "./shop";

const BOUNDARY = Date.UTC(2026, 1, 15, 10, 30);

/** A shop with so many subscriptions at their boundary, on a store whose rows of one of them cannot be read. */
async function due(plans: number, broken?: number) {
  const storage = memoryStorage();
  const store = storeBeside(storage);
  const shop = createSubscriptionShop({ storage, subscriptions: { store } });
  const card = await shop.attach();
  const ids: string[] = [];
  for (let plan = 0; plan < plans; plan += 1) {
    const { subscription } = await shop.subs.create({ ...premium, plan: `plan ${plan}`, card: card.id });
    ids.push(subscription.id);
  }
  const { subs } = shop.open({
    store: {
      ...store,
      using: (tx) => ({
        ...store.using(tx),
        lockSubscription: (id) =>
          id === ids[broken ?? -1]
            ? Promise.reject(new Error("the row cannot be read"))
            : store.using(tx).lockSubscription(id),
      }),
    },
    payments: { ...shop.payments, register: () => {} },
  });
  shop.at(BOUNDARY + MINUTE);
  return { ...shop, subs, ids, card, store };
}

describe("a run", () => {
  it("looks at no more than it was told to, the others are for the next one", async () => {
    const shop = await due(3);
    expect(await shop.subs.run({ limit: 2 })).toEqual({ checked: 2, errors: 0 });
    expect(shop.debits()).toBe(5);
    expect(await shop.subs.run({ limit: 2 })).toEqual({ checked: 1, errors: 0 });
    expect(await shop.subs.run()).toEqual({ checked: 0, errors: 0 });
    expect(shop.debits()).toBe(6);
  });

  it("counts and logs an error, charges the others, and comes back to that one after five minutes", async () => {
    const shop = await due(3, 1);
    expect(await shop.subs.run()).toEqual({ checked: 3, errors: 1 });
    expect(shop.debits()).toBe(5);
    const line = JSON.parse(shop.lines.find((each) => each.includes("could not be looked at")) ?? "{}");
    expect(line).toMatchObject({ subscription_id: shop.ids[1], error: "Error: the row cannot be read" });
    expect(await shop.store.findSubscription(shop.ids[1] ?? "")).toMatchObject({ nextAt: shop.now() + 5 * MINUTE });
  });

  it("leaves what it has not begun to look at within its five minutes to another one", async () => {
    const shop = await due(6);
    const { create } = shop.payments;
    const slow: typeof create = async (wanted) => {
      const made = await create(wanted);
      shop.pass(5 * MINUTE);
      return made;
    };
    const { subs } = shop.open({ payments: { ...shop.payments, register: () => {}, create: slow } });
    const { checked } = await subs.run();
    expect(checked).toBe(4);
    expect(await shop.subs.run()).toEqual({ checked: 2, errors: 0 });
    expect(shop.debits()).toBe(12);
    expect(shop.mock.movements.every(({ amount }) => amount === som(50_000))).toBe(true);
  });
});
