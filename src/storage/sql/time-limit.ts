import { busy } from "./database-errors";

/** A time after which nobody waits any more. */
export interface TimeLimit {
  /** Rejects with STORAGE_BUSY when the time is over. */
  readonly late: Promise<never>;
  /** Throws the same error once the time is over. */
  assertInTime(): void;
  /** Nobody waits any more: the timer goes. */
  clear(): void;
}

/** Starts the time. */
export function timeLimit(ms: number, message: string): TimeLimit {
  const state = { isLate: false };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      state.isLate = true;
      reject(busy(message));
    }, ms);
  });
  // Whoever waits hears of it; where nobody does any more, nothing has gone wrong.
  late.catch(() => {});
  return {
    late,
    assertInTime() {
      if (state.isLate) throw busy(message);
    },
    clear: () => clearTimeout(timer),
  };
}

/** Waits for work, no longer than this. The work itself goes on. */
export async function within<R>(ms: number, work: Promise<R>, message: string): Promise<R> {
  const limit = timeLimit(ms, message);
  try {
    return await Promise.race([work, limit.late]);
  } finally {
    limit.clear();
  }
}
