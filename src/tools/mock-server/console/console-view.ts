import { formatSom, tiyin } from "../../../kit/money";
import type { MockCard, MockCashbox } from "../../../testing/mock/views";
import { type Html, html } from "../pages/html";
import type { ConsoleMock, ConsoleTools, Done } from "./actions";
import { callsView, disagreementsView, notificationsView } from "./calls-view";
import { FAULT_METHODS, FAULT_PRESETS, wordsOf } from "./fault-presets";
import { button, timeOf } from "./parts";
import { receiptsView } from "./receipts-view";

/** What the console shows. */
export interface ConsoleView {
  /** The page of receipts, from 1. */
  readonly page: number;
  /** What came of the last press. */
  readonly done?: Done | undefined;
  /** The count of changes that it shows. */
  readonly count: number;
}

/** All of the console but its frame. */
export function consoleView({ mock, testCards: cards }: ConsoleTools, { page, done, count }: ConsoleView): Html {
  const { cashboxes, exchanges, notifications } = mock;
  const hasBilling = cashboxes.some(({ kind }) => kind === "billing");
  const notified = new Set(notifications.map(({ receiptId }) => receiptId));
  return html`<main data-count="${count}">
  <p id="done" role="status" class="${done?.isBad === true ? "bad" : "good"}">${done?.words ?? ""}</p>
  <div class="columns">
    <div>
      ${receiptsView(mock.receipts(), { page, cards, notified })}
      ${cardsView(mock.cards())}
    </div>
    <div>
      ${cashboxesView(cashboxes)}
      ${faultsView(mock)}
      ${disagreementsView(done?.disagreements, hasBilling)}
      ${notificationsView(notifications)}
      ${callsView(exchanges)}
    </div>
  </div>
</main>`;
}

function cashboxesView(cashboxes: readonly MockCashbox[]): Html {
  return html`<section id="cashboxes" aria-labelledby="cashboxes-title">
    <h2 id="cashboxes-title">Cashboxes</h2>
    <ul class="cardlist">${cashboxes.map(({ merchantId, name, kind, endpoint, notifyUrl, money }) => {
      const som = (amount: number) => formatSom(tiyin(amount));
      return html`
      <li><div class="line"><b>${name}</b> <span class="tag open">${kind === "billing" ? "Merchant API" : "virtual terminal"}</span></div>
        <div class="line soft"><code>${merchantId}</code></div>
        ${endpoint === undefined ? undefined : html`<div class="line soft">calls <code>${endpoint}</code></div>`}
        ${notifyUrl === undefined ? undefined : html`<div class="line soft">notifies <code>${notifyUrl}</code></div>`}
        <div class="line soft"><span>has <b>${som(money.taken - money.returned)}</b></span> <span>holds ${som(money.held)}</span> <span>gave back ${som(money.returned)} som</span></div></li>`;
    })}</ul>
  </section>`;
}

function cardsView(cards: readonly MockCard[]): Html | undefined {
  if (cards.length === 0) return undefined;
  const shown = cards.slice(-20).reverse();
  return html`<section id="cards" aria-labelledby="cards-title">
    <h2 id="cards-title">Cards <small>${cards.length}</small></h2>
    <ul class="plain">${shown.map(
      ({ id, number, expire, verified, recurrent, customer, createdAt }) => html`
      <li>${timeOf(createdAt)} <code>${number}</code> ${expire.slice(0, 2)}/${expire.slice(2)}
        <span class="tag ${verified ? "good" : "open"}">${verified ? "verified" : "not verified"}</span> ${recurrent ? "saved" : "for one payment"} ${customer ?? ""} <small>token ${id}…</small></li>`,
    )}</ul>
  </section>`;
}

function faultsView({ faults }: ConsoleMock): Html {
  const armed = faults.list();
  return html`<section id="faults" aria-labelledby="faults-title">
    <h2 id="faults-title">Faults <small>${armed.length}</small></h2>
    <form method="post" action="/console" class="acts">
      <select name="fault" aria-label="what goes wrong">${FAULT_PRESETS.map(({ key, name }) => html`<option value="${key}">${name}</option>`)}</select>
      <input name="method" list="methods" value="*" aria-label="which calls" maxlength="60" required>
      <datalist id="methods">${FAULT_METHODS.map((method) => html`<option value="${method}"></option>`)}</datalist>
      <select name="times" aria-label="how often"><option value="1">once</option><option value="3">three times</option><option value="0">until switched off</option></select>
      ${button("fault_on", "Switch on")}
    </form>
    <ul class="plain">${armed.map(
      ({ rule, happened, matched }, index) => html`
      <li><form method="post" action="/console" class="acts"><input type="hidden" name="rule" value="${index}">
        <span>${wordsOf(rule)} <code>${rule.method ?? "*"}</code> ${rule.times === undefined ? "" : `${rule.times} ×`} <small>matched ${matched}, happened ${happened}</small></span> ${button("fault_off", "Off")}</form></li>`,
    )}</ul>
    ${armed.length > 1 ? html`<form method="post" action="/console" class="acts">${button("faults_off", "All off")}</form>` : undefined}
  </section>`;
}
