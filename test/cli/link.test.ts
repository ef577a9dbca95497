import { stripVTControlCharacters } from "node:util";
import jsQR from "jsqr";
import { describe, expect, it } from "vitest";
import vectors from "../vectors/checkout.json";
import { cli } from "./kit";

const env = { PAYME_MERCHANT_ID: "587f72c72cac0d162c722ae2" };
const ORDER = ["--account", "order_id=197", "--amount", "500"];
const LINK = `https://checkout.paycom.uz/${vectors[0]?.path}`;

describe("payme-kit link", () => {
  it("prints the link of Payme's own example, and what it comes to in som", async () => {
    expect(await cli(["link", ...ORDER], { env })).toEqual({ code: 0, out: LINK, err: "500 tiyin = 5 som" });
  });

  it("takes everything that a link can carry", async () => {
    const merchant = [
      "--merchant",
      "65f0c1d2e3a4b5c6d7e8f901",
      "--lang",
      "uz",
      "--return",
      "https://shop.example/pay/return",
    ];
    const { out } = await cli(["link", "--account", "order_id=A-1042", "--amount", "1500000", ...merchant], {
      env: {},
    });
    expect(out).toBe(`https://checkout.paycom.uz/${vectors[1]?.path}`);
    const mock = await cli(["link", ...ORDER, "--host", "http://127.0.0.1:8001/"], { env });
    expect(mock.out).toBe(`http://127.0.0.1:8001/${vectors[0]?.path}`);
    expect((await cli(["link", ...ORDER, "--test"], { env })).out).toBe(`https://test.paycom.uz/${vectors[0]?.path}`);
  });

  it("takes several account fields, with = in their values", async () => {
    const { out } = await cli(["link", ...ORDER, "--account", "note=a=b"], { env });
    expect((await cli(["link", "--decode", out], { env })).out).toMatch(/account\.order_id +197\naccount\.note +a=b/);
  });

  it("prints a QR code that a telephone reads", async () => {
    const { out, code } = await cli(["link", ...ORDER, "--qr"], { env });
    expect(code).toBe(0);
    const [link, ...drawn] = out.split("\n");
    expect(link).toBe(LINK);
    expect(read(drawn)).toBe(LINK);
  });

  it("prints the form", async () => {
    const { out } = await cli(["link", ...ORDER, "--form"], { env });
    expect(out).toContain('<form method="POST" action="https://checkout.paycom.uz">');
    expect(out).toContain('name="account[order_id]" value="197"');
  });
});

/** What a camera sees in a terminal. */
function read(lines: readonly string[]): string | undefined {
  const rows = lines
    .map((line) => [...stripVTControlCharacters(line)])
    .flatMap((line) => {
      const isLight = (blocks: string) => line.map((block) => blocks.includes(block));
      return [isLight("█▀"), isLight("█▄")];
    });
  const scale = 4;
  const width = (rows[0]?.length ?? 0) * scale;
  const pixels = new Uint8ClampedArray(width * rows.length * scale * 4);
  for (let at = 0; at < pixels.length / 4; at += 1) {
    const [x, y] = [Math.floor((at % width) / scale), Math.floor(at / width / scale)];
    pixels.fill(rows[y]?.[x] === true ? 255 : 0, at * 4, at * 4 + 3);
    pixels[at * 4 + 3] = 255;
  }
  return jsQR(pixels, width, rows.length * scale)?.data;
}

describe("payme-kit link --decode", () => {
  it("says what a link means", async () => {
    const { code, out } = await cli(["link", "--decode", `https://checkout.paycom.uz/${vectors[1]?.path}`]);
    expect(code).toBe(0);
    expect(out.replace(/ {2,}/g, "  ")).toBe(
      [
        "host  https://checkout.paycom.uz (live)",
        "cashbox (merchant)  65f0c1d2e3a4b5c6d7e8f901",
        "account.order_id  A-1042",
        "amount  1500000 tiyin = 15\u00a0000 som",
        "language  uz",
        "return address  https://shop.example/pay/return",
      ].join("\n"),
    );
  });

  const encoded = (text: string) => `https://test.paycom.uz/${Buffer.from(text).toString("base64")}`;
  it.each([
    ["no cashbox", encoded("ac.order_id=1;a=500"), "m, the cashbox, is missing"],
    ["no account", encoded("m=1;a=500"), "an account field, is missing"],
    ["no amount", encoded("m=1;ac.order_id=1"), "the amount, is missing"],
    ["an amount with decimals", encoded("m=1;ac.order_id=1;a=500.5"), "not a whole number"],
    ["a key twice", encoded("m=1;ac.order_id=1;a=500;a=600"), "a appears twice"],
    ["a key that Payme does not know", encoded("m=1;ac.order_id=1;a=500;amount=1"), '"amount" is not a published key'],
    ["no Base64", "https://checkout.paycom.uz/%%%", "not Base64"],
    ["no address", "checkout", "not an address"],
  ])("finds %s: exit code 1", async (_, link, because) => {
    const { code, out } = await cli(["link", "--decode", link]);
    expect(code).toBe(1);
    expect(out).toContain(`wrong: `);
    expect(out).toContain(because);
  });

  it("knows a receipt's page", async () => {
    const { code, out } = await cli(["link", "--decode", "https://checkout.paycom.uz/65a0c1d2e3f4a5b6c7d8e9f0"]);
    expect(code).toBe(0);
    expect(out).toContain("a receipt's page");
  });

  it("hands no control character to the terminal", async () => {
    const { out } = await cli(["link", "--decode", encoded("m=1;ac.order_id=\u001b[2J;a=500")]);
    expect(out).toContain("\\u001b[2J");
    expect(out).not.toContain("\u001b");
  });
});

describe("payme-kit link cannot run: exit code 2", () => {
  it.each([
    ["without a cashbox", ORDER, {}, "PAYME_MERCHANT_ID"],
    ["without an amount", ["--account", "a=1"], env, "--amount"],
    ["with an amount of nothing", ["--account", "a=1", "--amount", "0"], env, "above 0"],
    ["with an amount that is none", ["--account", "a=1", "--amount", "5e3"], env, "whole number"],
    ["without an account", ["--amount", "500"], env, "account"],
    ["with an account that is none", ["--account", "197", "--amount", "500"], env, "field=value"],
    ["with a value that no link can carry", ["--account", "a=1;a=2", "--amount", "500"], env, "checkoutForm"],
    ["with an unknown language", [...ORDER, "--lang", "de"], env, "ru, uz or en"],
    ["with a return address that is none", [...ORDER, "--return", "javascript:alert(1)"], env, "returnUrl"],
    ["with two forms", [...ORDER, "--qr", "--form"], env, "one of them"],
    ["with a link too long for a QR code", [...ORDER, "--account", `n=${"x".repeat(3000)}`, "--qr"], env, "QR code"],
  ])("%s", async (_, args, environment, because) => {
    const { code, out, err } = await cli(["link", ...args], { env: environment });
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain(because);
  });
});
