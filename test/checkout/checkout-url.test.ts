import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explainLink } from "../../src/checkout/explain-link";
import { type CheckoutParams, checkoutUrl } from "../../src/entry/checkout";
import { PaymeValidationError } from "../../src/kit/errors";
import { som, tiyin } from "../../src/kit/money";
import vectors from "../vectors/checkout.json";

const merchantId = "65f0c1d2e3a4b5c6d7e8f901";
const link = { merchantId, account: { order_id: "A-1042" }, amount: som(15_000) };
const carried = (url: string) => Buffer.from(url.slice(url.lastIndexOf("uz/") + 3), "base64").toString("utf8");

describe("checkoutUrl refuses", () => {
  it.each([
    ["an account value with ;", { account: { order_id: "1;a=1" } }, "checkoutForm"],
    ["an account value with a line break", { account: { order_id: "1\n2" } }, "checkoutForm"],
    ["an empty account value", { account: { order_id: "" } }, undefined],
    ["no account", { account: {} }, undefined],
    ["a field's name with =", { account: { "a=1;b": "2" } }, undefined],
    ["a broken number", { account: { order_id: 1.5 } }, undefined],
    ["an amount of nothing", { amount: tiyin(0) }, undefined],
    ["a merchant id with ;", { merchantId: "a;b" }, undefined],
    ["a return address with javascript:", { returnUrl: "javascript:alert(1)" }, undefined],
    ["a return address with ;", { returnUrl: "https://shop.example/?a=1;b=2" }, "checkoutForm"],
    ["a return address without slashes", { returnUrl: "https:shop.example" }, undefined],
    ["a return address into an app", { returnUrl: "myapp://paid" }, "redirects"],
    ["a return address with a space before it", { returnUrl: " https://shop.example" }, undefined],
    ["a negative wait", { returnTimeoutMs: -1 }, undefined],
    ["a host without its scheme", { host: "checkout.paycom.uz" }, undefined],
    ["a host that is a script", { host: "javascript:alert(1)//" }, undefined],
    // As UTF-8 it would arrive as another text, and so as another account.
    ["an account value with half a character", { account: { order_id: "a\ud83d" } }, "well-formed"],
  ])("%s", (_name, change, hint) => {
    const attempt = () => checkoutUrl({ ...link, ...change });
    expect(attempt).toThrow(PaymeValidationError);
    if (hint !== undefined) expect(attempt).toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) }));
  });

  it("an unknown language", () => {
    expect(() => Reflect.apply(checkoutUrl, undefined, [{ ...link, lang: "de" }])).toThrow("lang");
  });

  it("an unknown mode, which would lead to the sandbox", () => {
    expect(() => Reflect.apply(checkoutUrl, undefined, [{ ...link, mode: "production" }])).toThrow("mode");
  });
});

describe("checkoutUrl makes", () => {
  it("the link of Payme's own page", () => {
    const url = checkoutUrl({ merchantId: "587f72c72cac0d162c722ae2", account: { order_id: 197 }, amount: tiyin(500) });
    expect(url).toBe(`https://checkout.paycom.uz/${vectors[0]?.path}`);
    expect(carried(url)).toBe(vectors[0]?.params);
  });

  it.each<[string, (order: number) => Partial<CheckoutParams>]>([
    ["a query", (order) => ({ returnUrl: `https://shop.uz/r?order=${order}&ok=1` })],
    [
      "a query, a language and a wait",
      (order) => ({ returnUrl: `https://shop.uz/r?o=${order}`, lang: "uz", returnTimeoutMs: 15_000 }),
    ],
    ["~ and >", (order) => ({ returnUrl: `https://shop.uz/~shop/r?o=${order}` })],
    [
      "several account fields",
      (order) => ({
        returnUrl: `https://shop.uz/r?o=${order}`,
        account: { order_id: order, phone: "998901234567", shop: 7 },
      }),
    ],
  ])("one segment of a path for 1,000 orders whose return address has %s", (_name, change) => {
    for (let order = 1; order <= 1_000; order += 1) {
      const url = checkoutUrl({ ...link, account: { order_id: order }, ...change(order) });
      const { pathname } = new URL(url);
      expect(pathname.slice(1)).toMatch(/^[A-Za-z0-9]+=*$/);
      const parts = carried(url).split(";");
      const wanted = { order_id: order, ...change(order).account };
      expect(parts).toEqual(
        expect.arrayContaining([
          `m=${merchantId}`,
          "a=1500000",
          ...Object.entries(wanted).map(([name, value]) => `ac.${name}=${value}`),
        ]),
      );
      expect(explainLink(url).problems).toEqual([]);
    }
  });

  it("the documented order where that is clean", () => {
    const orders = Array.from({ length: 100 }, (_, order) => {
      const url = checkoutUrl({ ...link, account: { order_id: order }, returnUrl: `https://shop.uz/r?order=${order}` });
      const documented = `m=${merchantId};ac.order_id=${order};a=1500000;c=https://shop.uz/r?order=${order}`;
      return {
        isDocumented: carried(url) === documented,
        isClean: !/[/+]/.test(Buffer.from(documented).toString("base64")),
      };
    });
    expect(orders.every(({ isDocumented, isClean }) => isDocumented === isClean)).toBe(true);
    expect(new Set(orders.map(({ isClean }) => isClean)).size).toBe(2);
  });

  it("the documented order where no order is clean", () => {
    const given = { ...link, account: { order_id: "?????" } };
    expect(carried(checkoutUrl(given))).toBe(`m=${merchantId};ac.order_id=?????;a=1500000`);
  });

  it("the link with a language and a return address", () => {
    const url = checkoutUrl({ ...link, lang: "uz", returnUrl: "https://shop.example/pay/return" });
    expect(url).toBe(`https://checkout.paycom.uz/${vectors[1]?.path}`);
    expect(carried(url)).toBe(vectors[1]?.params);
  });

  it("links of the sandbox and of another host", () => {
    expect(checkoutUrl({ ...link, mode: "test" })).toMatch(/^https:\/\/test\.paycom\.uz\/bT0/);
    expect(checkoutUrl({ ...link, host: "http://127.0.0.1:8001/" })).toMatch(/^http:\/\/127\.0\.0\.1:8001\/bT0/);
  });

  it("whatever text an account has, as UTF-8, and nothing of it can become another part", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (value) => {
        fc.pre(!/[;\p{Cc}]/u.test(value));
        const parts = carried(checkoutUrl({ ...link, account: { order_id: value } })).split(";");
        expect(parts.sort()).toEqual([`m=${merchantId}`, `ac.order_id=${value}`, "a=1500000"].sort());
      }),
    );
  });
});
