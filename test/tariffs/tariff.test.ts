import { describe, expect, it } from "vitest";
import { PaymeValidationError } from "../../src/kit/errors";
import { som, tiyin } from "../../src/kit/money";
import { checkNewTariff, checkTariffChange, isTariffId, readSnapshot, tariffData } from "../../src/tariffs/tariff";

const fields = { name: "Premium", price: som(50_000), durationDays: 30 };

describe("a tariff's fields", () => {
  it.each([
    ["name", ""],
    ["name", " \t\n"],
    ["name", "x".repeat(201)],
    ["name", "Premium\0"],
    ["name", "Premium \ud800"],
    ["price", 0],
    ["price", -1],
    ["price", 1.5],
    ["price", 50],
    ["price", 5_000_050],
    ["price", "5000000"],
    ["price", Number.NaN],
    ["price", Number.POSITIVE_INFINITY],
    ["price", Number.MAX_SAFE_INTEGER],
    ["durationDays", 0],
    ["durationDays", 0.5],
    ["durationDays", 36_501],
  ])("%s of %j is refused by name", (field, value) => {
    const refused = () => checkNewTariff({ ...fields, [field]: value });
    expect(refused).toThrow(PaymeValidationError);
    expect(refused).toThrow(new RegExp(`^${field}: give `));
    expect(() => checkTariffChange({ [field]: value })).toThrow(new RegExp(`^${field}: give `));
  });

  it.each(["name", "price", "durationDays"])("%s may be left out of a change, not of a new tariff", (field) => {
    expect(() => checkNewTariff({ ...fields, [field]: undefined })).toThrow(PaymeValidationError);
    expect(() => checkTariffChange({ [field]: undefined })).not.toThrow();
  });

  it("are taken up to their limits, as given", () => {
    const widest = {
      name: ` ${"😀".repeat(199)}`,
      price: som(90_071_992_547_409),
      durationDays: 36_500,
      isActive: false,
    };
    expect(checkNewTariff(widest)).toEqual(widest);
    const smallest = { name: "x", price: som(1), durationDays: 1 };
    expect(checkNewTariff(smallest)).toEqual({ ...smallest, isActive: true });
  });

  it("a price that is not whole som is refused with what to write: the guide's column has no room for its tiyin", () => {
    const wanted = "price: give whole som, 1 to 90071992547409, as som(50_000) makes them";
    for (const price of [som("50000.50"), tiyin(50)]) {
      expect(() => checkNewTariff({ ...fields, price })).toThrow(new PaymeValidationError(wanted));
      expect(() => checkTariffChange({ price })).toThrow(new PaymeValidationError(wanted));
    }
  });

  it("a plain number is no price: it says not whether it is som or tiyin", () => {
    // @ts-expect-error write som(50_000)
    checkNewTariff({ ...fields, price: 5_000_000 });
    // @ts-expect-error write som(50_000)
    checkTariffChange({ price: 5_000_000 });
  });
});

it("a tariff's id is a whole number from 1 that fits 32 bits", () => {
  expect([1, 2_147_483_647].every(isTariffId)).toBe(true);
  expect([0, -1, 1.5, Number.NaN, 2_147_483_648].some(isTariffId)).toBe(false);
});

describe("the snapshot in a payment's data", () => {
  const bought = { tariffId: 1, name: "Premium", durationDays: 30 };

  it("is read back as it was written, through JSON", () => {
    const stored = tariffData({ id: 1, ...fields, isActive: true });
    expect(stored).toEqual({ version: 2, ...bought, price: 5_000_000 });
    expect(readSnapshot(JSON.parse(JSON.stringify(stored)))).toEqual({ ...bought, price: som(50_000) });
  });

  it("has whole som where it has no version: so it was written at first", () => {
    expect(readSnapshot({ ...bought, price: 50_000 })).toEqual({ ...bought, price: som(50_000) });
    expect(readSnapshot({ ...bought, price: 90_071_992_547_409 })?.price).toBe(9_007_199_254_740_900);
  });

  it.each([
    null,
    "text",
    {},
    { ...bought },
    { ...bought, price: 0 },
    { ...bought, price: 1.5 },
    { ...bought, price: "50000" },
    { ...bought, price: 90_071_992_547_410 },
    { ...bought, version: 2, price: 0 },
    { ...bought, version: 2, price: 0.5 },
    { ...bought, version: 3, price: 5_000_000 },
    { ...bought, version: null, price: 5_000_000 },
    { ...bought, price: 50_000, name: 5 },
    { ...bought, price: 50_000, tariffId: 0 },
    { ...bought, price: 50_000, durationDays: 0.5 },
  ])("is none where it is %j", (data) => {
    expect(readSnapshot(data)).toBeUndefined();
  });
});
