import { type Html, html } from "../../../html/html";
import type { MockExchange } from "../../../testing/mock/exchange-log";
import type { Disagreement } from "../../../testing/mock/merchant/disagreement";
import type { MockNotification } from "../../../testing/mock/notifications";
import { addressOf, type Call } from "./filter";
import { actsForm, button, section, timeOf } from "./parts";

const CALLS_SHOWN = 60;
const NOTIFICATIONS_SHOWN = 20;

/** The newest calls in both directions. Each can be opened, and leads to its receipt. */
export function callsView(calls: readonly Call[]): Html {
  const shown = calls.slice(-CALLS_SHOWN).reverse();
  const none = html`<p class="none">None yet.</p>`;
  return section("calls", "Calls", calls.length, shown.length === 0 ? none : html`${shown.map(callView)}`);
}

function callView({ exchange, number, receipt }: Call): Html {
  const { ms, request, response } = exchange;
  const link = receipt && html`<a href="${addressOf({ receipt: receipt._id })}">${receipt._id.slice(-6)}</a>`;
  return html`
    <details id="call-${number}" data-key="call-${number}"><summary>${callLine(exchange)} <small>${ms} ms</small> ${link}</summary>
      <h3>asked</h3>${jsonView(request)}<h3>answered</h3>${jsonView(response)}</details>`;
}

function callLine({ at, direction, method, code }: MockExchange): Html {
  const way = direction === "in" ? html`<span title="to Payme">→</span>` : html`<span title="to the merchant">←</span>`;
  const ending = code === null ? html`<span class="tag good">ok</span>` : html`<span class="tag bad">${code}</span>`;
  return html`${timeOf(at)} ${way} <code>${method}</code> ${ending}`;
}

/** The calls of one receipt, each with a link to what was asked and answered. */
export function callsOfReceipt(id: string, calls: readonly Call[]): Html | undefined {
  if (calls.length === 0) return undefined;
  const lines = calls.map(
    ({ exchange, number }) =>
      html`<li><a href="${addressOf({ receipt: id })}#call-${number}">${callLine(exchange)}</a></li>`,
  );
  return html`<details data-key="calls-${id}"><summary>calls <small>${calls.length}</small></summary><ul class="plain">${lines}</ul></details>`;
}

/** Data for a person. It is redacted already. */
function jsonView(value: unknown): Html {
  return html`<pre>${JSON.stringify(value, null, 2) ?? "nothing"}</pre>`;
}

/** The newest notifications, and the answers to them. */
export function notificationsView(notifications: readonly MockNotification[]): Html | undefined {
  if (notifications.length === 0) return undefined;
  const shown = notifications.slice(-NOTIFICATIONS_SHOWN).reverse();
  const lines = shown.map(
    ({ at, method, receiptId, attempts }) => html`
      <li>${timeOf(at)} <code>${method}</code> <a href="#r-${receiptId}"><code>${receiptId.slice(-6)}</code></a>
        ${attempts.length === 0 ? html`<span class="tag open">sent to nobody</span>` : attempts.map((status) => html`<span class="tag ${status === 200 ? "good" : "bad"}">${status ?? "no answer"}</span> `)}</li>`,
  );
  return section("notifications", "Notifications", notifications.length, html`<ul class="plain">${lines}</ul>`);
}

/** The differences between the books, after a comparison. */
export function disagreementsView(found: readonly Disagreement[] | undefined, hasBilling: boolean): Html {
  const settle = hasBilling ? button("settle", "Repeat unanswered calls") : undefined;
  const lines = (found ?? []).map(
    ({ kind, method, id, field, expected, actual }) => html`
      <li><span class="tag bad">${kind.replaceAll("_", " ")}</span> <code>${method}</code> ${id === null ? undefined : html`<code>${id.slice(-6)}</code>`} ${field ?? ""}
        <span class="soft">expected</span> ${JSON.stringify(expected) ?? "nothing"} <span class="soft">got</span> ${JSON.stringify(actual) ?? "nothing"}</li>`,
  );
  const content = html`${actsForm(button("compare", "Compare with the merchants'"), settle)}
    ${found?.length === 0 ? html`<p class="none">They agree.</p>` : undefined}
    <ul class="plain">${lines}</ul>`;
  return section("books", "Books", undefined, content);
}
