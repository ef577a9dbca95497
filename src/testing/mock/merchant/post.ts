import { untilAborted } from "../as-fetch";

/** A call to be sent. */
export interface Posting {
  readonly endpoint: string;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  /** Ends the waiting, with its reason. */
  readonly stop: AbortSignal;
}

/** Sends a call over HTTP; undefined where no answer came, in time or at all. */
export async function post(posting: Posting): Promise<{ status: number; text: string } | undefined> {
  const { endpoint, fetch, headers, body, timeoutMs, stop } = posting;
  const ended = new AbortController();
  const end = () => ended.abort();
  // Not AbortSignal.timeout with AbortSignal.any: Node may collect that pair as garbage, and then nothing ends the wait.
  const timer = setTimeout(end, timeoutMs);
  stop.addEventListener("abort", end);
  const { signal } = ended;
  // A redirect is no 200: Payme does not follow it.
  const request = new Request(endpoint, { method: "POST", body, headers, redirect: "manual", signal });
  try {
    const response = await untilAborted(fetch(request), signal);
    return { status: response.status, text: await untilAborted(response.text(), signal) };
  } catch {
    stop.throwIfAborted();
    return undefined;
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", end);
  }
}
