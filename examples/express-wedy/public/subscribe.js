import { call } from "./api.js";
import { createCardDesk } from "./card.js";
import { dateText, say, sumText } from "./language.js";

const part = (id) => document.getElementById(id);
/** Changes with the words that the payer agrees to. */
const CONSENT_VERSION = "1";

/**
 * The part of the page where a saved card renews a tariff, in demo mode. `tell` shows a text; `onChange` is called after each
 * change. Gives `show`, and `choose(tariff)`, which asks for a card.
 */
export function createSubscriptionPart(cards, { tell, onChange }) {
  const desk = createCardDesk(cards);
  let chosen;
  let token;

  onSubmit("card-form", ["cardRefused", "card-number"], async () => {
    const sent = await desk.create(part("card-number").value, part("card-expiry").value);
    token = sent.token;
    part("code-for").textContent = say("codeFor", { phone: sent.phone });
    ask("code-form", "code");
  });

  onSubmit("code-form", ["codeRefused", "code"], async () => {
    const verified = await desk.verify(token, part("code").value);
    await subscribe(verified).catch(async (error) => {
      // Another card may be taken.
      ask("card-form", "card-number");
      tell(error.message, "bad");
      await show();
    });
  });

  part("cancel-subscription").addEventListener("click", () => {
    call("DELETE", "/users/me/subscription")
      .then(({ message }) => tell(message))
      .then(show)
      .catch((error) => tell(error.message, "bad"));
  });

  async function subscribe(verified) {
    const consent = { text: part("consent-text").textContent, version: CONSENT_VERSION };
    const { message } = await call("POST", `/tariffs/${chosen.id}/subscribe`, { token: verified, consent });
    ask();
    tell(message, "good");
    await onChange();
    await show();
  }

  /** Does what a form asks for, once at a time; refused, its first field is there again. Payme's own words are not for payers. */
  function onSubmit(form, [refusal, field], work) {
    part(form).addEventListener("submit", async (event) => {
      event.preventDefault();
      event.submitter.disabled = true;
      tell("");
      await work().catch(() => {
        tell(say(refusal), "bad");
        part(field).select();
      });
      event.submitter.disabled = false;
    });
  }

  async function show() {
    const { subscription } = await call("GET", "/users/me/subscription");
    part("subscription").hidden = subscription === null && chosen === undefined;
    part("renewal").textContent = subscription === null ? "" : textOf(subscription);
    part("cancel-subscription").hidden = subscription === null || subscription.cancel_at_period_end;
  }

  return {
    show,
    choose(tariff) {
      chosen = tariff;
      const { duration_months: months, duration_days: days } = tariff;
      const every = months === undefined ? say("everyDays", { days }) : say("everyMonths", { months });
      part("card-for").textContent = tariff.name;
      part("consent-text").textContent = say("consent", { name: tariff.name, sum: sumText(tariff.price), every });
      part("consent").checked = false;
      part("subscription").hidden = false;
      ask("card-form", "card-number");
    },
  };
}

/** Shows one of the two forms, or none, and goes to its first field. */
function ask(form, field) {
  for (const id of ["card-form", "code-form"]) part(id).hidden = id !== form;
  part("code").value = "";
  if (form === undefined) part("card-form").reset();
  else part(field).focus();
}

function textOf({ tariff, amount, card, current_period_end: end, next_charge_at: next, cancel_at_period_end: ends }) {
  const values = { name: tariff, sum: sumText(amount / 100), card };
  if (ends && end !== null) return say("endsAt", { ...values, end: dateText(end) });
  if (end === null || next === null) return say("unpaid", values);
  return say("renewsAt", { ...values, next: dateText(next) });
}
