import { busy, timeLimit } from "../storage-errors";

/** A queue in which writers take turns, first come, first served. */
export interface WriteQueue {
  /**
   * Runs `work` when its turn comes.
   *
   * @throws PaymeStorageError STORAGE_BUSY at once when the queue is full, or when the turn has not come in time.
   */
  run<R>(work: () => Promise<R>): Promise<R>;
  /** Resolves when all queued work has run. */
  idle(): Promise<void>;
}

/** Limits of a {@link WriteQueue}. */
export interface WriteQueueLimits {
  /** The number of writers that may wait: a stalled disk must not fill the memory. */
  readonly limit: number;
  /** The time that each may wait: hooks may hang one after another. */
  readonly waitMs: number;
}

/** Returns a queue for writers. A writer that has stopped waiting is never run. */
export function createWriteQueue({ limit, waitMs }: WriteQueueLimits): WriteQueue {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function run<R>(work: () => Promise<R>): Promise<R> {
    if (waiting >= limit) throw busy(`${limit} writes are waiting already`);
    const isFirst = waiting === 0;
    waiting += 1;
    const wait = isFirst ? undefined : timeLimit(waitMs, `the turn to write did not come within ${waitMs} ms`);
    const turn = last
      .then(() => {
        wait?.clear();
        wait?.assertInTime();
        return work();
      })
      .finally(() => {
        waiting -= 1;
      });
    last = turn.catch(() => {});
    return wait === undefined ? turn : Promise.race([turn, wait.late]);
  }

  return {
    run,
    async idle() {
      await last;
    },
  };
}
