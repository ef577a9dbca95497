import { PaymeValidationError } from "../kit/errors";
import { onAbort } from "../kit/on-abort";
import { defaultTimeoutMs } from "./methods";

/** Why we ended a call. */
export type Ending = { kind: "timeout" } | { kind: "aborted"; reason: unknown };

/** The time limit of a call and the caller's signal in one. */
export interface Deadline {
  /** Aborted when the call has to end. */
  readonly signal: AbortSignal;
  /** Why the call ended; undefined while it runs. */
  ending(): Ending | undefined;
  /** Settles as the work does, or rejects when the call has to end, even where the work ignores the signal. */
  limit<T>(work: Promise<T>): Promise<T>;
  /** Releases the timer and the caller's signal. */
  close(): void;
}

/** Timers count in 31 bits. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** True for a time limit that a timer can keep. */
export function isTimeoutMs(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= LONGEST_TIMEOUT_MS;
}

/**
 * Returns how long a call may take: the call's own limit, else the client's, else the method's.
 *
 * @throws PaymeValidationError when no timer can keep it.
 */
export function timeoutOf(
  call: { method: string; timeoutMs?: number | undefined },
  clientTimeoutMs: number | undefined,
): number {
  const timeoutMs = call.timeoutMs ?? clientTimeoutMs ?? defaultTimeoutMs(call.method);
  if (isTimeoutMs(timeoutMs)) return timeoutMs;
  throw new PaymeValidationError(`${call.method}: timeoutMs must be a whole number from 1 to ${LONGEST_TIMEOUT_MS}`);
}

/** Starts the time limit of one call: connecting, repeats, and reading the answer to its last byte. */
export function startDeadline(timeoutMs: number, callerSignal: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  let ending: Ending | undefined;
  const end = (how: Ending) => {
    ending ??= how;
    controller.abort();
  };
  const timer = setTimeout(() => end({ kind: "timeout" }), timeoutMs);
  const forget = onAbort(callerSignal, () => end({ kind: "aborted", reason: callerSignal?.reason }));
  return {
    signal: controller.signal,
    ending: () => ending,
    limit: (work) =>
      new Promise((resolve, reject) => {
        onAbort(controller.signal, () => reject(controller.signal.reason));
        work.then(resolve, reject);
      }),
    close() {
      clearTimeout(timer);
      forget();
    },
  };
}
