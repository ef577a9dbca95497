import { describe, expect, it } from "vitest";
import { som } from "../../src/kit/money";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { createSubscriptionShop, premium } from "./shop";

const shop = createSubscriptionShop({ storage: memoryStorage() });
const create = (wrong: object) => shop.subs.create({ ...premium, card: "c1", ...wrong });

describe("a new subscription", () => {
  it.each([
    [{ owner: " " }, "owner: give a text of 1 to 255 characters"],
    [{ plan: "x".repeat(256) }, "plan: give a text of 1 to 255 characters"],
    [{ amount: 99 }, "amount: give tiyin, 1 som or more"],
    [{ amount: 100.5 }, "amount: give tiyin, 1 som or more"],
    [{ trialDays: -1 }, "trialDays: give whole days, 0 to 366"],
    [{ trialDays: 367 }, "trialDays: give whole days, 0 to 366"],
    [{ trialDays: 1.5 }, "trialDays: give whole days, 0 to 366"],
    [{ every: { months: 37 } }, "every: give { months: 1 to 36 }"],
    [{ every: { days: 0 } }, "every: give { months: 1 to 36 }"],
    [{ amount: som(1), trialDays: 366, every: { months: 36 } }, 'there is no saved card "c1"'],
  ])("of %j is refused: %s", async (wrong, text) => {
    await expect(create(wrong)).rejects.toThrow(text);
  });
});
