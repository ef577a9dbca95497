import { call, demoToken, dropToken, storedToken, storeToken } from "./api.js";

const PENDING = "wedy.pending";
const ASK_EVERY_MS = 1_500;
const ASK_FOR_MS = 120_000;

const part = (id) => document.getElementById(id);
const money = new Intl.NumberFormat("en");
const date = new Intl.DateTimeFormat("en", { dateStyle: "long", timeStyle: "short" });

/** Makes an element. Texts are only ever inserted as text. */
function element(name, { text, ...attributes } = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}

function say(text, kind = "plain", actions = []) {
  const status = part("status");
  status.textContent = text;
  status.dataset.kind = kind;
  status.hidden = text === "";
  part("actions").replaceChildren(...actions);
  part("actions").hidden = actions.length === 0;
}

async function showCurrent() {
  const me = await call("GET", "/users/me");
  const name = me.tariff?.name ?? "";
  part("current").textContent =
    me.tariff === null ? "None yet." : `${name} is active until ${date.format(new Date(me.tariff_expires_at))}.`;
  for (const card of document.querySelectorAll(".tariff")) {
    card.dataset.runs = String(card.dataset.tariffId === String(me.tariff_id));
  }
  return me;
}

async function showTariffs() {
  const { tariffs } = await call("GET", "/tariffs?active_only=true&limit=100");
  part("tariffs").replaceChildren(...tariffs.map(tariffCard));
}

function tariffCard(tariff) {
  const card = element("li", { class: "tariff", "data-tariff-id": String(tariff.id) });
  const buy = element("button", { type: "button", text: "Buy", "aria-label": `Buy ${tariff.name}` });
  buy.addEventListener("click", () => purchase(tariff, buy));
  card.append(
    element("h3", { text: tariff.name }),
    element("p", { class: "price", text: `${money.format(tariff.price)} som` }),
    element("p", { class: "days", text: `${tariff.duration_days} days` }),
    buy,
  );
  return card;
}

async function purchase(tariff, button) {
  button.disabled = true;
  try {
    const bought = await call("POST", `/tariffs/${tariff.id}/purchase`);
    const id = bought.transaction_id;
    const url = payUrl(bought.payment_url);
    sessionStorage.setItem(PENDING, JSON.stringify({ id, url, name: tariff.name }));
    location.assign(url);
  } catch (error) {
    button.disabled = false;
    say(error.message, "bad");
  }
}

/** Where to pay. The mock's page links back to `back`; Payme's own has no such link. */
function payUrl(text) {
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol)) throw new Error("The payment page's address is not a web address.");
  if (!part("demo").hidden) url.searchParams.set("back", `${location.origin}/`);
  return url.href;
}

function pendingPayment() {
  const text = sessionStorage.getItem(PENDING);
  return text === null ? undefined : JSON.parse(text);
}

/** Asks how the payment stands until its end is known, or the time is over. */
async function followPayment(pending) {
  say(`Waiting for the payment of ${pending.name}…`, "plain", waitingActions(pending));
  const until = Date.now() + ASK_FOR_MS;
  while (Date.now() < until && pendingPayment()?.id === pending.id) {
    const { status } = await call("GET", `/payme/check-status/${encodeURIComponent(pending.id)}`);
    if (status !== "PENDING") return showEnd(pending, status);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
  if (pendingPayment()?.id !== pending.id) return;
  say(`The payment of ${pending.name} is still open.`, "plain", waitingActions(pending));
}

function waitingActions(pending) {
  const forget = element("button", { type: "button", text: "Choose another" });
  forget.addEventListener("click", () => {
    sessionStorage.removeItem(PENDING);
    say("");
  });
  return [element("a", { class: "button", href: pending.url, text: "To the payment page" }), forget];
}

async function showEnd(pending, status) {
  sessionStorage.removeItem(PENDING);
  await showCurrent();
  if (status === "PAID") say(`Paid: ${pending.name}. Thank you!`, "good");
  else say(endText(pending.name, status), "bad");
}

/** The status alone does not tell whether money was taken: a failed payment may still be paid, a cancelled one was perhaps refunded. */
function endText(name, status) {
  if (status === "CANCELLED") return `The payment of ${name} is cancelled. Money that was taken is given back.`;
  return `The payment of ${name} did not go through. If money was taken, it will be credited: do not pay again yet.`;
}

/** In demo mode a token is fetched anew each time: the server's secret does not outlive it. */
async function logIn() {
  const token = await demoToken();
  part("demo").hidden = token === null;
  if (token !== null) storeToken(token);
  part("login").hidden = storedToken() !== null;
  return storedToken() !== null;
}

async function show() {
  try {
    if (!(await logIn())) {
      part("current").textContent = "Log in to see it.";
      return;
    }
    await showTariffs();
    await showCurrent();
    const pending = pendingPayment();
    if (pending !== undefined) await followPayment(pending);
  } catch (error) {
    if (error.status === 401) {
      dropToken();
      part("login").hidden = false;
    }
    say(error.message, "bad");
  }
}

part("login-form").addEventListener("submit", (event) => {
  event.preventDefault();
  storeToken(part("token").value.trim());
  part("token").value = "";
  say("");
  show();
});

// Back from the payment page by the browser's button: the page comes from its cache and must look again.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

show();
