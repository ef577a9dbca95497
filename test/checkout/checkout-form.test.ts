import { describe, expect, it } from "vitest";
import { checkoutForm, fiscalDetail } from "../../src/entry/checkout";
import { som } from "../../src/kit/money";

const merchantId = "65f0c1d2e3a4b5c6d7e8f901";
const order = { merchantId, account: { order_id: "A;1042", region: 7 }, amount: som(15_000) };
const detail = fiscalDetail({
  items: [
    { title: "Чай", price: som(7_500), count: 2, code: "00902001001000099", packageCode: "1234567", vatPercent: 12 },
  ],
});

describe("checkoutForm", () => {
  it.each([
    ["account.order_id", { account: { order_id: "a\ud83d" } }],
    ["description", { description: "\ud83d" }],
    ["description", { description: { ru: "\ud83d" } }],
  ])("refuses half a character in %s: it would arrive as another text", (field, change) => {
    expect(() => checkoutForm({ ...order, ...change })).toThrow(field);
  });

  it("has the fields that Payme's page names, and only those that were given", () => {
    expect(checkoutForm(order)).toMatchObject({
      action: "https://checkout.paycom.uz",
      method: "POST",
      fields: [
        ["merchant", merchantId],
        ["amount", "1500000"],
        ["account[order_id]", "A;1042"],
        ["account[region]", "7"],
      ],
    });
  });

  it("carries a return address, its wait (0 too), descriptions by language, and the detail as Base64 of UTF-8 JSON", () => {
    const { fields } = checkoutForm({
      ...order,
      lang: "en",
      returnUrl: "https://shop.example/:transaction",
      returnTimeoutMs: 0,
      description: { ru: "Заказ", uz: "Buyurtma" },
      detail,
    });
    const values = Object.fromEntries(fields);
    expect(values).toMatchObject({
      lang: "en",
      callback: "https://shop.example/:transaction",
      callback_timeout: "0",
      "description[ru]": "Заказ",
      "description[uz]": "Buyurtma",
    });
    expect(JSON.parse(Buffer.from(values.detail ?? "", "base64").toString("utf8"))).toEqual(detail);
  });

  it("escapes everything in its HTML", () => {
    const hostile = `"><script>alert('1')</script>`;
    const { html } = checkoutForm({ ...order, account: { order_id: hostile }, description: hostile, button: hostile });
    expect(html).not.toMatch(/<script|"">/);
    expect(html.match(/&#60;script&#62;/g)).toHaveLength(3);
    expect(html).toContain('<form method="POST" action="https://checkout.paycom.uz">');
  });
});
