import type { Clock, Sleep } from "../../kit/clock";
import { onAbort } from "../../kit/on-abort";
import { waitFor } from "../../kit/wait-for";

/** Another clock's time, and how far a person has moved it on. */
export type MovableClock = ReturnType<typeof createMovableClock>;

/** Returns a clock that shows the time of `base` until it is moved. A sleep whose time has come by a move ends at once. */
export function createMovableClock(base: { readonly now: Clock; readonly sleep: Sleep }) {
  let aheadMs = 0;
  let move = new AbortController();
  const now: Clock = () => base.now() + aheadMs;

  /** Sleeps by `base`, until the next move at most. */
  async function untilMoved(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const over = new AbortController();
    const end = () => over.abort();
    const forgets = [onAbort(signal, end), onAbort(move.signal, end)];
    await waitFor(new Promise<never>(() => {}), ms, base.sleep, over.signal);
    for (const forget of forgets) forget();
  }

  const sleep: Sleep = async (ms, signal) => {
    const end = now() + ms;
    let isMoved = true;
    for (let leftMs = ms; isMoved && leftMs >= 0; leftMs = end - now()) {
      const { signal: moved } = move;
      await untilMoved(leftMs, signal);
      signal?.throwIfAborted();
      isMoved = moved.aborted;
    }
  };

  return {
    now,
    sleep,
    /** How far it is ahead of `base`. */
    aheadMs: () => aheadMs,
    /** Sets it ahead of `base` by so much. */
    setAhead(ms: number): void {
      aheadMs = ms;
      const before = move;
      move = new AbortController();
      before.abort();
    },
  };
}
