import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatSom, isTiyin, som, tiyin } from "../../src/kit/money";

const anyTiyin = fc.maxSafeNat();

describe("tiyin", () => {
  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("refuses %s", (amount) => {
    expect(() => tiyin(amount)).toThrow(RangeError);
    expect(isTiyin(amount)).toBe(false);
  });

  it("takes zero and the largest safe integer", () => {
    expect(tiyin(0)).toBe(0);
    expect(tiyin(Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
  });

  it("is not text, however numeric", () => {
    expect(isTiyin("100")).toBe(false);
  });
});

describe("som", () => {
  it.each(["", "-1", "1.999", "1e3", "1,5", "0x10", "abc", "90071992547409.92", " "])("refuses %j", (text) => {
    expect(() => som(text)).toThrow(RangeError);
  });

  it.each([-1, 1.999, Number.NaN, 1e21])("refuses the number %s", (amount) => {
    expect(() => som(amount)).toThrow(RangeError);
  });

  it("reads decimals exactly where a float would lose a tiyin", () => {
    expect(4.35 * 100).not.toBe(435);
    expect(som(4.35)).toBe(435);
    expect(som(0.29)).toBe(29);
    expect(som("19.9")).toBe(1_990);
  });

  it("makes a hundred tiyin of a som, up to the largest amount there is", () => {
    expect(som(50_000)).toBe(5_000_000);
    expect(som("90071992547409.91")).toBe(Number.MAX_SAFE_INTEGER);
  });

  it("reads back every amount that formatSom prints", () => {
    fc.assert(fc.property(anyTiyin, (amount) => som(formatSom(tiyin(amount))) === amount));
  });
});

describe("formatSom", () => {
  it.each([
    [0, "0"],
    [5, "0.05"],
    [100, "1"],
    [5_000_000, "50\u00a0000"],
    [123_456_789, "1\u00a0234\u00a0567.89"],
  ])("prints %s tiyin as %j", (amount, text) => {
    expect(formatSom(tiyin(amount))).toBe(text);
  });
});
