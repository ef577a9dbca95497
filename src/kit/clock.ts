import { onAbort } from "./on-abort";

/** The current time in ms since 1970 UTC. A parameter everywhere, so that tests set the time. */
export type Clock = () => number;

/** Makes a new unique id. A parameter everywhere, so that a run can be repeated exactly. */
export type IdSource = () => string;

/** The machine's clock. */
export const systemClock: Clock = () => Date.now();

/** A random UUID (version 4). */
export const randomId: IdSource = () => globalThis.crypto.randomUUID();

/** Waits. A parameter everywhere, so that tests need not wait. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** Waits by the machine's timers. Rejects with the signal's reason when the signal aborts. */
export const sleep: Sleep = (ms, signal) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      forget();
      resolve();
    }, ms);
    const forget = onAbort(signal, () => {
      clearTimeout(timer);
      reject(signal?.reason);
    });
  });
