import fc from "fast-check";
import { DAY_MS } from "../../src/kit/calendar";
import { som } from "../../src/kit/money";
import type { Grant, Timetable } from "../../src/tariffs/timetable";

/** Day 0 of these tests. */
export const START = Date.UTC(2026, 0, 1);

/** The start of a day. */
export const day = (number: number): number => START + number * DAY_MS;

/** A grant of 30 days, settled on day 0. */
export function grant(fields: Partial<Grant> = {}): Grant {
  return {
    paymentId: "p1",
    tariffId: 1,
    name: "Basic",
    price: som(10),
    durationDays: 30,
    settledAt: day(0),
    ...fields,
  };
}

/** A timetable in days, as one reads it aloud: [payment, from, until]. */
export function inDays(timetable: Timetable): [paymentId: string, from: number, until: number][] {
  const dayOf = (ms: number) => (ms - START) / DAY_MS;
  return timetable.map(({ grant: { paymentId }, from, until }) => [paymentId, dayOf(from), dayOf(until)]);
}

/** Sets of grants that touch each other: few tariffs, equal prices, equal moments, gaps and snapshots of an older price. */
export const anyGrants = (maxLength = 12): fc.Arbitrary<Grant[]> =>
  fc.uniqueArray(
    fc.record({
      paymentId: fc.stringMatching(/^[a-zA-Z0-9]{1,3}$/),
      tariffId: fc.integer({ min: 1, max: 4 }),
      name: fc.constant("any"),
      price: fc.integer({ min: 1, max: 3 }).map((price) => som(price)),
      durationDays: fc.integer({ min: 1, max: 9 }),
      settledAt: fc.integer({ min: 0, max: 40 }).map(day),
    }),
    { maxLength, selector: ({ paymentId }) => paymentId },
  );
