import type { Clock, Sleep } from "../kit/clock";
import { onAbort } from "../kit/on-abort";

/** Options of {@link createTestClock}. */
export interface TestClockOptions {
  /**
   * Lets everything go on that needs no time. Default: ten turns of the event loop, enough for a mock and a storage in this
   * process. Wait for longer where a database or a server is elsewhere.
   */
  readonly settle?: (() => Promise<unknown>) | undefined;
}

/** Options of `advance`. */
export interface AdvanceOptions {
  /**
   * Called at each moment at which a sleep has ended, and once at the end. The clock waits for it. Where it sleeps by this
   * clock, time goes by for it, if need be past the end.
   */
  readonly run?: (() => unknown) | undefined;
  /** Calls `run` so often, too: for work that a row says is due, and no sleep. Default: never. */
  readonly everyMs?: number | undefined;
}

/** A clock that moves only when a test says so. Made by {@link createTestClock}. */
export interface TestClock {
  readonly now: Clock;
  /** Resolves when `advance` reaches its time. Rejects with the signal's reason when the signal aborts. */
  readonly sleep: Sleep;
  /** How many sleeps have not ended. */
  readonly waiting: number;
  /**
   * Moves the clock from one due moment to the next. Sleeps end in the order of time, those of one moment in the order of
   * their calls.
   *
   * @throws RangeError for a negative time. Rejects as `run` does, and while another `advance` is under way.
   */
  advance(ms: number, options?: AdvanceOptions): Promise<void>;
}

const TURNS = 10;

/**
 * Returns a clock that stands still at `start`, in ms since 1970 UTC. Give its `now` and `sleep` to the mock, the client, the
 * payments and the worker of a test: they then move together, years in a moment, and each run is the same. Time limits of
 * HTTP calls stay real.
 *
 * @example
 * const clock = createTestClock(Date.UTC(2026, 0, 31));
 * const { now, sleep } = clock;
 * const mock = createMockPayme({ now, sleep });
 * await clock.advance(365 * 86_400_000, { everyMs: 86_400_000, run: () => worker.runOnce() });
 */
export function createTestClock(start: number, { settle = turns }: TestClockOptions = {}): TestClock {
  let time = start;
  let isAdvancing = false;
  const sleeps = new Set<{ readonly at: number; readonly end: () => void }>();

  const sleep: Sleep = (ms, signal) =>
    new Promise((resolve, reject) => {
      const waiting = {
        at: time + Math.max(ms, 0),
        end() {
          forget();
          resolve();
        },
      };
      sleeps.add(waiting);
      const forget = onAbort(signal, () => {
        sleeps.delete(waiting);
        reject(signal?.reason);
      });
    });

  const nextAt = () => [...sleeps].reduce((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY);

  /** Ends the first sleep that is due by a moment, and moves the clock to its time. */
  function endOne(by: number): boolean {
    const at = nextAt();
    const first = [...sleeps].find((each) => each.at === at);
    if (first === undefined || at > by) return false;
    time = at;
    sleeps.delete(first);
    first.end();
    return true;
  }

  /** Waits for work. Time goes by where the work itself waits for it: else neither would ever go on. */
  async function finished(work: unknown): Promise<void> {
    let isOver = false;
    const over = Promise.resolve(work).finally(() => {
      isOver = true;
    });
    over.catch(() => undefined);
    for (await settle(); !isOver; await settle()) endOne(Number.POSITIVE_INFINITY);
    await over;
  }

  async function moveTo(end: number, { run, everyMs = Number.POSITIVE_INFINITY }: AdvanceOptions): Promise<void> {
    let runAt = time + everyMs;
    await settle();
    for (let at = Math.min(nextAt(), runAt); at <= end; at = Math.min(nextAt(), runAt)) {
      time = at;
      while (endOne(time)) await settle();
      await finished(run?.());
      while (runAt <= time) runAt += everyMs;
    }
    time = Math.max(time, end);
    await finished(run?.());
  }

  return {
    now: () => time,
    sleep,
    get waiting() {
      return sleeps.size;
    },
    async advance(ms, options = {}) {
      if (!(ms >= 0)) throw new RangeError(`advance(${ms}): time only goes forward`);
      if (!((options.everyMs ?? 1) > 0)) throw new RangeError(`everyMs ${options.everyMs}: must be more than 0`);
      if (isAdvancing) throw new Error("advance is under way already: await it first");
      isAdvancing = true;
      try {
        await moveTo(time + ms, options);
      } finally {
        isAdvancing = false;
      }
    },
  };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
