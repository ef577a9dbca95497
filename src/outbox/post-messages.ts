import type { DeliverMessage } from "./message";

/**
 * Returns a `deliver` that posts each message as JSON: `{ id, kind, subject, data, at }`, with `at` as ISO text. All but a 2xx
 * means "not delivered", a redirect too. The receiver knows a repeat by its `id`. The address is in no error: it may have a token.
 * `headers` are sent along, e.g. `Authorization`.
 *
 * @example createOutbox({ storage, deliver: postMessages("https://bot.uz/told") });
 */
export function postMessages(url: string, { headers }: { headers?: Record<string, string> } = {}): DeliverMessage {
  return async ({ id, kind, subject, data, at }, { signal }) => {
    const body = JSON.stringify({ id, kind, subject, data, at: new Date(at).toISOString() });
    const sent = { "Content-Type": "application/json", ...headers };
    const response = await fetch(url, { method: "POST", headers: sent, body, redirect: "error", signal });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the receiver of messages answered ${response.status}`);
  };
}
