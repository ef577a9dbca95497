import type { Sleep } from "../kit/clock";

/** How an attempt is bounded. */
interface Bounds {
  readonly timeoutMs: number;
  readonly sleep: Sleep;
  /** Ends the attempt early. */
  readonly stop: AbortSignal;
}

/**
 * Runs work that may hang, for so long at most. Its signal is aborted when the time is over or `stop` is; then this
 * rejects at once, whether the work heeds the signal or not.
 */
export async function within(
  work: (signal: AbortSignal) => unknown,
  { timeoutMs, sleep, stop }: Bounds,
): Promise<void> {
  const attempt = new AbortController();
  const done = new AbortController();
  const onStop = () => attempt.abort(new DOMException("the outbox was stopped", "AbortError"));
  if (stop.aborted) onStop();
  stop.addEventListener("abort", onStop, { once: true });
  const aborted = new Promise<never>((_, reject) => {
    attempt.signal.addEventListener("abort", () => reject(attempt.signal.reason), { once: true });
    if (attempt.signal.aborted) reject(attempt.signal.reason);
  });
  sleep(timeoutMs, done.signal).then(
    () => attempt.abort(new DOMException(`not delivered within ${timeoutMs} ms`, "TimeoutError")),
    () => {},
  );
  try {
    await Promise.race([aborted, (async () => work(attempt.signal))()]);
  } finally {
    done.abort();
    stop.removeEventListener("abort", onStop);
  }
}
