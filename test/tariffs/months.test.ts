import { describe, expect, it } from "vitest";
import { addMonths } from "../../src/kit/calendar";
import { som } from "../../src/kit/money";
import { type Grant, timetableOf } from "../../src/tariffs/timetable";
import { grant } from "./grants";

/** A moment in Tashkent. */
const at = (text: string) => Date.parse(`${text}+05:00`);
const monthly = (paymentId: string, settledAt: string, fields: Partial<Grant> = {}) =>
  grant({ paymentId, settledAt: at(settledAt), durationMonths: 1, ...fields });
const endsOf = (...grants: Grant[]) => timetableOf(grants).map(({ until }) => until);

describe("calendar months in Tashkent", () => {
  it.each([
    ["2026-01-15T10:30:00", 1, "2026-02-15T10:30:00"],
    ["2026-01-31T23:59:59.999", 1, "2026-02-28T23:59:59.999"],
    ["2028-01-31T00:00:00", 1, "2028-02-29T00:00:00"],
    ["2026-11-30T03:00:00", 3, "2027-02-28T03:00:00"],
    ["2026-12-31T01:00:00", 12, "2027-12-31T01:00:00"],
  ])("%s and %i are %s", (from, months, until) => {
    expect(new Date(addMonths(at(from), months)).toISOString()).toBe(new Date(at(until)).toISOString());
  });

  it("keep the 31st over a chain of payments", () => {
    const chain = [
      monthly("a", "2026-01-31T10:00:00"),
      monthly("b", "2026-02-01T09:00:00"),
      monthly("c", "2026-02-02T09:00:00"),
    ];
    expect(endsOf(...chain)).toEqual(["2026-02-28", "2026-03-31", "2026-04-30"].map((day) => at(`${day}T10:00:00`)));
  });

  it("are counted anew after a gap, after another tariff, and from where a gift ends", () => {
    expect(endsOf(monthly("a", "2026-01-31T10:00:00"), monthly("b", "2026-03-05T09:00:00"))).toEqual([
      at("2026-02-28T10:00:00"),
      at("2026-04-05T09:00:00"),
    ]);
    const gift = grant({ paymentId: "g", settledAt: at("2026-01-01T00:00:00"), durationMs: 10 * 86_400_000 + 7 });
    expect(endsOf(gift, monthly("b", "2026-01-02T00:00:00")).at(-1)).toBe(at("2026-02-11T00:00:00") + 7);
    const dearer = monthly("d", "2026-02-10T10:00:00", { tariffId: 2, price: som(99) });
    // 18 days of the first are left when the dearer one ends.
    expect(endsOf(monthly("a", "2026-01-31T10:00:00"), dearer)).toEqual([
      at("2026-02-10T10:00:00"),
      at("2026-03-10T10:00:00"),
      at("2026-03-28T10:00:00"),
    ]);
  });
});
