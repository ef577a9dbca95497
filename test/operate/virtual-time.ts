import type { Sleep } from "../../src/kit/clock";

interface Timer {
  readonly at: number;
  readonly end: () => void;
}

/** A clock and its timers, which go on only when a test says so. */
export function virtualTime(start = Date.UTC(2026, 0, 15, 10, 30)) {
  let now = start;
  const timers = new Set<Timer>();
  const sleep: Sleep = (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = { at: now + Math.max(ms, 0), end: resolve };
      timers.add(timer);
      signal?.addEventListener(
        "abort",
        () => {
          timers.delete(timer);
          reject(signal.reason);
        },
        { once: true },
      );
    });
  return {
    now: () => now,
    sleep,
    timers,
    settle,
    /** Lets time go by, timer after timer. */
    async pass(ms: number) {
      const until = now + ms;
      for (;;) {
        await settle();
        const [next] = [...timers].sort((a, b) => a.at - b.at);
        if (next === undefined || next.at > until) break;
        timers.delete(next);
        now = Math.max(now, next.at);
        next.end();
      }
      now = until;
    },
  };
}

/** Whatever can go on without time goes on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
