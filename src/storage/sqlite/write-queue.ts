import { PaymeStorageError } from "../../kit/errors";

/** Lets writers take turns, first come, first served. */
export interface WriteQueue {
  /**
   * Runs `work` when its turn comes.
   * @throws PaymeStorageError STORAGE_BUSY at once when the queue is full, or when the turn has not come in time.
   */
  run<R>(work: () => Promise<R>): Promise<R>;
  /** Resolves when all that is queued has run. */
  idle(): Promise<void>;
}

/** How much may wait, and for how long. */
export interface WriteQueueLimits {
  /** So many writers, so that a stalled disk cannot fill the memory. */
  readonly limit: number;
  /** So long each, so that nobody waits for a row of hooks that hang one after another. */
  readonly waitMs: number;
}

/** A queue for writers. One that gives up waiting is never run. */
export function createWriteQueue({ limit, waitMs }: WriteQueueLimits): WriteQueue {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function run<R>(work: () => Promise<R>): Promise<R> {
    if (waiting >= limit) throw busy(`${limit} writes are waiting already`);
    const isFirst = waiting === 0;
    waiting += 1;
    const wait = isFirst ? undefined : startWait(waitMs);
    const turn = last
      .then(() => {
        wait?.end();
        return work();
      })
      .finally(() => {
        waiting -= 1;
      });
    last = turn.catch(() => {});
    return wait === undefined ? turn : Promise.race([turn, wait.over]);
  }

  return {
    run,
    async idle() {
      await last;
    },
  };
}

/** `over` rejects once it has taken too long; `end` is the turn, and throws if that has come too late. */
function startWait(waitMs: number): { over: Promise<never>; end(): void } {
  let late: PaymeStorageError | undefined;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      late = busy(`the turn to write did not come within ${waitMs} ms`);
      reject(late);
    }, waitMs);
  });
  return {
    over,
    end() {
      clearTimeout(timer);
      if (late !== undefined) throw late;
    },
  };
}

function busy(message: string): PaymeStorageError {
  return new PaymeStorageError("STORAGE_BUSY", message, { hint: "Answer 503 and let the caller repeat." });
}
