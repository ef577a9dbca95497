import { PaymeStorageError } from "../../errors";

/** Lets writers take turns, first come, first served. */
export interface WriteQueue {
  /** Runs `work` when its turn comes. @throws PaymeStorageError STORAGE_BUSY at once when the queue is full. */
  run<R>(work: () => Promise<R>): Promise<R>;
  /** Resolves when all that is queued has run. */
  idle(): Promise<void>;
}

/** A queue for at most `limit` writers, so that a stalled disk cannot fill the memory. */
export function createWriteQueue(limit: number): WriteQueue {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    async run(work) {
      if (waiting >= limit) {
        throw new PaymeStorageError("STORAGE_BUSY", `${limit} writes are waiting already`, {
          hint: "Answer 503 and let the caller repeat.",
        });
      }
      waiting += 1;
      const turn = last.then(work).finally(() => {
        waiting -= 1;
      });
      last = turn.catch(() => {});
      return turn;
    },
    async idle() {
      await last;
    },
  };
}
