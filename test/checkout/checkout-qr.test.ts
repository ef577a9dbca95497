import jsqr from "jsqr";
import { describe, expect, it } from "vitest";
import { type CheckoutQrOptions, checkoutQr } from "../../src/checkout/checkout-qr";
import { checkoutUrl } from "../../src/entry/checkout";
import { PaymeValidationError } from "../../src/kit/errors";
import { som } from "../../src/kit/money";

const params = { merchantId: "65f0c1d2e3a4b5c6d7e8f901", account: { order_id: "A-1042" }, amount: som(15_000) };
const address = (bytes: number) => `https://shop.example/${"a".repeat(bytes - 21)}`;
const MODULE_PX = 4;

/** The dark modules that the SVG's second path draws, row by row. */
function modulesOf(svg: string): boolean[][] {
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const modules = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  const path = [...svg.matchAll(/ d="([^"]+)"/g)][1]?.[1] ?? "";
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    modules[Number(y)]?.fill(true, Number(x), Number(x) + Number(width));
  }
  return modules;
}

/** What a telephone's camera reads from the SVG. */
function read(svg: string): string | undefined {
  const modules = modulesOf(svg);
  const side = modules.length * MODULE_PX;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let n = 0; n < side * side; n += 1) {
    const isDark = modules[Math.floor(n / side / MODULE_PX)]?.[Math.floor((n % side) / MODULE_PX)];
    if (isDark === true) pixels.fill(0, n * 4, n * 4 + 3);
  }
  return jsqr(pixels, side, side, { inversionAttempts: "dontInvert" })?.data;
}

describe("checkoutQr refuses", () => {
  it.each<[string, CheckoutQrOptions]>([
    ["a colour that ends its attribute", { color: '"/><script>alert(1)</script>' }],
    ["a colour that loads something", { backgroundColor: "url(https://shop.example)" }],
    ["an empty colour", { color: "" }],
    ["no size", { sizePx: 0 }],
    ["half a pixel", { sizePx: 0.5 }],
    ["a size that is no number", { sizePx: Number.NaN }],
    ["a border below nothing", { borderModules: -1 }],
    ["a border without end", { borderModules: Number.POSITIVE_INFINITY }],
  ])("%s", (_name, options) => {
    expect(() => checkoutQr(params, options)).toThrow(PaymeValidationError);
  });

  it.each(["", "shop.example", "javascript:alert(1)", "https:shop.example", "https://shop.example/a b"])(
    "an address that leads nowhere: %j",
    (link) => {
      expect(() => checkoutQr(link)).toThrow("the link must be an http(s) address");
    },
  );

  it("another level of error correction", () => {
    const errorCorrection = "toString";
    expect(() => Reflect.apply(checkoutQr, undefined, [params, { errorCorrection }])).toThrow("errorCorrection");
  });

  it("what a checkout link cannot carry", () => {
    expect(() => checkoutQr({ ...params, account: { order_id: "1;a=1" } })).toThrow("order_id");
  });

  it.each([
    ["L", 2953],
    ["M", 2331],
    ["Q", 1663],
    ["H", 1273],
  ] as const)("a link that a code of level %s cannot hold, %i bytes and one; and says so", (errorCorrection, bytes) => {
    expect(checkoutQr(address(bytes), { errorCorrection })).toContain("<svg");
    const attempt = () => checkoutQr(address(bytes + 1), { errorCorrection });
    expect(attempt).toThrow(
      `has ${bytes + 1} bytes, and a QR code with error correction ${errorCorrection} holds ${bytes}`,
    );
  });
});

describe("checkoutQr draws a code that reads as", () => {
  it("the checkout link", () => {
    expect(read(checkoutQr(params))).toBe(checkoutUrl(params));
  });

  it("an address that was given, a receipt's page say", () => {
    const payUrl = "https://checkout.paycom.uz/65a0c1d2e3f4a5b6c7d8e9f0";
    expect(read(checkoutQr(payUrl))).toBe(payUrl);
  });

  it.each(["L", "M", "Q", "H"] as const)("a long link with error correction %s", (errorCorrection) => {
    expect(read(checkoutQr(address(500), { errorCorrection }))).toBe(address(500));
  });

  it("whatever language the account has", () => {
    const link = { ...params, account: { order_id: "Заказ №7 ўқғҳ" } };
    expect(read(checkoutQr(link))).toBe(checkoutUrl(link));
  });
});

describe("checkoutQr's image", () => {
  it("has a quiet zone of four modules, or of as many as were asked for, none included", () => {
    const quietZone = (svg: string) => modulesOf(svg).findIndex((row) => row.some(Boolean));
    expect(quietZone(checkoutQr(params))).toBe(4);
    expect(quietZone(checkoutQr(params, { borderModules: 0 }))).toBe(0);
    expect(quietZone(checkoutQr(params, { borderModules: 9 }))).toBe(9);
  });

  it("has the size, the colours and the title that were asked for, as text", () => {
    const title = `<Buyurtma "7" & 'x'>`;
    const svg = checkoutQr(params, { sizePx: 320, color: "#33CCcc", backgroundColor: "transparent", title });
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="320" height="320" /);
    expect(svg).toContain('<path fill="transparent" d="M0 0h');
    expect(svg).toContain('<path fill="#33CCcc" d="M4 4h7');
    expect(svg).toContain("<title>&#60;Buyurtma &#34;7&#34; &#38; &#39;x&#39;&#62;</title>");
    expect(svg.match(/<[a-z]+/g)).toEqual(["<svg", "<title", "<path", "<path"]);
  });

  it("is the same for the same link", () => {
    expect(checkoutQr(params)).toBe(checkoutQr(checkoutUrl(params)));
  });
});
