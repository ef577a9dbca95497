import { describe, expect, it, vi } from "vitest";
import { Refusal, refuse } from "../../../src/entry/merchant";
import { MerchantErrorCode, merchantErrorText } from "../../../src/protocol/codes";
import { refusal } from "../../merchant/refusal";
import { createShop } from "../../merchant/shop";

describe("the message of a refusal", () => {
  it.each(Object.entries(MerchantErrorCode))("%s has a text of its own in each language", (_name, code) => {
    const { ru, uz, en } = merchantErrorText[code];
    expect(ru).toMatch(/[а-яё]/i);
    expect(uz).toMatch(/^[\p{Script=Latin}‘’ ,-]+$/u);
    expect(en).toMatch(/^[\p{ASCII}]+$/u);
    expect(new Set([ru, uz, en]).size).toBe(3);
  });

  it("is the shop's own text where it has a better one, with the field beside it", async () => {
    const text = { ru: "Билет продан", uz: "Chipta sotilgan", en: "The ticket is sold" };
    const shop = createShop({ find: () => refuse.unavailable("order_id", text) });
    expect(await shop.twice("CheckPerformTransaction", shop.create("a"))).toEqual({
      error: { code: -31051, message: text, data: "order_id" },
      id: 7,
    });
  });

  it("has no `data` where the code needs none, and no `result` beside it", async () => {
    const text = await createShop().send("PerformTransaction", { id: "x" });
    expect(Object.keys(JSON.parse(text))).toEqual(["error", "id"]);
    expect(Object.keys(JSON.parse(text).error)).toEqual(["code", "message"]);
  });

  it("is known for one, also where the shop has it from the package's other build", async () => {
    vi.resetModules();
    const other = await import("../../../src/merchant/refusal");
    expect(other.Refusal).not.toBe(Refusal);
    expect(other.refuse.amount()).toBeInstanceOf(Refusal);
    const shop = createShop({ find: () => other.refuse.notFound("order_id") });
    expect(await shop.twice("CreateTransaction", shop.create("a"))).toEqual(refusal(-31050, "order_id"));
    expect(new Error("no")).not.toBeInstanceOf(Refusal);
  });

  it("is -31001 for refuse.amount", async () => {
    const shop = createShop({ find: () => refuse.amount() });
    expect(await shop.twice("CreateTransaction", shop.create("a"))).toMatchObject({ error: { code: -31001 } });
  });
});
