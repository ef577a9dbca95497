import type { Sleep } from "./clock";
import { onAbort } from "./on-abort";

/**
 * Waits for `done`, for `ms` or until `stop`, whichever is first, and leaves no timer behind. Returns what `done` gave;
 * undefined where it was not first. Rejects only where `done` does.
 */
export async function waitFor<T>(
  done: Promise<T>,
  ms: number,
  sleep: Sleep,
  stop?: AbortSignal,
): Promise<T | undefined> {
  const over = new AbortController();
  const end = () => over.abort();
  const forget = onAbort(stop, end);
  // An aborted wait is not an error: whoever stopped it knows.
  const nothing = () => undefined;
  try {
    return await Promise.race([done, sleep(ms, over.signal).then(nothing, nothing)]);
  } finally {
    forget();
    end();
  }
}
