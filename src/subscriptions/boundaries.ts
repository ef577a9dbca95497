import { addMonths, DAY_MS } from "../kit/calendar";
import { PaymeValidationError } from "../kit/errors";

/** How long a period lasts: calendar months in Tashkent's time, or days of 24 hours. */
export type Interval = { readonly months: number } | { readonly days: number };

/**
 * A boundary, so many intervals after the anchor. Each is counted from the anchor: 31 January, 28 February, 31 March. The time
 * of the day stays.
 */
export function boundaryOf(anchor: number, every: Interval, count: number): number {
  return "months" in every ? addMonths(anchor, every.months * count) : anchor + every.days * DAY_MS * count;
}

/** The moment after so many intervals, of which the last may be a part: 1.5 is one interval and half of the next. */
export function momentAfter(anchor: number, every: Interval, intervals: number): number {
  const whole = Math.floor(intervals);
  const start = boundaryOf(anchor, every, whole);
  return start + Math.floor((intervals - whole) * (boundaryOf(anchor, every, whole + 1) - start));
}

/** True for two intervals of the same unit and count. */
export function isSameInterval(one: Interval, other: Interval): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

const LONGEST = { months: 36, days: 1_096 };

/** @throws PaymeValidationError where it is no interval of at most three years. */
export function requireInterval(every: Interval): Interval {
  for (const unit of ["months", "days"] as const) {
    const count: unknown = Object.entries(every ?? {}).find(([name]) => name === unit)?.[1];
    if (typeof count !== "number" || !Number.isInteger(count) || count < 1 || count > LONGEST[unit]) continue;
    return unit === "months" ? { months: count } : { days: count };
  }
  throw new PaymeValidationError("every: give { months: 1 to 36 } or { days: 1 to 1096 }");
}
