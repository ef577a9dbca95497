/** How much larger the larger of two inputs is. */
const FACTOR = 8;
const RUNS = 60;

/** Linear work takes 8 times as long for an input 8 times as large, quadratic work 64 times: what is below this is linear. */
export const LINEAR = 3 * FACTOR;

/**
 * How many times longer work takes for an input 8 times as large. Both are timed in turn, and the quickest run of each counts. On a
 * busy machine one of them may be disturbed: they are run again until the ratio is that of linear work, or 60 times.
 *
 * @param prepare makes the work for an input of a size; what it does itself is not timed.
 */
export function growthOf(size: number, prepare: (size: number) => () => unknown): number {
  const works = [prepare(size), prepare(size * FACTOR)];
  const quickest = works.map(() => Number.POSITIVE_INFINITY);
  for (let run = 0; run < RUNS; run += 1) {
    for (const [index, work] of works.entries()) {
      const start = performance.now();
      work();
      quickest[index] = Math.min(quickest[index] ?? 0, performance.now() - start);
    }
    const [small = 0, large = 0] = quickest;
    if (run > 2 && large / small < LINEAR) break;
  }
  const [small = 0, large = 0] = quickest;
  return large / small;
}
