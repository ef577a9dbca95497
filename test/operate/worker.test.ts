import { describe, expect, it } from "vitest";
import { createWorker, PaymeConfigError } from "../../src/entry";
import { gate } from "../outbox/kit";
import { MINUTE, openWorker, parts, SECOND, testClock } from "./kit";

const HANGS = () => new Promise<never>(() => {});
const fails = () => {
  throw new Error("the database is away");
};

describe("a started worker", () => {
  it("runs each job by its own timetable, and the outbox", async () => {
    const { runs, ...shop } = parts();
    const { worker, time } = openWorker(shop);
    worker.start();
    expect(runs).toMatchObject({ reconcile: 0, started: 1 });
    await time.advance(5 * SECOND + MINUTE);
    expect(runs).toEqual({
      reconcile: 7,
      review: 1,
      live: 2,
      test: 2,
      tariffs: 2,
      deliver: 0,
      started: 1,
      stopped: 0,
    });
    await time.advance(59 * MINUTE);
    expect(runs).toMatchObject({ reconcile: 361, review: 2, live: 61, tariffs: 61 });
    await worker.stop();
  });

  it("keeps a timetable that is given, and runs each of several parts", async () => {
    const [first, second] = [parts(), parts()];
    const payments = [first.payments, second.payments];
    const { worker, time } = openWorker({ payments, everyMs: { "payments.reconcile": 4 * SECOND } });
    worker.start();
    await time.advance(10 * SECOND);
    expect([first.runs.reconcile, second.runs.reconcile]).toEqual([3, 3]);
    expect([first.runs.review, second.runs.review]).toEqual([1, 1]);
    await worker.stop();
  });

  it("runs once, where it is started twice", async () => {
    const { runs, ...shop } = parts();
    const { worker, time } = openWorker(shop);
    worker.start();
    worker.start();
    await time.advance(5 * SECOND);
    expect(runs).toMatchObject({ reconcile: 1, live: 1, tariffs: 1, started: 1 });
    await worker.stop();
  });

  const jobs = ["reconcile", "review", "sweep", "tariffs"] as const;
  const faults = { throws: fails, rejects: async () => fails(), hangs: HANGS };
  it.each(jobs.flatMap((job) => Object.entries(faults).map(([how, work]) => ({ job, how, work }))))(
    "goes on with the other jobs where $job $how",
    async ({ job, work }) => {
      const { runs, ...shop } = parts({ [job]: work });
      const { worker, time } = openWorker(shop);
      worker.start();
      await time.advance(5 * SECOND + 60 * MINUTE);
      const healthy = { reconcile: 361, review: 2, sweep: 61, tariffs: 61 };
      const { reconcile, review, live: sweep, tariffs } = runs;
      expect({ reconcile, review, sweep, tariffs, [job]: healthy[job] }).toEqual(healthy);
      void worker.stop();
    },
  );

  it("runs a job that failed again at its next time, and logs each failure", async () => {
    const { runs, payments } = parts({ reconcile: fails });
    const { worker, time, of } = openWorker({ payments });
    worker.start();
    await time.advance(25 * SECOND);
    expect(runs.reconcile).toBe(3);
    const [failure, ...others] = of("error");
    expect(failure).toMatchObject({
      message: "a job failed; it runs again later",
      fields: { job: "payments.reconcile", index: 0, stack: expect.stringContaining("the database is away") },
    });
    expect(others).toHaveLength(2);
    await worker.stop();
  });

  it("never starts a job twice at once: a run that hangs is reported, and the next one follows its end", async () => {
    const { open, opened } = gate();
    const { runs, payments } = parts({ reconcile: (n) => (n === 1 ? opened.then(() => undefined) : undefined) });
    const { worker, time, of } = openWorker({ payments, deadlineMs: MINUTE });
    worker.start();
    await time.advance(5 * SECOND + MINUTE - 1);
    expect(of("error")).toEqual([]);
    await time.advance(1 + MINUTE);
    expect(runs.reconcile).toBe(1);
    expect(of("error").map(({ message, fields }) => [message, fields])).toEqual([
      ["a job has not ended; the others go on", { job: "payments.reconcile", index: 0, ms: MINUTE }],
      ["a job has not ended; the others go on", { job: "payments.reconcile", index: 0, ms: 2 * MINUTE }],
    ]);
    open();
    await time.advance(10 * SECOND);
    expect(runs.reconcile).toBe(2);
    expect(of("error")).toHaveLength(2);
    await worker.stop();
  });

  it("waits longer or shorter by up to a fifth, by chance; the first run comes within ten seconds", async () => {
    for (const [chance, first, next] of [
      [0, 0, 8],
      [0.25, 2.5, 9],
      [1, 10, 12],
    ] as const) {
      const time = testClock();
      const start = time.now();
      const at: number[] = [];
      const { payments } = parts({ reconcile: () => void at.push(time.now() - start) });
      const { worker } = openWorker({ payments, random: () => chance }, time);
      worker.start();
      await time.advance(40 * SECOND);
      const wanted = [first, first + next, first + 2 * next].map((seconds) => seconds * SECOND);
      expect(at.slice(0, 3)).toEqual(wanted);
      await worker.stop();
    }
  });

  it("lets the first run wait no longer than the job's own time", async () => {
    const { runs, payments } = parts();
    const { worker, time } = openWorker({ payments, random: () => 1, everyMs: { "payments.reconcile": SECOND } });
    worker.start();
    await time.advance(SECOND);
    expect(runs.reconcile).toBe(1);
    await worker.stop();
  });

  it("runs a job again at once while work is left", async () => {
    const { runs, ...shop } = parts({
      reconcile: (n) => ({ checked: n < 4 ? 20 : 19 }),
      review: (n) => ({ days: [], left: 0, ...(n < 4 ? { days: [day()], left: 4 - n } : {}) }),
      sweep: (n) => ({ expired: n < 4 ? 100 : 99 }),
      tariffs: (n) => ({ updated: n < 4 ? 99 : 98, failed: 1 }),
    });
    const { worker, time } = openWorker(shop);
    worker.start();
    await time.advance(5 * SECOND);
    expect(runs).toMatchObject({ reconcile: 4, review: 4, live: 4, test: 4, tariffs: 4 });
    await worker.stop();
  });

  it("waits its time where a full page made no progress", async () => {
    const { runs, ...shop } = parts({
      reconcile: () => ({ checked: 20, errors: 20 }),
      review: () => ({ days: [day("NETWORK"), day("NETWORK")], left: 9 }),
      sweep: () => ({ expired: 0, failed: 1_000 }),
      tariffs: () => ({ updated: 0, failed: 100 }),
    });
    const { worker, time } = openWorker(shop);
    worker.start();
    await time.advance(5 * SECOND);
    expect(runs).toMatchObject({ reconcile: 1, review: 1, live: 1, test: 1, tariffs: 1 });
    await worker.stop();
  });

  it("logs a run that did something, and no other", async () => {
    const { payments, merchant } = parts({ reconcile: (n) => ({ checked: n === 2 ? 3 : 0 }) });
    const { worker, time, lines } = openWorker({ payments, merchant });
    worker.start();
    await time.advance(25 * SECOND);
    expect(lines).toMatchObject([
      { level: "info", message: "a job ran", fields: { job: "payments.reconcile", index: 0, checked: 3 } },
    ]);
    await worker.stop();
  });
});

