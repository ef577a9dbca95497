import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../src/kit/calendar";
import { som } from "../../src/kit/money";
import { dearerRunning, type Grant, projectionAt, runningAt, timetableOf } from "../../src/tariffs/timetable";
import { anyGrants, day, grant, inDays } from "./grants";

const basic = (paymentId: string, settledOn: number) => grant({ paymentId, settledAt: day(settledOn) });
const premium = (paymentId: string, settledOn: number) =>
  grant({ paymentId, settledAt: day(settledOn), tariffId: 2, name: "Premium", price: som(50) });

describe("a payment of a tariff: where", () => {
  it("there is no payment, nothing runs", () => {
    expect(timetableOf([])).toEqual([]);
  });

  it("nothing runs, its tariff starts at once", () => {
    expect(inDays(timetableOf([basic("a", 5)]))).toEqual([["a", 5, 35]]);
  });

  it("the earlier one has ended, it starts at once and the gap stays", () => {
    expect(inDays(timetableOf([basic("a", 0), basic("b", 40)]))).toEqual([
      ["a", 0, 30],
      ["b", 40, 70],
    ]);
  });

  it("it is settled at the very end of the earlier one, it follows without a gap", () => {
    expect(inDays(timetableOf([basic("a", 0), premium("b", 30)]))).toEqual([
      ["a", 0, 30],
      ["b", 30, 60],
    ]);
  });

  it("the same tariff runs, it is added at its end", () => {
    expect(inDays(timetableOf([basic("a", 0), basic("b", 29)]))).toEqual([
      ["a", 0, 30],
      ["b", 30, 60],
    ]);
  });

  it("the same tariff runs and had another price, it is added at its end all the same", () => {
    for (const price of [9, 11]) {
      const again = grant({ paymentId: "b", settledAt: day(10), price: som(price) });
      expect(inDays(timetableOf([basic("a", 0), again]))).toEqual([
        ["a", 0, 30],
        ["b", 30, 60],
      ]);
    }
  });

  it("a cheaper one runs, it starts at once and the rest of the other resumes after it", () => {
    expect(inDays(timetableOf([basic("a", 0), premium("b", 10)]))).toEqual([
      ["a", 0, 10],
      ["b", 10, 40],
      ["a", 40, 60],
    ]);
  });

  it("another one of equal price runs, it starts at once", () => {
    const equal = grant({ paymentId: "b", settledAt: day(10), tariffId: 3 });
    expect(inDays(timetableOf([basic("a", 0), equal]))).toEqual([
      ["a", 0, 10],
      ["b", 10, 40],
      ["a", 40, 60],
    ]);
  });

  it("a dearer one runs, it waits until everything before it has ended", () => {
    expect(inDays(timetableOf([basic("a", 0), premium("b", 10), basic("c", 11)]))).toEqual([
      ["a", 0, 10],
      ["b", 10, 40],
      ["a", 40, 60],
      ["c", 60, 90],
    ]);
  });

  it("the same tariff runs and others wait, it goes before them", () => {
    expect(inDays(timetableOf([basic("a", 0), premium("b", 10), premium("c", 20)]))).toEqual([
      ["a", 0, 10],
      ["b", 10, 40],
      ["c", 40, 70],
      ["a", 70, 90],
    ]);
  });

  it("several are settled at one moment, the payment's id decides, not the order of writing", () => {
    const [first, second] = [basic("a", 0), premium("b", 0)];
    expect(timetableOf([second, first])).toEqual(timetableOf([first, second]));
    expect(inDays(timetableOf([first, second]))).toEqual([
      ["b", 0, 30],
      ["a", 30, 60],
    ]);
  });

  it("one tariff is paid 16 times at once, the end is exactly 16 durations away", () => {
    const grants = Array.from({ length: 16 }, (_, index) => basic(`p${index}`, 0));
    expect(projectionAt(timetableOf(grants), day(0)).expiresAt).toBe(day(16 * 30));
  });
});

