import { describe, expect, it } from "vitest";
import { accountTitle, accountValue, receiptCreatedAt } from "../../src/protocol/receipt";

describe("a receipt's account", () => {
  const account = [
    { name: "order_id", title: { ru: "Номер заказа", uz: "Buyurtma raqami" }, value: 4417, main: true },
    { name: "transaction", title: "Номер чека", value: "91" },
    { name: "note", value: null },
  ];

  it("is looked up by name, as text: its place and type are not to be relied on", () => {
    expect(accountValue({ account }, "order_id")).toBe("4417");
    expect(accountValue({ account }, "transaction")).toBe("91");
    expect(accountValue({ account }, "note")).toBeUndefined();
    expect(accountValue({ account }, "nobody")).toBeUndefined();
    expect(accountValue({}, "order_id")).toBeUndefined();
  });

  it("has titles in languages or as one text", () => {
    expect(accountTitle({ title: { ru: "Чек", en: "Receipt" } })).toBe("Чек");
    const [order, transaction, note] = account;
    expect(accountTitle(order ?? {})).toBe("Номер заказа");
    expect(accountTitle(order ?? {}, "uz")).toBe("Buyurtma raqami");
    expect(accountTitle(order ?? {}, "en")).toBe("Номер заказа");
    expect(accountTitle(transaction ?? {}, "uz")).toBe("Номер чека");
    expect(accountTitle(note ?? {})).toBe("");
  });
});

describe("when a receipt was made", () => {
  // I2: create_time of the same receipt moved from 1662098412270 to the start of its payment.
  it("is in its id, whatever create_time says", () => {
    expect(receiptCreatedAt({ _id: "63119bec0000000000000000" })).toBe(1_662_098_412_000);
  });

  it.each([
    "",
    "65a0c1d2",
    "65a0c1d2e3f4a5b6c7d8e9fg",
    "cheque-65a0c1d2e3f4a5b6c7d8",
    "65a0c1d2e3f4a5b6c7d8e9f00",
    "-65a0c1d2e3f4a5b6c7d8e9f0",
  ])("%j does not tell", (_id) => {
    expect(receiptCreatedAt({ _id })).toBeUndefined();
  });
});
