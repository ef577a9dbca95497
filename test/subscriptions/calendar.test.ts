import { describe, expect, it } from "vitest";
import { boundaryOf } from "../../src/subscriptions/boundaries";
import { localParts, monthsLater } from "./calendar-oracle";

const DAYS = Array.from({ length: 31 }, (_, day) => day + 1);
/** 00:30, 15:30 and 23:59:59 in Tashkent: UTC has another date at the first. */
const TIMES = [19.5 - 24, 10.5, 19 - 1 / 3_600].map((hours) => Math.round(hours * 3_600_000));

describe("the boundaries of a monthly subscription", () => {
  it.each(DAYS)("from the %ith: ten years as on a calendar in Tashkent", (day) => {
    for (const time of TIMES) {
      const anchor = Date.UTC(2027, 0, day) + time;
      for (let count = 0; count <= 120; count += 1) {
        const boundary = boundaryOf(anchor, { months: 1 }, count);
        expect(localParts(boundary), `boundary ${count}`).toEqual(monthsLater(anchor, count));
      }
    }
  });

  it("of a quarter and of a year meet those of months", () => {
    const anchor = Date.UTC(2028, 1, 29, 10);
    for (let count = 0; count <= 40; count += 1) {
      expect(boundaryOf(anchor, { months: 3 }, count)).toBe(boundaryOf(anchor, { months: 1 }, 3 * count));
      expect(localParts(boundaryOf(anchor, { months: 12 }, count))).toEqual(monthsLater(anchor, 12 * count));
    }
  });
});
