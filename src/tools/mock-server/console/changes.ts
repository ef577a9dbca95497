/** Counts the changes of a mock, and lets a page wait for the next one. */
export type Changes = ReturnType<typeof createChanges>;

/** Returns a count of 0. No timer runs unless a page waits. */
export function createChanges() {
  let count = 0;
  const waiting = new Set<() => void>();
  return {
    count: () => count,
    note(): void {
      count += 1;
      for (const wake of [...waiting]) wake();
    },
    /** Resolves with the count when it is no longer `seen`, or after `patienceMs`. */
    async next(seen: number, patienceMs: number): Promise<number> {
      if (count === seen) {
        await new Promise<void>((resolve) => {
          const wake = () => {
            clearTimeout(timer);
            waiting.delete(wake);
            resolve();
          };
          const timer = setTimeout(wake, patienceMs);
          timer.unref?.();
          waiting.add(wake);
        });
      }
      return count;
    },
  };
}
