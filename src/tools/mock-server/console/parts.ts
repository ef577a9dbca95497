import { type Html, html } from "../pages/html";

/** A button that does something. */
export function button(action: string, name: string): Html {
  return html`<button name="action" value="${action}">${name}</button>`;
}

/** `10:30:05`, by the mock's clock, UTC. */
export function timeOf(at: number): Html {
  const iso = Number.isFinite(at) ? new Date(at).toISOString() : "";
  return html`<time datetime="${iso}" title="${iso}">${iso.slice(11, 19)}</time>`;
}

/** Data as a person reads it. It is redacted already. */
export function jsonView(value: unknown): Html {
  return html`<pre>${JSON.stringify(value, null, 2) ?? "nothing"}</pre>`;
}
