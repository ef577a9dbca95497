import { call, demoLogin, dropToken, storedToken, storeToken } from "./api.js";
import { dateText, language, say, sumText, translatePage } from "./language.js";
import { showStory } from "./story.js";
import { createSubscriptionPart } from "./subscribe.js";

const PENDING = "wedy.pending";
const PAID = "wedy.paid";
const ASK_EVERY_MS = 1_500;
const ASK_FOR_MS = 120_000;

const part = (id) => document.getElementById(id);
/** Demo mode, where cards are saved. */
let subscription;
const isDemo = () => !part("demo").hidden;

/** Makes an element. Texts are only ever inserted as text. */
function element(name, { text, ...attributes } = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}

function button(text, onClick) {
  const made = element("button", { type: "button", text });
  made.addEventListener("click", onClick);
  return made;
}

function tell(text, kind = "plain", actions = []) {
  const status = part("status");
  status.textContent = text;
  status.dataset.kind = kind;
  status.hidden = text === "";
  part("actions").replaceChildren(...actions);
  part("actions").hidden = actions.length === 0;
}

async function showCurrent() {
  const me = await call("GET", "/users/me");
  const { tariff } = me;
  part("current").textContent =
    tariff === null ? say("none") : say("active", { name: tariff.name, until: dateText(me.tariff_expires_at) });
  for (const card of document.querySelectorAll(".tariff")) {
    const isRunning = card.dataset.tariffId === String(me.tariff_id);
    card.dataset.runs = String(isRunning);
    const name = card.querySelector("h3").textContent;
    const buy = card.querySelector("button");
    buy.textContent = say(isRunning ? "extend" : "buy");
    buy.setAttribute("aria-label", say(isRunning ? "extendThis" : "buyThis", { name }));
  }
}

async function showTariffs() {
  const { tariffs } = await call("GET", "/tariffs?active_only=true&limit=100");
  part("tariffs").replaceChildren(...tariffs.map(tariffCard));
}

function tariffCard(tariff) {
  const card = element("li", { class: "tariff", "data-tariff-id": String(tariff.id) });
  const buy = button(say("buy"), () => purchase(tariff, buy));
  const subscribe = button(say("subscribe"), () => subscription.choose(tariff));
  subscribe.className = "second";
  subscribe.setAttribute("aria-label", say("subscribeTo", { name: tariff.name }));
  card.append(
    element("h3", { text: tariff.name }),
    element("p", { class: "price", text: say("price", { sum: sumText(tariff.price) }) }),
    element("p", { class: "days", text: say("days", { days: tariff.duration_days }) }),
    buy,
    ...(subscription === undefined ? [] : [subscribe]),
  );
  return card;
}

async function purchase(tariff, pressed) {
  pressed.disabled = true;
  try {
    const bought = await call("POST", `/tariffs/${tariff.id}/purchase`);
    const id = bought.transaction_id;
    const url = payUrl(bought.payment_url);
    sessionStorage.setItem(PENDING, JSON.stringify({ id, url, name: tariff.name }));
    location.assign(url);
  } catch (error) {
    pressed.disabled = false;
    tell(error.message, "bad");
  }
}

/** Where to pay. The mock's page links back to `back`, in this page's language; Payme's own takes neither. */
function payUrl(text) {
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol)) throw new Error(say("badAddress"));
  if (isDemo()) {
    url.searchParams.set("back", `${location.origin}/`);
    url.searchParams.set("lang", language);
  }
  return url.href;
}

function stored(key) {
  const text = sessionStorage.getItem(key);
  return text === null ? undefined : JSON.parse(text);
}

/** Asks how the payment stands until its end is known, or the time is over. */
async function followPayment(pending) {
  const { name } = pending;
  tell(say("waiting", { name }), "plain", waitingActions(pending));
  const until = Date.now() + ASK_FOR_MS;
  while (Date.now() < until && stored(PENDING)?.id === pending.id) {
    const answer = await call("GET", `/payme/check-status/${encodeURIComponent(pending.id)}`);
    if (answer.status !== "PENDING") return showEnd(pending, answer);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
  if (stored(PENDING)?.id === pending.id) tell(say("open", { name }), "plain", waitingActions(pending));
}

function waitingActions(pending) {
  return [element("a", { class: "button", href: pending.url, text: say("toPay") }), forgetButton()];
}

function forgetButton() {
  return button(say("another"), () => {
    sessionStorage.removeItem(PENDING);
    tell("");
  });
}

async function showEnd(pending, answer) {
  const [end, kind] = endOf(answer);
  const text = say(end, { name: pending.name });
  // Nobody knows the end yet: the payer may look again.
  if (end === "unknown") return tell(text, kind, [button(say("look"), () => followPayment(pending)), forgetButton()]);
  sessionStorage.removeItem(PENDING);
  await showCurrent();
  tell(text, kind);
  if (end !== "paid" || !isDemo()) return;
  sessionStorage.setItem(PAID, JSON.stringify(pending));
  await tellStory(pending);
}

function tellStory({ id, name }) {
  return showStory(id, async (story) => {
    await showCurrent();
    if (story.refunded_at !== null) tell(say("refunded", { name }));
  });
}

/** What became of a payment, for the payer. "Nothing was taken" is said only where that is known. */
function endOf({ status, paid_at, data }) {
  if (status === "PAID") return ["paid", "good"];
  if (status === "CANCELLED") return paid_at === null ? ["cancelled", "bad"] : ["refunded", "plain"];
  const isOver = data.payme_error_code !== "outcome_unknown" && data.transaction_id === null;
  return isOver ? ["failed", "bad"] : ["unknown", "plain"];
}

/** In demo mode a token is fetched anew each time: the server's secret does not outlive it. */
async function logIn() {
  const demo = await demoLogin();
  part("demo").hidden = demo === null;
  if (demo !== null) storeToken(demo.token);
  if (demo?.cards) subscription ??= createSubscriptionPart(demo.cards, { tell, onChange: showCurrent });
  part("login").hidden = storedToken() !== null;
  return storedToken() !== null;
}

async function show() {
  try {
    if (!(await logIn())) {
      part("current").textContent = say("logInToSee");
      return;
    }
    await showTariffs();
    await showCurrent();
    await subscription?.show();
    const pending = stored(PENDING);
    const paid = stored(PAID);
    if (pending !== undefined) await followPayment(pending);
    // A story of another run of the demo is gone.
    else if (paid !== undefined && isDemo()) await tellStory(paid).catch(() => sessionStorage.removeItem(PAID));
  } catch (error) {
    if (error.status === 401) {
      dropToken();
      part("login").hidden = false;
    }
    tell(error.message, "bad");
  }
}

part("login-form").addEventListener("submit", (event) => {
  event.preventDefault();
  storeToken(part("token").value.trim());
  part("token").value = "";
  tell("");
  show();
});

// Back from the payment page by the browser's button: the page comes from its cache and must look again.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

translatePage();
show();
