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
