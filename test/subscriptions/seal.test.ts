import { describe, expect, it } from "vitest";
import { aesSeal } from "../../src/entry/subscriptions";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { createSubscriptionShop, DAY, premium, SEAL_KEY } from "./shop";

const OTHER_KEY = Buffer.alloc(32, 9).toString("base64");

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The text with the highest bit of one character changed: the lowest ones may mean nothing in base64. */
function flipped(text: string, index: number): string {
  const other = ALPHABET[ALPHABET.indexOf(text[index] ?? "") ^ 32] ?? "!";
  return text.slice(0, index) + other + text.slice(index + 1);
}

describe("a seal", () => {
  it("opens only with its key, and only for its card", async () => {
    const seal = aesSeal([SEAL_KEY]);
    const sealed = await seal.wrap("a token", "card-1");
    expect(sealed).not.toContain("token");
    expect(await seal.unwrap(sealed, "card-1")).toBe("a token");
    expect(await aesSeal([OTHER_KEY, SEAL_KEY]).unwrap(sealed, "card-1")).toBe("a token");
    const refused = { code: "CONFIG_INVALID" };
    await expect(seal.unwrap(sealed, "card-2")).rejects.toMatchObject(refused);
    await expect(aesSeal([OTHER_KEY]).unwrap(sealed, "card-1")).rejects.toMatchObject(refused);
    for (let index = 0; index < sealed.length; index += 1) {
      await expect(seal.unwrap(flipped(sealed, index), "card-1"), `character ${index}`).rejects.toThrow();
    }
  });

  it("seals the same token differently each time", async () => {
    const seal = aesSeal([SEAL_KEY]);
    const texts = await Promise.all(Array.from({ length: 100 }, () => seal.wrap("a token", "card-1")));
    expect(new Set(texts).size).toBe(100);
  });

  it.each([
    ["short", Buffer.alloc(16, 1)],
    ["text", "not base64 of 32 bytes!"],
    ["none", ""],
  ])("refuses a key that is %s, and does not repeat it", (_what, key) => {
    expect(() => aesSeal([key])).toThrow(/^aesSeal: a key has \d+ bytes instead of 32$/);
    expect(() => aesSeal([])).toThrow("at least one key");
  });

  it("a change of keys loses no card", async () => {
    const storage = memoryStorage();
    const old = createSubscriptionShop({ storage });
    const card = await old.attach();
    const { subscription } = await old.subs.create({ ...premium, card: card.id });
    const anew = createSubscriptionShop({ storage, subscriptions: { seal: aesSeal([OTHER_KEY, SEAL_KEY]) } });
    expect(await anew.subs.cards.reseal()).toEqual({ checked: 1, resealed: 1, failed: 0 });
    expect(await anew.subs.cards.reseal()).toEqual({ checked: 0, resealed: 0, failed: 0 });
    const { mock, ...last } = createSubscriptionShop({
      storage,
      mock: { restore: old.mock.snapshot() },
      subscriptions: { seal: aesSeal([OTHER_KEY]) },
    });
    await last.live(32 * DAY);
    expect(await last.subs.find(subscription.id)).toMatchObject({ state: "ACTIVE", number: 2 });
    expect(mock.movements.filter(({ kind }) => kind === "take")).toHaveLength(2);
  });

  it("whose key is gone keeps the card, charges nothing, and goes on once the key is back", async () => {
    const storage = memoryStorage();
    const old = createSubscriptionShop({ storage });
    const card = await old.attach();
    const { subscription } = await old.subs.create({ ...premium, card: card.id });
    const without = createSubscriptionShop({
      storage,
      mock: { restore: old.mock.snapshot() },
      subscriptions: { seal: aesSeal([OTHER_KEY]) },
    });
    expect(await without.subs.cards.reseal()).toMatchObject({ resealed: 0, failed: 1 });
    await without.live(32 * DAY);
    expect(without.debits()).toBe(1);
    expect(await without.subs.access(premium)).toMatchObject({ active: true, because: "grace" });
    const back = createSubscriptionShop({ storage, mock: { restore: without.mock.snapshot() } });
    back.at(without.now());
    await back.live(DAY);
    expect(await back.subs.find(subscription.id)).toMatchObject({ state: "ACTIVE", number: 2 });
  });
});
