import { describe, expect, it } from "vitest";
import { PaymeValidationError } from "../../src/kit/errors";
import { amountOf, checkNewTariff, checkTariffChange, isTariffId } from "../../src/tariffs/tariff";

const fields = { name: "Premium", price: 50_000, durationDays: 30 };

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
    ["price", Number.NaN],
    ["price", Number.POSITIVE_INFINITY],
    ["price", 90_071_992_547_410],
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
    const widest = { name: ` ${"😀".repeat(199)}`, price: 90_071_992_547_409, durationDays: 36_500, isActive: false };
    expect(checkNewTariff(widest)).toEqual(widest);
    expect(amountOf(widest)).toBe(9_007_199_254_740_900);
    expect(checkNewTariff({ name: "x", price: 1, durationDays: 1 })).toMatchObject({ price: 1, isActive: true });
  });
});

it("a tariff's id is a whole number from 1 that fits 32 bits", () => {
  expect([1, 2_147_483_647].every(isTariffId)).toBe(true);
  expect([0, -1, 1.5, Number.NaN, 2_147_483_648].some(isTariffId)).toBe(false);
});