describe("what a user has at a moment", () => {
  const timetable = timetableOf([basic("a", 0), premium("b", 10), premium("c", 20)]);

  it("is nothing before the first start and after the last end", () => {
    const nothing = { tariffId: null, expiresAt: null };
    expect(projectionAt(timetable, day(0) - 1)).toEqual({ ...nothing, nextChangeAt: day(0) });
    expect(projectionAt(timetable, day(90))).toEqual({ ...nothing, nextChangeAt: null });
    expect(projectionAt([], day(0))).toEqual({ ...nothing, nextChangeAt: null });
  });

  it("is nothing in a gap, and the next start is known", () => {
    const gap = timetableOf([basic("a", 0), basic("b", 40)]);
    expect(projectionAt(gap, day(35))).toEqual({ tariffId: null, expiresAt: null, nextChangeAt: day(40) });
    expect(projectionAt(gap, day(5)).expiresAt).toBe(day(30));
  });

  it("is the running tariff, until the end of all its payments without a gap", () => {
    expect(projectionAt(timetable, day(10))).toEqual({ tariffId: 2, expiresAt: day(70), nextChangeAt: day(70) });
    expect(projectionAt(timetable, day(70) - 1).tariffId).toBe(2);
    expect(projectionAt(timetable, day(70))).toEqual({ tariffId: 1, expiresAt: day(90), nextChangeAt: day(90) });
  });

  it("changes exactly at nextChangeAt", () => {
    property(anyGrants(), fc.integer({ min: 0, max: 120 }), (grants, number) => {
      const table = timetableOf(grants);
      const now = projectionAt(table, day(number));
      if (now.nextChangeAt === null) {
        expect(table.every(({ until }) => until <= day(number))).toBe(true);
        return;
      }
      expect(projectionAt(table, now.nextChangeAt - 1)).toEqual(now);
      expect(projectionAt(table, now.nextChangeAt)).not.toEqual(now);
    });
  });
});

describe("a purchase", () => {
  const timetable = timetableOf([premium("a", 0)]);

  it("is forbidden while something dearer runs, and only then", () => {
    expect(dearerRunning(timetable, { id: 1, price: som(49) }, day(29))?.paymentId).toBe("a");
    expect(dearerRunning(timetable, { id: 1, price: som(50) }, day(29))).toBeUndefined();
    expect(dearerRunning(timetable, { id: 1, price: som(49) }, day(30))).toBeUndefined();
  });

  it("of the same tariff is allowed after its price fell", () => {
    expect(dearerRunning(timetable, { id: 2, price: som(1) }, day(1))).toBeUndefined();
  });
});

