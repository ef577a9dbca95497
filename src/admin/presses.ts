/** Of a page that lies open over lunch, too. */
const KEPT = 1_000;

/** Returns a function that does the work of a key once. The work of the oldest keys is forgotten. */
export function createPresses<Result>() {
  const done = new Map<string, Promise<Result>>();
  return (key: string, work: () => Promise<Result>): { readonly first: boolean; readonly result: Promise<Result> } => {
    const before = done.get(key);
    if (before !== undefined) return { first: false, result: before };
    const result = work();
    done.set(key, result);
    // What failed may be tried again.
    result.catch(() => done.delete(key));
    for (const oldest of done.keys()) {
      if (done.size <= KEPT) break;
      done.delete(oldest);
    }
    return { first: true, result };
  };
}
