import { busy, timeLimit } from "./storage-errors";

/** A queue in which writers take turns: Payme's calls first, else first come, first served. */
export interface WriteQueue {
  /**
   * Runs `work` when its turn comes.
   *
   * @throws PaymeStorageError STORAGE_BUSY at once when too many wait, or when the turn has not come in time.
   */
  run<R>(work: () => Promise<R>, isFirst?: boolean): Promise<R>;
  /** Resolves when all queued work has run. */
  idle(): Promise<void>;
}

/** Limits of a {@link WriteQueue}. Default: none. */
export interface WriteQueueLimits {
  /** The number of writers that may be here, Payme's calls and others each by themselves: a stalled disk must not fill the memory. */
  readonly limit?: number;
  /** The time that each may wait: hooks may hang one after another. */
  readonly waitMs?: number | undefined;
}

/** How many of Payme's calls may pass others that wait. Then one of those has its turn: they get a ninth of it at the least. */
const MOST_PASSES = 8;

/** Returns a queue for writers. A writer that has stopped waiting is never run. */
export function createWriteQueue({ limit = Number.POSITIVE_INFINITY, waitMs }: WriteQueueLimits = {}): WriteQueue {
  type Lane = (() => void)[];
  const [first, others]: [Lane, Lane] = [[], []];
  let isBusy = false;
  let passes = 0;

  /** Lets the next one go on. */
  function passOn(): void {
    const isFirst = first.length > 0 && (others.length === 0 || passes < MOST_PASSES);
    passes = isFirst && others.length > 0 ? passes + 1 : 0;
    const go = (isFirst ? first : others).shift();
    if (go === undefined) isBusy = false;
    else go();
  }

  async function turnIn(lane: Lane): Promise<void> {
    let go = () => {};
    const turn = new Promise<void>((resolve) => {
      go = resolve;
      lane.push(go);
    });
    if (waitMs === undefined) return turn;
    const wait = timeLimit(waitMs, `the turn to write did not come within ${waitMs} ms`);
    try {
      await Promise.race([turn, wait.late]);
    } catch (error) {
      const place = lane.indexOf(go);
      if (place >= 0) lane.splice(place, 1);
      // It came in the moment in which this one gave up.
      else passOn();
      throw error;
    } finally {
      wait.clear();
    }
  }

  return {
    async run(work, isFirst = false) {
      const lane = isFirst ? first : others;
      if (isBusy && lane.length + 1 >= limit) throw busy(`${limit} writes are waiting already`);
      if (isBusy) await turnIn(lane);
      isBusy = true;
      try {
        return await work();
      } finally {
        passOn();
      }
    },
    async idle() {
      while (isBusy) {
        await new Promise<void>((go) => void others.push(go));
        passOn();
      }
    },
  };
}
