/** The current time, milliseconds since 1970 UTC. A parameter everywhere, so that tests decide what time it is. */
export type Clock = () => number;

/** Makes a new unique id. A parameter everywhere, so that a run can be repeated exactly. */
export type IdSource = () => string;

/** The machine's clock. */
export const systemClock: Clock = () => Date.now();

/** A random UUID (version 4). */
export const randomId: IdSource = () => globalThis.crypto.randomUUID();

/** Waits. A parameter where code waits, so that tests need not. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** Waits by the machine's clock; rejects with the signal's reason when it is aborted. */
export const sleep: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
