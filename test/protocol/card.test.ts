import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cardExpiry } from "../../src/protocol/card";

describe("an expiry is read in each of Payme's three forms", () => {
  it.each([
    ["03/99", "card"],
    ["0399", "card"],
    ["9903", "receipt"],
    // One of Payme's own samples (receipts.pay) has MMYY in a receipt.
    ["0399", "receipt"],
    ["03/99", "receipt"],
    [" 03/99 ", "card"],
  ] as const)("%j of a %s", (expire, from) => {
    expect(cardExpiry(expire, { from })).toEqual({ month: 3, year: 99 });
  });

  it.each(["", "1399", "0099", "13/99", "399", "10399", "03/2099", "ab/cd", "03-99", "03//99"])(
    "%j of a card is none",
    (expire) => {
      expect(cardExpiry(expire, { from: "card" })).toBeUndefined();
    },
  );

  it.each([
    ["0312", "card", { month: 3, year: 12 }],
    ["03/12", "receipt", { month: 3, year: 12 }],
    ["0312", "receipt", { month: 12, year: 3 }],
  ] as const)("%j of a %s, where both halves could be a month", (expire, from, expiry) => {
    expect(cardExpiry(expire, { from })).toEqual(expiry);
  });

  it.each(["9913", "9900", "abcd"])("%j of a receipt is none", (expire) => {
    expect(cardExpiry(expire, { from: "receipt" })).toBeUndefined();
  });

  it("what Payme writes YYMM in a receipt is read so, whatever the year", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 99 }), (month, year) => {
        const two = (value: number) => String(value).padStart(2, "0");
        expect(cardExpiry(two(year) + two(month), { from: "receipt" })).toEqual({ month, year });
        expect(cardExpiry(`${two(month)}/${two(year)}`, { from: "card" })).toEqual({ month, year });
      }),
    );
  });
});
