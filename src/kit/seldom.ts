/** Returns a check that is true once in so many ms. A clock that was set back silences nothing: the next one is let through. */
export function seldom(everyMs: number): (at: number) => boolean {
  let last: number | undefined;
  return (at) => {
    if (last !== undefined && at >= last && at < last + everyMs) return false;
    last = at;
    return true;
  };
}
