import { describe, expect, it } from "vitest";
import { reasonOf } from "../../src/client/reason-of";
import { SubscribeErrorCode } from "../../src/protocol/codes";

describe("a refusal has one reason, by method, code and text", () => {
  it("each code that is named has one", () => {
    const without = Object.entries(SubscribeErrorCode).filter(
      ([, code]) => reasonOf("any.method", code, "") === "unknown",
    );
    expect(without).toEqual([]);
  });

  it.each([undefined, 0, -1, -32000, -31403, -31049, -31100.5])("%s has none that is known", (code) => {
    expect(reasonOf("receipts.pay", code, "x")).toBe("unknown");
  });

  it.each([-31050, -31051, -31099])("%i is the merchant's own billing", (code) => {
    expect(reasonOf("receipts.pay", code, { ru: "Недостаточно средств" })).toBe("merchant");
  });

  // I1, I14: one code, two tables.
  it.each([
    ["cards.verify", -31101, "otp"],
    ["receipts.pay", -31101, "card"],
    ["cards.verify", -31102, "otp"],
    ["receipts.pay", -31102, "card"],
    ["cards.get_verify_code", -31301, "otp"],
    ["cards.create", -31301, "card"],
  ])("%s %i is %s", (method, code, reason) => {
    expect(reasonOf(method, code, "x")).toBe(reason);
  });

  it.each([
    ["Недостаточно средств на карте", "funds"],
    ["На карте не хватает денег", "funds"],
    ["Kartada mablag‘ yetarli emas", "funds"],
    ["Insufficient funds", "funds"],
    ["Not enough money", "funds"],
    ["Превышен лимит", "limit"],
    ["Limit exceeded", "limit"],
    ["SMS-информирование не подключено", "otp"],
    ["Неверный срок действия карты", "card"],
    ["Карта заблокирована", "card"],
    ["Корпоративная карта", "card"],
    ["", "card"],
  ])("-31630 %j is %s", (text, reason) => {
    expect(reasonOf("receipts.pay", -31630, text)).toBe(reason);
    expect(reasonOf("receipts.pay", -31630, { uz: "Xato", ru: text })).toBe(reason);
  });

  it.each([
    ["Недостаточно средств на карте", "funds"],
    ["Не хватает денег", "funds"],
    ["Kartada mablag‘ yetarli emas", "funds"],
    ["Insufficient funds", "funds"],
    ["Not enough money", "funds"],
    ["Превышен лимит карты", "limit"],
    ["Card limit exceeded", "limit"],
    ["SMS-информирование не подключено", "otp"],
    ["Карта заблокирована", "card"],
    ["Karta muddati o‘tgan", "card"],
    ["The card has expired", "card"],
    // A merchant's endpoint says this of the order, perhaps after the debit: it is no refusal of the card.
    ["Невозможно выполнить операцию", "unknown"],
    ["Недостаточно товара на складе", "unknown"],
    ["Превышено время ожидания", "unknown"],
    ["Time limit exceeded", "unknown"],
    ["The order was discarded", "unknown"],
    ["Buyurtma bekor qilingan", "unknown"],
    ["", "unknown"],
  ])("-31008 %j is %s", (text, reason) => {
    expect(reasonOf("receipts.pay", -31008, text)).toBe(reason);
    expect(reasonOf("receipts.pay", -31008, { ru: text, uz: "Xato" })).toBe(reason);
  });

  it("the text decides nothing where the code does", () => {
    expect(reasonOf("receipts.pay", -32504, "Недостаточно привилегий")).toBe("auth");
    expect(reasonOf("receipts.pay", -31400, "лимит")).toBe("card");
  });

  it.each([undefined, null, {}])("a message %j breaks nothing", (message) => {
    expect(reasonOf("receipts.pay", -31630, message)).toBe("card");
  });
});
