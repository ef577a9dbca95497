import { Decimal } from "@prisma/client/runtime/client";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatSom, isTiyin, type SomAmount, som, type Tiyin, tiyin } from "../../src/kit/money";

const anyTiyin = fc.maxSafeNat();
const LARGEST = Number.MAX_SAFE_INTEGER;

/** An object as decimal.js and big.js make it. */
const decimal = (text: string) => ({ toFixed: () => text, toString: () => text });

/** What no amount can be, with what the error calls it. The compiler refuses it, too; JavaScript and JSON do not ask it. */
const notMeant: [unknown, string][] = [
  [null, "null"],
  [undefined, "undefined"],
  [true, "true"],
  [new Date(0), "a Date"],
  [{}, "an object"],
  [{ amount: 5 }, "an object"],
  [[5], "an array"],
  [() => 5, "a function"],
  [Symbol("5"), "a symbol"],
  [{ toFixed: 5 }, "an object"],
];
const take = (make: (amount: never) => Tiyin, amount: unknown): Tiyin => Reflect.apply(make, undefined, [amount]);

describe("tiyin", () => {
  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("refuses %s", (amount) => {
    expect(() => tiyin(amount)).toThrow(RangeError);
    expect(isTiyin(amount)).toBe(false);
  });

  it.each(["", " ", "-1", "+1", "5.00", "1e3", "1,5", "1 000", "0x10", "abc", "9007199254740992", "9".repeat(400)])(
    "refuses the text %j",
    (text) => {
      expect(() => tiyin(text)).toThrow(RangeError);
    },
  );

  it.each([-1n, 2n ** 53n, 10n ** 400n])("refuses the bigint %s", (amount) => {
    expect(() => tiyin(amount)).toThrow(RangeError);
  });

  it.each(notMeant)("refuses %s with a sentence that says what came", (amount, name) => {
    expect(() => take(tiyin, amount)).toThrow(
      new TypeError(`tiyin(${name}): write a whole number from 0 to ${LARGEST}, or its digits as text`),
    );
  });

  it("takes zero and the largest safe integer", () => {
    expect(tiyin(0)).toBe(0);
    expect(tiyin(LARGEST)).toBe(LARGEST);
  });

  it("reads each amount from a number, a bigint and digits alike", () => {
    fc.assert(
      fc.property(anyTiyin, (amount) => {
        expect([tiyin(amount), tiyin(BigInt(amount)), tiyin(String(amount))]).toEqual([amount, amount, amount]);
      }),
    );
  });

  it("is not text, however numeric", () => {
    expect(isTiyin("100")).toBe(false);
  });
});

