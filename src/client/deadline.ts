/** Why a call was ended from our side. */
export type Ending = { kind: "timeout" } | { kind: "aborted"; reason: unknown };

/** The end of a call: its time limit and the caller's signal in one. */
export interface Deadline {
  /** Aborted when the call has to end. */
  readonly signal: AbortSignal;
  /** Why it ended; undefined while it runs. */
  ending(): Ending | undefined;
  /** The work, or a rejection as soon as the call has to end, also where the work ignores the signal. */
  limit<T>(work: Promise<T>): Promise<T>;
  /** Lets go of the timer and of the caller's signal. */
  close(): void;
}

/** Starts the time limit of one call: connecting, repeats, and reading the answer to its last byte. */
export function startDeadline(timeoutMs: number, callerSignal: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  let ending: Ending | undefined;
  const end = (how: Ending) => {
    ending ??= how;
    controller.abort();
  };
  const onAbort = () => end({ kind: "aborted", reason: callerSignal?.reason });
  const timer = setTimeout(() => end({ kind: "timeout" }), timeoutMs);
  callerSignal?.addEventListener("abort", onAbort, { once: true });
  return {
    signal: controller.signal,
    ending: () => ending,
    limit: (work) =>
      new Promise((resolve, reject) => {
        const stop = () => reject(controller.signal.reason);
        if (controller.signal.aborted) stop();
        controller.signal.addEventListener("abort", stop, { once: true });
        work.then(resolve, reject);
      }),
    close() {
      clearTimeout(timer);
      callerSignal?.removeEventListener("abort", onAbort);
    },
  };
}
