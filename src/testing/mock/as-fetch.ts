import { DroppedConnection } from "./refusal";

/**
 * A function from requests to responses as a `fetch`: a dropped connection is the network error that `fetch` gives, and a
 * caller's signal ends the waiting. What was asked for goes on without the caller, as on a real server.
 */
export function asFetch(answer: (request: Request) => Promise<Response>): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    request.signal.throwIfAborted();
    try {
      return await untilAborted(answer(request), request.signal);
    } catch (error) {
      if (!(error instanceof DroppedConnection)) throw error;
      throw new TypeError("fetch failed", {
        cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }),
      });
    }
  };
}

/** What the work gives, or the signal's reason, whichever comes first. The work goes on. */
export function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", giveUp));
  });
}
