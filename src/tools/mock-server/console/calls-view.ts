import type { MockExchange } from "../../../testing/mock/exchange-log";
import type { Disagreement } from "../../../testing/mock/merchant/disagreement";
import type { MockNotification } from "../../../testing/mock/notifications";
import { type Html, html } from "../pages/html";
import { button, jsonView, timeOf } from "./parts";

const CALLS_SHOWN = 60;
const NOTIFICATIONS_SHOWN = 20;

/** The newest calls of both directions, each to be opened. */
export function callsView(exchanges: readonly MockExchange[]): Html {
  const shown = exchanges.slice(-CALLS_SHOWN).reverse();
  return html`<section id="calls" aria-labelledby="calls-title">
    <h2 id="calls-title">Calls <small>${exchanges.length}</small></h2>
    ${shown.length === 0 ? html`<p class="none">None yet.</p>` : undefined}
    ${shown.map((exchange, index) => callView(exchange, exchanges.length - index))}
  </section>`;
}

function callView({ at, direction, method, code, ms, request, response }: MockExchange, number: number): Html {
  const way = direction === "in" ? html`<span title="to Payme">→</span>` : html`<span title="to the merchant">←</span>`;
  const ending = code === null ? html`<span class="tag good">ok</span>` : html`<span class="tag bad">${code}</span>`;
  return html`
    <details data-key="call-${number}"><summary>${timeOf(at)} ${way} <code>${method}</code> ${ending} <small>${ms} ms</small></summary>
      <h3>asked</h3>${jsonView(request)}<h3>answered</h3>${jsonView(response)}</details>`;
}

/** The newest notifications, and how they were taken. */
export function notificationsView(notifications: readonly MockNotification[]): Html | undefined {
  if (notifications.length === 0) return undefined;
  const shown = notifications.slice(-NOTIFICATIONS_SHOWN).reverse();
  return html`<section id="notifications" aria-labelledby="notifications-title">
    <h2 id="notifications-title">Notifications <small>${notifications.length}</small></h2>
    <ul class="plain">${shown.map(
      ({ at, method, receiptId, attempts }) => html`
      <li>${timeOf(at)} <code>${method}</code> <a href="#r-${receiptId}"><code>${receiptId.slice(-6)}</code></a>
        ${attempts.length === 0 ? html`<span class="tag open">sent to nobody</span>` : attempts.map((status) => html`<span class="tag ${status === 200 ? "good" : "bad"}">${status ?? "no answer"}</span> `)}</li>`,
    )}</ul>
  </section>`;
}

/** Where the books differ, once somebody has asked. */
export function disagreementsView(found: readonly Disagreement[] | undefined, hasBilling: boolean): Html {
  return html`<section id="books" aria-labelledby="books-title">
    <h2 id="books-title">Books</h2>
    <form method="post" action="/console" class="acts">${button("compare", "Compare with the merchants'")} ${hasBilling ? button("settle", "Ask again what was left unanswered") : undefined}</form>
    ${found?.length === 0 ? html`<p class="none">They agree.</p>` : undefined}
    <ul class="plain">${(found ?? []).map(
      ({ kind, method, id, field, expected, actual }) => html`
      <li><span class="tag bad">${kind.replaceAll("_", " ")}</span> <code>${method}</code> ${id === null ? undefined : html`<code>${id.slice(-6)}</code>`} ${field ?? ""}
        <span class="soft">expected</span> ${JSON.stringify(expected) ?? "nothing"} <span class="soft">got</span> ${JSON.stringify(actual) ?? "nothing"}</li>`,
    )}</ul>
  </section>`;
}
