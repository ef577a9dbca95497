import { onAbort } from "../../kit/on-abort";
import { DroppedConnection } from "./refusal";

/**
 * Returns a `fetch` from a function that answers requests. A dropped connection becomes a network error. The caller's signal
 * ends the wait, but the request is carried out, as on a real server.
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

/** Resolves as `work` does, or rejects with the signal's reason if that comes first. The work continues. */
export function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => reject(signal.reason));
    work.then(resolve, reject).finally(forget);
  });
}
