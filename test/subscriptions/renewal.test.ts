import { describe, expect, it } from "vitest";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { createSubscriptionShop, DAY, HOUR, premium, START } from "./shop";

const newShop = () => createSubscriptionShop({ storage: memoryStorage() });

describe("a subscription", () => {
  it("charges the first period at once, and each next one at its boundary", async () => {
    const shop = newShop();
    const card = await shop.attach();
    const made = await shop.subs.create({ ...premium, card: card.id });
    expect(made).toMatchObject({ outcome: "active", reused: false, subscription: { state: "ACTIVE", number: 1 } });
    expect(shop.debits()).toBe(1);
    expect(await shop.subs.access(premium)).toMatchObject({
      active: true,
      because: "paid",
      until: Date.UTC(2026, 1, 15, 10, 30),
    });
    await shop.live(30 * DAY);
    expect(shop.debits()).toBe(1);
    await shop.live(365 * DAY);
    expect(shop.debits()).toBe(13);
    const story = await shop.subs.story(made.subscription.id);
    expect(story?.periods.map(({ state }) => state)).toEqual(Array(13).fill("PAID"));
    expect(story?.attempts).toHaveLength(13);
  });

  it("is charged though its owner has as many open payments as one may have, and takes no room from them", async () => {
    const shop = createSubscriptionShop({ storage: memoryStorage(), payments: { maxOpenPerUser: 1 } });
    const buy = () => shop.payments.create({ userId: premium.owner, amount: premium.amount });
    await buy();
    await expect(buy()).rejects.toMatchObject({ code: "TOO_MANY_OPEN" });
    const card = await shop.attach();
    expect(await shop.subs.create({ ...premium, card: card.id })).toMatchObject({ outcome: "active" });
    await shop.live(30 * DAY);
    // The first one was open for 24 hours only: another takes its room.
    await buy();
    await shop.live(2 * DAY);
    expect(shop.debits()).toBe(2);
    // An unpaid period leaves the room to its owner.
    const empty = await shop.attachEmpty("u2");
    const owing = await shop.subs.create({ ...premium, owner: "u2", card: empty.id });
    expect(owing.outcome).not.toBe("active");
    expect((await shop.payments.create({ userId: "u2", amount: premium.amount })).reused).toBe(false);
  });

  it("that is made twice at once is one, and is charged once", async () => {
    const shop = newShop();
    const card = await shop.attach();
    const both = await Promise.all([1, 2].map(() => shop.subs.create({ ...premium, card: card.id })));
    expect(new Set(both.map(({ subscription }) => subscription.id)).size).toBe(1);
    await shop.live(HOUR);
    expect(shop.debits()).toBe(1);
  });

  it("without money on its card is tried on days 1, 3, 5, 7 at 10 o'clock, then ends after the grace", async () => {
    const shop = newShop();
    const card = await shop.attach();
    const empty = await shop.attachEmpty();
    const { subscription } = await shop.subs.create({ ...premium, card: card.id });
    await shop.subs.cards.remove(card.id);
    await shop.subs.changeCard(subscription.id, empty.id);
    await shop.live(31 * DAY + 15 * DAY);
    const story = await shop.subs.story(subscription.id);
    expect(story?.subscription).toMatchObject({ state: "ENDED", cause: "unpaid" });
    expect(shop.debits()).toBe(1);
    const boundary = Date.UTC(2026, 1, 15, 10, 30);
    const days = (story?.attempts ?? [])
      .filter(({ number }) => number === 2)
      .map(({ startedAt }) => (startedAt - boundary) / DAY);
    expect(days.reverse().map(Math.round)).toEqual([0, 1, 3, 5, 7]);
    expect(story?.periods[0]).toMatchObject({ number: 2, state: "VOID", pays: 5 });
    expect(shop.mock.receipts().at(-1)?.state).toBe(50);
    expect(await shop.subs.access(premium)).toMatchObject({ active: false, because: "ended" });
    expect(START).toBeLessThan(boundary);
  });
});