describe("a stop", () => {
  it("ends every wait: no timer is left, and nothing runs any more", async () => {
    const { runs, ...shop } = parts();
    const { worker, time, lines } = openWorker(shop);
    worker.start();
    await time.advance(5 * SECOND);
    expect(time.waiting).toBe(4);
    await worker.stop();
    expect(time.waiting).toBe(0);
    const before = { ...runs };
    await time.advance(60 * MINUTE);
    expect(runs).toEqual(before);
    expect(runs.stopped).toBe(1);
    expect(lines).toEqual([]);
  });

  it("waits for the runs under way", async () => {
    const { open, opened } = gate();
    const { runs, ...shop } = parts({ sweep: () => opened.then(() => ({ expired: 100 })) });
    const { worker, time, of } = openWorker(shop);
    worker.start();
    await time.advance(5 * SECOND);
    const stopped = watch(worker.stop());
    await time.advance(9 * SECOND);
    expect(stopped.isOver).toBe(false);
    open();
    await time.advance(0);
    expect(stopped.isOver).toBe(true);
    // The run that was under way, live and test; its full page is not followed by another.
    expect(runs).toMatchObject({ live: 1, test: 1 });
    expect(time.waiting).toBe(0);
    expect(of("warn")).toEqual([]);
  });

  it("waits for graceMs at most, names what it left, and leaves no timer", async () => {
    const { payments, merchant } = parts({ reconcile: HANGS });
    const { worker, time, of } = openWorker({ payments, merchant });
    worker.start();
    await time.advance(5 * SECOND);
    const stopped = watch(worker.stop({ graceMs: 3 * SECOND }));
    await time.advance(3 * SECOND - 1);
    expect(stopped.isOver).toBe(false);
    await time.advance(1);
    await time.advance(0);
    expect(stopped.isOver).toBe(true);
    expect(of("warn")).toMatchObject([{ fields: { jobs: ["payments.reconcile"] } }]);
    expect(time.waiting).toBe(0);
    await time.advance(60 * MINUTE);
    expect(of("error")).toEqual([]);
  });

  it("waits for the outbox, which cuts off earlier than the worker does", async () => {
    const graces: (number | undefined)[] = [];
    const { outbox } = parts();
    const { open, opened } = gate();
    const stop = async (options: { graceMs?: number | undefined } = {}) => {
      graces.push(options.graceMs);
      await opened;
    };
    const { worker, time } = openWorker({ outbox: { ...outbox, stop } });
    worker.start();
    const stopped = watch(worker.stop({ graceMs: 10 * SECOND }));
    await time.advance(9 * SECOND);
    expect(stopped.isOver).toBe(false);
    open();
    await time.advance(0);
    expect(stopped.isOver).toBe(true);
    expect(graces).toEqual([8 * SECOND]);
  });

  it("before a start does nothing, and after one can be followed by another start", async () => {
    const { runs, ...shop } = parts();
    const { worker, time } = openWorker(shop);
    await worker.stop();
    expect(runs.stopped).toBe(0);
    for (const started of [1, 2]) {
      worker.start();
      await time.advance(5 * SECOND);
      await Promise.all([worker.stop(), worker.stop()]);
      expect(runs).toMatchObject({ reconcile: started, started });
    }
  });

  it("that left a run under way lets the next start join it: no job runs twice at once", async () => {
    const { open, opened } = gate();
    const { runs, payments } = parts({ reconcile: () => opened.then(() => undefined) });
    const { worker, time } = openWorker({ payments });
    worker.start();
    await time.advance(5 * SECOND);
    void worker.stop({ graceMs: SECOND });
    await time.advance(SECOND);
    worker.start();
    await time.advance(30 * SECOND);
    expect(runs.reconcile).toBe(1);
    open();
    await time.advance(10 * SECOND);
    expect(runs.reconcile).toBe(2);
    await worker.stop();
  });
});

describe("createWorker refuses", () => {
  it("to work for nobody", () => {
    expect(() => createWorker({})).toThrow(PaymeConfigError);
    expect(() => createWorker({ payments: [] })).toThrow("give merchant, payments, tariffs, subscriptions or outbox");
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 86_400_001])("%s as a time", (ms) => {
    const { payments } = parts();
    expect(() => createWorker({ payments, everyMs: { "payments.review": ms } })).toThrow(PaymeConfigError);
    expect(() => createWorker({ payments, deadlineMs: ms })).toThrow(PaymeConfigError);
  });

  it("no time that a timer can keep", () => {
    const { payments } = parts();
    for (const ms of [1, 86_400_000]) createWorker({ payments, deadlineMs: ms, everyMs: { "payments.review": ms } });
  });
});

function day(error?: string) {
  return { day: "2026-01-14", ages: [1], compared: 0, recorded: 0, differences: [], error } as const;
}

/** Says whether a promise has resolved. */
function watch(promise: Promise<unknown>) {
  const watched = { isOver: false };
  void promise.then(() => {
    watched.isOver = true;
  });
  return watched;
}
