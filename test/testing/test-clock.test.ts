import { describe, expect, it } from "vitest";
import { createPayments, memoryStorage, type PaymeEvent, som } from "../../src/entry";
import { createPaymeClient } from "../../src/entry/client";
import { createMockPayme, createTestClock } from "../../src/entry/testing";

const START = Date.UTC(2026, 0, 31, 5);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

describe("the clock", () => {
  it("stands still until it is moved", async () => {
    const { now, advance } = createTestClock(START);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(now()).toBe(START);
    await advance(DAY);
    expect(now()).toBe(START + DAY);
  });

  it("ends sleeps in the order of time, and those of one moment in the order of their calls", async () => {
    const { now, sleep, advance } = createTestClock(START);
    const ended: string[] = [];
    const wait = (name: string, ms: number) => sleep(ms).then(() => ended.push(`${name} at ${now() - START}`));
    void wait("late", 300).then(() => wait("later", 50));
    void wait("first", 100).then(() => wait("between", 100));
    void wait("second", 100);
    void wait("at once", -1);
    await advance(350);
    expect(ended).toEqual([
      "at once at 0",
      "first at 100",
      "second at 100",
      "between at 200",
      "late at 300",
      "later at 350",
    ]);
  });

  it("ends no sleep before its time, and knows how many wait", async () => {
    const clock = createTestClock(START);
    void clock.sleep(100);
    void clock.sleep(101);
    await clock.advance(99);
    expect(clock.waiting).toBe(2);
    await clock.advance(1);
    expect(clock.waiting).toBe(1);
  });

  it("rejects an aborted sleep with the signal's reason, before it begins and while it waits", async () => {
    const clock = createTestClock(START);
    const stop = new AbortController();
    const sleeping = clock.sleep(HOUR, stop.signal);
    const reason = new Error("the worker stops");
    stop.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(clock.sleep(HOUR, stop.signal)).rejects.toBe(reason);
    expect(clock.waiting).toBe(0);
  });

  it("refuses to go back, to run all the time, and to be moved by two", async () => {
    const clock = createTestClock(START);
    await expect(clock.advance(-1)).rejects.toThrow(RangeError);
    await expect(clock.advance(Number.NaN)).rejects.toThrow(RangeError);
    await expect(clock.advance(1, { everyMs: 0 })).rejects.toThrow(RangeError);
    await expect(clock.advance(1, { run: () => clock.advance(1) })).rejects.toThrow("under way");
    await clock.advance(1);
    expect(clock.now()).toBe(START + 2);
  });
});

describe("the work of a test", () => {
  it("runs at each moment at which a sleep has ended, each time that is given, and once at the end", async () => {
    const { now, sleep, advance } = createTestClock(START);
    const at: number[] = [];
    const run = () => at.push(now() - START);
    await advance(10, { run });
    expect(at.splice(0)).toEqual([10]);
    for (const ms of [5, 5, 20]) void sleep(ms);
    await advance(40, { run });
    expect(at.splice(0)).toEqual([15, 30, 50]);
    void sleep(5);
    await advance(30, { run, everyMs: 20 });
    expect(at).toEqual([55, 70, 80]);
  });

  it("may sleep by the clock itself: time goes by for it, also past the end", async () => {
    const { now, sleep, advance } = createTestClock(START);
    await advance(DAY, { run: () => sleep(HOUR) });
    expect(now()).toBe(START + DAY + HOUR);
  });

  it("is waited for where it waits for the world, and no time goes by for that", async () => {
    const { now, advance } = createTestClock(START);
    let isDone = false;
    await advance(DAY, {
      async run() {
        await new Promise((resolve) => setTimeout(resolve, 20));
        isDone = true;
      },
    });
    expect([isDone, now()]).toEqual([true, START + DAY]);
  });

  it("that fails ends the advance with its error", async () => {
    const { advance } = createTestClock(START);
    const failing = advance(DAY, { run: () => Promise.reject(new Error("no such table")) });
    await expect(failing).rejects.toThrow("no such table");
    await advance(DAY);
  });
});

/** A shop whose customer pays each month with a saved card, while Payme loses answers. */
async function monthsOf({ seed, ms, everyMs = DAY }: { seed: number; ms: number; everyMs?: number }) {
  const clock = createTestClock(START);
  const { now, sleep } = clock;
  const log: unknown[] = [];
  let ids = 0;
  const common = {
    now,
    sleep,
    newId: () => `id-${++ids}`,
    // A trace is random in each process.
    onEvent: (event: PaymeEvent) => void log.push({ ...event, trace: undefined }),
    logger: { info() {}, warn() {}, error() {} },
  };
  const mock = createMockPayme({ now, sleep, seed });
  mock.faults.add({ method: "receipts.pay", kind: "drop_after", probability: 0.3 });
  mock.faults.add({ method: "receipts.*", kind: "delay", delayMs: 3_000, probability: 0.3 });
  const { merchantId, key, fetch } = mock;
  const client = createPaymeClient({ merchantId, key, mode: "test", fetch, ...common });
  const payments = createPayments({ storage: memoryStorage(), client, onPaid: () => true, ...common });
  const { token } = await client.cards.create({ number: "8600495473316478", expire: "0399", save: true });
  await client.cards.verify({ token, code: "666666" });
  const stop = new AbortController();
  const paying = (async () => {
    for (let month = 0; ; month += 1) {
      const { status } = await payments.charge({ reference: `month-${month}`, amount: som(50_000), token });
      log.push(status);
      await sleep(30 * DAY, stop.signal);
    }
  })();
  await clock.advance(ms, { run: () => payments.reconcile(), everyMs });
  stop.abort("the end");
  await expect(paying).rejects.toBe("the end");
  return { log, exchanges: [...mock.exchanges], movements: mock.movements, now };
}

describe("a year of charges and reconciling", () => {
  it("is the same to the last call with the same seed, and another one with another seed", async () => {
    const [first, again, other] = [
      await monthsOf({ seed: 7, ms: YEAR }),
      await monthsOf({ seed: 7, ms: YEAR }),
      await monthsOf({ seed: 8, ms: YEAR }),
    ];
    expect(first.exchanges.length).toBeGreaterThan(50);
    expect(again.exchanges).toEqual(first.exchanges);
    expect(again.log).toEqual(first.log);
    expect(other.exchanges).not.toEqual(first.exchanges);
    // Thirteen months begin within it, and the first is charged at once.
    const paid = first.movements.filter(({ kind }) => kind === "take");
    expect(paid).toHaveLength(13);
    expect(new Set(paid.map(({ receiptId }) => receiptId)).size).toBe(13);
  });
});

it("three years of monthly work pass in less than a second", async () => {
  const tookMs: number[] = [];
  // The best of three: another program may have the machine for a while.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const begun = performance.now();
    const { movements, now } = await monthsOf({ seed: 1, ms: 3 * YEAR, everyMs: 30 * DAY });
    tookMs.push(performance.now() - begun);
    expect(movements.filter(({ kind }) => kind === "take")).toHaveLength(37);
    expect(now()).toBeGreaterThanOrEqual(START + 3 * YEAR);
  }
  expect(Math.min(...tookMs)).toBeLessThan(1_000);
});
