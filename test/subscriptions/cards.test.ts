import { describe, expect, it } from "vitest";
import { aesSeal, type Seal } from "../../src/entry/subscriptions";
import { som } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { verifiedToken } from "../mock/kit";
import { consent, createSubscriptionShop, DAY, HOUR, premium, SEAL_KEY } from "./shop";

/** A seal that notes whether a transaction was open while it worked. */
function watchedSeal(isBusy: () => boolean): { seal: Seal; waits: boolean[] } {
  const real = aesSeal([SEAL_KEY]);
  const waits: boolean[] = [];
  const seal: Seal = {
    ...real,
    wrap(token, cardId) {
      waits.push(isBusy());
      return real.wrap(token, cardId);
    },
  };
  return { seal, waits };
}

describe("a card", () => {
  it("that is attached again is the same card, with the new consent; another owner may not have it", async () => {
    const storage = memoryStorage();
    let open = 0;
    const counted: typeof storage = {
      ...storage,
      async transaction(work) {
        open += 1;
        return storage.transaction(work).finally(() => {
          open -= 1;
        });
      },
    };
    const { seal, waits } = watchedSeal(() => open > 0);
    const shop = createSubscriptionShop({ storage: counted, subscriptions: { seal } });
    const token = await verifiedToken(shop.mock);
    const first = await shop.subs.cards.attach({ owner: "u1", token, consent });
    const again = await shop.subs.cards.attach({ owner: "u1", token, consent: { text: "I agree.", version: "2" } });
    expect(again).toMatchObject({ id: first.id, consentVersion: "2", consentText: "I agree." });
    expect(await shop.subs.cards.list("u1")).toHaveLength(1);
    await expect(shop.subs.cards.attach({ owner: "u2", token, consent })).rejects.toMatchObject({ code: "CONFLICT" });
    // A KMS that is slow holds no lock.
    expect(waits).toEqual([false, false, false, false]);
    await shop.subs.create({ ...premium, card: again.id });
    expect(shop.debits()).toBe(1);
  });

  it("that is removed is forgotten here and at Payme, and attached again it pays again", async () => {
    const storage = memoryStorage();
    const shop = createSubscriptionShop({ storage });
    const token = await verifiedToken(shop.mock);
    const card = await shop.subs.cards.attach({ owner: "u1", token, consent });
    expect(await shop.subs.cards.remove(card.id)).toMatchObject({ state: "REMOVED" });
    expect(await shop.subs.cards.remove(card.id)).toMatchObject({ state: "REMOVED" });
    expect(JSON.stringify(storage.published().table("payme_card").filter())).not.toContain("v1.");
    await expect(shop.client.cards.check(token)).rejects.toMatchObject({ reason: "card" });
    await expect(shop.subs.create({ ...premium, card: card.id })).rejects.toMatchObject({ code: "CONFLICT" });
    const other = await shop.attach();
    expect(await shop.subs.create({ ...premium, card: other.id })).toMatchObject({ outcome: "active" });
  });

  it("is refused where it is not verified, or pays once only, with what to do", async () => {
    const shop = createSubscriptionShop({ storage: memoryStorage() });
    const attach = (token: string) => shop.subs.cards.attach({ owner: "u1", token, consent });
    const { token } = await shop.client.cards.create({ number: "8600495473316478", expire: "0399", save: true });
    await expect(attach(token)).rejects.toThrow("not verified");
    await expect(attach(await verifiedToken(shop.mock, { save: false }))).rejects.toThrow("pays once only");
    await expect(attach("unknown-token")).rejects.toMatchObject({ reason: "card" });
    expect(await shop.subs.cards.list("u1")).toEqual([]);
  });
});

describe("a refund of the running period", () => {
  it.each([
    [50, "REFUNDED"],
    [4, "REFUND_REFUSED"],
  ] as const)("that Payme ends as %s is shown so in the story", async (cancelEnds, state) => {
    const shop = createSubscriptionShop({
      storage: memoryStorage(),
      mock: { choices: { cancelEnds }, cancelDelayMs: HOUR },
    });
    const card = await shop.attach();
    const { subscription } = await shop.subs.create({ ...premium, card: card.id });
    const period = async () => (await shop.subs.story(subscription.id))?.periods[0];
    await shop.payments.refund((await period())?.paymentId ?? "");
    expect(await period()).toMatchObject({ state: "REFUND_QUEUED" });
    await shop.live(2 * DAY);
    expect(await period()).toMatchObject({ state });
    expect(await shop.subs.find(subscription.id)).toMatchObject({ state: "ENDED", cause: "refunded" });
    expect(await shop.subs.access(premium)).toMatchObject({ active: false });
  });
});

describe("a change of the price", () => {
  it("while a charge is being prepared is charged at the new price, never at the old one", async () => {
    let change = async (): Promise<unknown> => undefined;
    const storage = memoryStorage();
    const shop = createSubscriptionShop({ storage });
    const card = await shop.attach();
    const { subscription } = await shop.subs.create({ ...premium, card: card.id });
    shop.pass(32 * DAY);
    const create = shop.client.receipts.create;
    Object.assign(shop.client.receipts, {
      async create(...args: Parameters<typeof create>) {
        const receipt = await create(...args);
        await change();
        return receipt;
      },
    });
    change = async () => {
      change = async () => undefined;
      await shop.subs.changePlan(subscription.id, { amount: som(30_000) });
    };
    await shop.live(DAY);
    const story = await shop.subs.story(subscription.id);
    expect(story?.periods[0]).toMatchObject({ number: 2, state: "PAID", amount: som(30_000) });
    const taken = shop.mock.movements.filter(({ kind }) => kind === "take").length;
    expect(taken).toBe(2);
    expect(shop.mock.receipts().map(({ state, amount }) => [state, amount])).toEqual([
      [4, som(50_000)],
      [50, som(50_000)],
      [4, som(30_000)],
    ]);
  });
});
