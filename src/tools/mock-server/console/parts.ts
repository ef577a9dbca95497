import { type Html, type HtmlValue, html } from "../../../html/html";

/** A section of the console, with its title and the count of its entries. */
export function section(id: string, title: string, count: number | undefined, content: Html): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title} ${count === undefined ? undefined : html`<small>${count}</small>`}</h2>
    ${content}
  </section>`;
}

/** A form of buttons. It is sent to the page that shows it: a filter stays. */
export function actsForm(...content: readonly HtmlValue[]): Html {
  return html`<form method="post" class="acts">${content.map((each) => html`${each} `)}</form>`;
}

/** A button that starts an action. */
export function button(action: string, name: string): Html {
  return html`<button name="action" value="${action}">${name}</button>`;
}

/** `10:30:05`, by the mock's clock, UTC. */
export function timeOf(at: number): Html {
  const iso = Number.isFinite(at) ? new Date(at).toISOString() : "";
  return html`<time datetime="${iso}" title="${iso}">${iso.slice(11, 19)}</time>`;
}

/** `2026-01-15 10:30:05 UTC`. */
export function momentOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