describe("for any grants", () => {
  it("a day-by-day simulation comes to the same timetable", () => {
    property(anyGrants(), (grants) => {
      const table = timetableOf(grants);
      const simulated = simulate(grants);
      expect(simulated.map((_, number) => runningAt(table, day(number))?.grant.paymentId)).toEqual(simulated);
    });
  });

  it("no time is lost or given twice: each grant runs for exactly its days", () => {
    property(anyGrants(), (grants) => {
      const table = timetableOf(grants);
      for (const { paymentId, durationDays } of grants) {
        const mine = table.filter((segment) => segment.grant.paymentId === paymentId);
        expect(mine.reduce((sum, { from, until }) => sum + until - from, 0)).toBe(durationDays * DAY_MS);
      }
    });
  });

  it("segments are ascending, never empty, never overlap, and none starts before it was paid", () => {
    property(anyGrants(), (grants) => {
      const table = timetableOf(grants);
      table.forEach(({ grant: { settledAt }, from, until }, index) => {
        expect(until).toBeGreaterThan(from);
        expect(from).toBeGreaterThanOrEqual(settledAt);
        expect(from).toBeGreaterThanOrEqual(table[index - 1]?.until ?? from);
      });
    });
  });

  it("the order in which they were written does not matter", () => {
    property(
      anyGrants().chain((grants) =>
        fc.tuple(fc.constant(grants), fc.shuffledSubarray(grants, { minLength: grants.length })),
      ),
      ([grants, shuffled]) => {
        expect(timetableOf(shuffled)).toEqual(timetableOf(grants));
      },
    );
  });

  it("the past does not change when another payment is settled", () => {
    property(anyGrants(), (grants) => {
      const [latest, ...earlier] = [...grants].sort((a, b) => b.settledAt - a.settledAt);
      if (latest === undefined) return;
      const before = pastOf(earlier, latest.settledAt);
      expect(pastOf(grants, latest.settledAt)).toEqual(before);
    });
  });

  it("n payments of one tariff while it runs last n durations", () => {
    property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 36_500 }), (count, durationDays) => {
      const grants = Array.from({ length: count }, (_, index) => grant({ paymentId: `p${index}`, durationDays }));
      expect(projectionAt(timetableOf(grants), day(0)).expiresAt).toBe(day(count * durationDays));
    });
  });

  it("taking a payment back never adds time in which a tariff runs", () => {
    property(anyGrants(), (grants) => {
      const all = timetableOf(grants);
      for (const { from, until } of timetableOf(grants.slice(1))) {
        expect(runningAt(all, from)).toBeDefined();
        expect(runningAt(all, until - 1)).toBeDefined();
      }
    });
  });
});

it("a timetable of 4,000 payments looks at each a few times, not once for each other payment", () => {
  const looksAt = (count: number) => {
    let looks = 0;
    const counted = (paid: Grant) =>
      new Proxy(paid, {
        get(target, name) {
          looks += 1;
          return Reflect.get(target, name);
        },
      });
    const grants = Array.from({ length: count }, (_, index) =>
      counted(grant({ paymentId: `p${index}`, settledAt: day(index), tariffId: index % 3, price: som(index % 7) })),
    );
    expect(timetableOf(grants).length).toBeGreaterThanOrEqual(count);
    return looks;
  };
  expect(looksAt(4_000) / looksAt(1_000)).toBeLessThan(6);
});

/** The rules once more, in the simplest way there is: a queue of days, of which one is taken off each day. */
function simulate(grants: readonly Grant[]): (string | undefined)[] {
  const ran: (string | undefined)[] = [];
  let queue: Grant[] = [];
  for (let number = 0; number <= 200; number += 1) {
    const settled = grants.filter(({ settledAt }) => settledAt === day(number));
    for (const added of settled.sort((a, b) => (a.paymentId < b.paymentId ? -1 : 1))) {
      queue = withDaysOf(added, queue);
    }
    ran.push(queue.shift()?.paymentId);
  }
  return ran;
}

function withDaysOf(added: Grant, queue: readonly Grant[]): Grant[] {
  const days = Array.from({ length: added.durationDays }, () => added);
  const [running] = queue;
  if (running === undefined) return days;
  if (added.tariffId === running.tariffId) {
    const others = queue.findIndex(({ tariffId }) => tariffId !== running.tariffId);
    const end = others === -1 ? queue.length : others;
    return [...queue.slice(0, end), ...days, ...queue.slice(end)];
  }
  return added.price < running.price ? [...queue, ...days] : [...days, ...queue];
}

/** What ran on each day before a moment. */
function pastOf(grants: readonly Grant[], before: number): (string | undefined)[] {
  const table = timetableOf(grants);
  const days = (before - day(0)) / DAY_MS;
  return Array.from({ length: days }, (_, number) => runningAt(table, day(number))?.grant.paymentId);
}

/** A property whose failing run prints its seed. */
function property<Values extends [unknown, ...unknown[]]>(
  ...args: [
    ...arbitraries: { [Index in keyof Values]: fc.Arbitrary<Values[Index]> },
    check: (...values: Values) => void,
  ]
): void {
  fc.assert(fc.property(...args), { numRuns: 500 });
}
