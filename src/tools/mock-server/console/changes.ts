/** Counts changes, and lets a page wait for the next one. */
export interface Changes {
  /** How many there have been. */
  count(): number;
  note(): void;
  /** Resolves with the count once it is above `seen`, or after the patience. */
  next(seen: number, patienceMs: number): Promise<number>;
}

/** Changes of a mock. Nothing runs unless somebody waits. */
export function createChanges(): Changes {
  let count = 0;
  const waiting = new Set<() => void>();
  return {
    count: () => count,
    note() {
      count += 1;
      for (const wake of [...waiting]) wake();
    },
    async next(seen, patienceMs) {
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