describe("som", () => {
  it.each([
    ...["", " ", "-1", "+1", "-0", "1.999", "1.9990", "0.001", "1e3", "1E3", "1,5", "1,000", "1_000", "0x10", "abc"],
    ...[
      "1.",
      ".5",
      "1.5.5",
      "5 0000",
      "1 00",
      "1  000",
      "NaN",
      "Infinity",
      "5 som",
      "90071992547409.92",
      "9".repeat(400),
    ],
  ])("refuses %j", (text) => {
    expect(() => som(text)).toThrow(RangeError);
    expect(() => som(decimal(text))).toThrow(Error);
  });

  it.each([-1, 1.999, Number.NaN, Number.POSITIVE_INFINITY, 1e21, 1e-7, 0.1 + 0.2])(
    "refuses the number %s",
    (amount) => {
      expect(() => som(amount)).toThrow(RangeError);
    },
  );

  it.each([-1n, 90_071_992_547_410n, 10n ** 400n])("refuses the bigint %s", (amount) => {
    expect(() => som(amount)).toThrow(RangeError);
  });

  it.each(notMeant)("refuses %s with a sentence that says what came", (amount, name) => {
    const wanted = 'write 0 or more with at most two decimals after a point, like 50_000 or "1 999.99"';
    expect(() => take(som, amount)).toThrow(new TypeError(`som(${name}): ${wanted}`));
  });

  it("says what came where it was an amount, and not more of it than fits a line", () => {
    expect(() => som("1,5")).toThrow(/^som\("1,5"\): write /);
    expect(() => som(Number.NaN)).toThrow(/^som\(NaN\): write /);
    expect(() => som(-5n)).toThrow(/^som\(-5n\): write /);
    expect(() => som(new Decimal("0.125"))).toThrow(/^som\(0\.125\): write /);
    expect(() => som("9".repeat(10_000))).toThrow(/^som\("9{40}…"\): write /);
  });

  it("refuses an object whose toFixed() rounds: half a som would be lost", () => {
    expect(() => som(Object(4.35))).toThrow(TypeError);
  });

  it("reads decimals exactly where a float would lose a tiyin", () => {
    expect(4.35 * 100).not.toBe(435);
    expect(som(4.35)).toBe(435);
    expect(som(0.29)).toBe(29);
    expect(som("19.9")).toBe(1_990);
  });

  it("makes a hundred tiyin of a som, up to the largest amount there is", () => {
    expect(som(50_000)).toBe(5_000_000);
    expect(som(50_000n)).toBe(5_000_000);
    expect(som("90071992547409.91")).toBe(LARGEST);
    expect(som(90_071_992_547_409n)).toBe(9_007_199_254_740_900);
  });

  it("reads what a form and a NUMERIC column give", () => {
    expect(som("50000.0000")).toBe(5_000_000);
    expect(som("1 999.99")).toBe(199_999);
    expect(som(" 1\u202f999\u00a0000.990 \n")).toBe(199_900_099);
    expect(som("0.00")).toBe(0);
    expect(som("0000050000")).toBe(5_000_000);
  });

  it("reads a Decimal, also one that prints an exponent", () => {
    expect(som(new Decimal("100.50"))).toBe(10_050);
    expect(som(new Decimal("5e4"))).toBe(5_000_000);
    expect(() => som(new Decimal("1e30"))).toThrow(RangeError);
    expect(() => som(new Decimal(Number.NaN))).toThrow();
    expect(() => som(new Decimal(-1))).toThrow(RangeError);
  });

  it("reads back every amount that formatSom prints", () => {
    fc.assert(fc.property(anyTiyin, (amount) => som(formatSom(tiyin(amount))) === amount));
  });

  it("reads each amount alike from text with any zeros behind, a decimal object and, while exact, a number", () => {
    fc.assert(
      fc.property(anyTiyin, fc.nat({ max: 8 }), (amount, zeros) => {
        const text = `${Math.trunc(amount / 100)}.${String(amount % 100).padStart(2, "0")}`;
        expect(som(text)).toBe(amount);
        expect(som(text + "0".repeat(zeros))).toBe(amount);
        expect(som(decimal(text))).toBe(amount);
        expect(som(new Decimal(text))).toBe(amount);
        if (amount < 1e12) expect(som(Number(text))).toBe(amount);
        if (amount % 100 === 0) expect(som(BigInt(amount / 100))).toBe(amount);
      }),
    );
  });

  it("refuses a third decimal, however many zeros stand around it", () => {
    fc.assert(
      fc.property(
        anyTiyin,
        fc.integer({ min: 1, max: 9 }),
        fc.nat({ max: 4 }),
        fc.nat({ max: 4 }),
        (amount, digit, before, after) => {
          const text = `${Math.trunc(amount / 100)}.${String(amount % 100).padStart(2, "0")}`;
          const third = `${text}${"0".repeat(before)}${digit}${"0".repeat(after)}`;
          expect(() => som(third)).toThrow(RangeError);
          expect(() => som(new Decimal(third))).toThrow(RangeError);
        },
      ),
    );
  });

  it("never gives anything but an amount, whatever comes", () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true }), (anything) => {
        for (const make of [som, tiyin]) {
          try {
            expect(isTiyin(take(make, anything))).toBe(true);
          } catch (error) {
            expect(error instanceof RangeError || error instanceof TypeError).toBe(true);
            expect(String(error)).toMatch(/^(Range|Type)Error: (som|tiyin)\(.*\): write /s);
          }
        }
      }),
    );
  });
});

it("the compiler keeps som and tiyin apart", () => {
  const amounts: SomAmount[] = [50_000, 50_000n, "50000.0000", new Decimal("1.50")];
  const price: Tiyin = som(50_000);
  expect(amounts.map(som)).toEqual([price, price, price, 150]);
  // @ts-expect-error a Tiyin is no amount in som: a hundred times too much
  expect(som(price)).toBe(500_000_000);
  // @ts-expect-error a plain number says not which of the two it is
  const plain: Tiyin = 50_000;
  // @ts-expect-error a Date is no amount
  expect(() => som(new Date(plain))).toThrow(TypeError);
  // @ts-expect-error a Decimal is an amount in som only
  expect(() => tiyin(new Decimal(plain))).toThrow(RangeError);
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
