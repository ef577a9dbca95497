import { type Html, html } from "../../../html/html";
import { DAY_MS } from "../../../kit/calendar";
import { formatSom, tiyin } from "../../../kit/money";
import type { MockCard, MockCashbox } from "../../../testing/mock/views";
import type { ConsoleTools, Done } from "./actions";
import { callsView, disagreementsView, notificationsView } from "./calls-view";
import { FAULT_PRESETS, wordsOf } from "./fault-presets";
import { callsIn, callsOf, type Filter, filterView, receiptsIn } from "./filter";
import { actsForm, button, momentOf, section, timeOf } from "./parts";
import { receiptsView } from "./receipts-view";

/** The state that the console shows. */
interface ConsoleView {
  /** The page of receipts, from 1. */
  readonly page: number;
  readonly filter: Filter;
  /** The outcome of the last press. */
  readonly done?: Done | undefined;
  /** How many changes of the mock it shows. */
  readonly count: number;
}

/** The console without its frame. */
export function consoleView(tools: ConsoleTools, { page, filter, done, count }: ConsoleView): Html {
  const { mock, testCards: cards } = tools;
  const { cashboxes, exchanges, notifications } = mock;
  const hasBilling = cashboxes.some(({ kind }) => kind === "billing");
  const receipts = mock.receipts();
  const calls = callsOf(exchanges, receipts);
  const notified = new Set(notifications.map(({ receiptId }) => receiptId));
  return html`<main data-count="${count}">
  <p id="done" role="status" class="${done?.isBad === true ? "bad" : "good"}">${done?.words ?? ""}</p>
  ${filterView(filter)}
  <div class="columns">
    <div>
      ${receiptsView(receiptsIn(receipts, filter), { page, filter, cards, notified, calls })}
      ${cardsView(mock.cards())}
    </div>
    <div>
      ${cashboxesView(cashboxes)}
      ${clockView(tools)}
      ${faultsView(mock)}
      ${disagreementsView(done?.disagreements, hasBilling)}
      ${notificationsView(notifications)}
      ${callsView(callsIn(calls, filter))}
    </div>
  </div>
</main>`;
}

function cashboxesView(cashboxes: readonly MockCashbox[]): Html {
  const som = (amount: number) => formatSom(tiyin(amount));
  const lines = cashboxes.map(
    ({ merchantId, name, kind, endpoint, notifyUrl, money }) => html`
      <li><div class="line"><b>${name}</b> <span class="tag open">${kind === "billing" ? "Merchant API" : "virtual terminal"}</span></div>
        <div class="line soft"><code>${merchantId}</code></div>
        ${endpoint === undefined ? undefined : html`<div class="line soft">calls <code>${endpoint}</code></div>`}
        ${notifyUrl === undefined ? undefined : html`<div class="line soft">notifies <code>${notifyUrl}</code></div>`}
        <div class="line soft"><span>has <b>${som(money.taken - money.returned)}</b></span> <span>holds ${som(money.held)}</span> <span>gave back ${som(money.returned)} som</span></div></li>`,
  );
  return section("cashboxes", "Cashboxes", undefined, html`<ul class="cardlist">${lines}</ul>`);
}

/** The time of the last change, and buttons that move the clock. */
function clockView({ mock, aheadMs }: ConsoleTools): Html {
  const hours = Math.round((aheadMs() / DAY_MS) * 24);
  const ahead =
    hours === 0 ? undefined : html`<small>${Math.floor(hours / 24)} days and ${hours % 24} hours ahead</small>`;
  const buttons = [button("pass_hour", "+1 hour"), button("pass_day", "+1 day"), button("pass_month", "+1 month")];
  const content = html`<div class="line"><b id="now">${momentOf(mock.now())}</b> ${ahead}</div>${actsForm(...buttons)}
    <p class="none">Only this Payme's clock moves. Your shop keeps its own time, and so do the Merchant API calls to it.</p>`;
  return section("clock", "Clock", undefined, content);
}

function cardsView(cards: readonly MockCard[]): Html | undefined {
  if (cards.length === 0) return undefined;
  const lines = cards
    .slice(-20)
    .reverse()
    .map(
      ({ id, number, expire, verified, recurrent, customer, createdAt }) => html`
      <li>${timeOf(createdAt)} <code>${number}</code> ${expire.slice(0, 2)}/${expire.slice(2)}
        <span class="tag ${verified ? "good" : "open"}">${verified ? "verified" : "not verified"}</span> ${recurrent ? "saved" : "for one payment"} ${customer ?? ""} <small>token ${id}…</small></li>`,
    );
  return section("cards", "Cards", cards.length, html`<ul class="plain">${lines}</ul>`);
}

function faultsView({ faults }: ConsoleTools["mock"]): Html {
  const active = faults.list();
  const form = actsForm(
    html`<select name="fault" aria-label="what goes wrong">${FAULT_PRESETS.map(({ key, name }) => html`<option value="${key}">${name}</option>`)}</select>`,
    html`<input name="method" list="methods" value="*" aria-label="which calls" maxlength="60" required>`,
    html`<select name="times" aria-label="how often"><option value="1">once</option><option value="3">three times</option><option value="0">until switched off</option></select>`,
    button("fault_on", "Switch on"),
  );
  const lines = active.map(({ rule, happened, matched }, index) => {
    const hidden = html`<input type="hidden" name="rule" value="${index}">`;
    const words = html`<span>${wordsOf(rule)} <code>${rule.method ?? "*"}</code> ${rule.times === undefined ? "" : `${rule.times} ×`} <small>matched ${matched}, happened ${happened}</small></span>`;
    return html`
      <li>${actsForm(hidden, words, button("fault_off", "Off"))}</li>`;
  });
  const allOff = active.length > 1 ? actsForm(button("faults_off", "All off")) : undefined;
  return section("faults", "Faults", active.length, html`${form}<ul class="plain">${lines}</ul>${allOff}`);
}
