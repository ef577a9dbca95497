import { Html, html } from "../../../html/html";
import type { Language } from "../../../html/language";
import type { CardInput, TestCard } from "../../../testing/mock/cards";
import type { MockReceipt } from "../../../testing/mock/mock-receipt";
import type { PayOutcome } from "../../../testing/mock/pay-receipt";
import { amountOf, summaryOf } from "./receipt-view";
import { cardMessage, testCardsOf } from "./test-cards-view";
import { texts } from "./texts";

/** The fields of the card form, in their order on the page. */
const CARD_FIELDS = ["number", "expire", "cvv"] as const;
type CardField = (typeof CARD_FIELDS)[number];

/** The wrong fields of a card form, each with the name of its text. */
export type Problems = Readonly<Partial<Record<CardField, keyof typeof texts>>>;

/** The state that the form shows. */
export interface FormView {
  readonly receipt: MockReceipt;
  readonly language: Language;
  readonly back: Html | undefined;
  readonly cards: readonly TestCard[];
  readonly now: number;
  readonly problems: Problems;
  /** The payer's declined attempt, where no field was wrong. */
  readonly declined: Extract<PayOutcome, { outcome: "declined" }> | undefined;
  /** The test card that a payer chose. A typed card is never sent back: its number must be in no page. */
  readonly filled: (CardInput & { readonly cvv: string }) | undefined;
}

/** The message of Payme or of the merchant about a declined payment. */
export function declinedNote(declined: FormView["declined"], language: Language): Html | undefined {
  if (declined === undefined) return undefined;
  const words = cardMessage(declined.texts ?? declined.message, language);
  return html`<p class="problem" role="alert" tabindex="-1" autofocus>${texts.declined[language]}: ${words}</p>`;
}

/** The card form. It works without a script, and asks no browser to remember a card. */
export function formOf(view: FormView): Html {
  const { receipt, language, declined, filled } = view;
  return html`<section class="sheet">
    <h1>${texts.title[language]}</h1>
    ${summaryOf(receipt, language)}
    ${declinedNote(declined, language)}
    <form method="post" id="card" autocomplete="off" novalidate>
      ${fieldOf(view, "number", html`inputmode="numeric" maxlength="23" placeholder="0000 0000 0000 0000"`)}
      <div class="pair">
        ${fieldOf(view, "expire", html`inputmode="numeric" maxlength="7" placeholder="${texts.expire_format[language]}"`)}
        ${fieldOf(view, "cvv", html`inputmode="numeric" maxlength="3" type="password"`)}
      </div>
      <button name="action" value="pay" class="main" ${filled && new Html("autofocus")}>${texts.pay[language]} ${amountOf(receipt, language)}</button>
      ${view.back && html`${view.back}<p class="stays">${texts.back_open[language]}</p>`}
      <button name="action" value="cancel" class="quiet">${texts.cancel[language]}</button>
    </form>
  </section>
  ${testCardsOf(view.cards, language, view.now)}`;
}

function fieldOf({ language, problems, filled }: FormView, field: CardField, more: Html): Html {
  const problem = problems[field];
  const isFirst = CARD_FIELDS.find((each) => problems[each] !== undefined) === field;
  const value = filled?.[field] ?? "";
  const marks = html`aria-invalid="true" aria-describedby="${field}-problem" ${isFirst ? new Html("autofocus") : undefined}`;
  return html`<div class="field">
        <label for="${field}">${texts[field][language]}</label>
        ${field === "number" ? html`<span class="brand" role="status" data-brand=""></span>` : undefined}
        <input id="${field}" name="${field}" ${more} ${value === "" ? undefined : html`value="${value}"`} ${problem && marks}>
        ${problem && html`<p class="problem" id="${field}-problem">${texts[problem][language]}</p>`}
      </div>`;
}

/** The card in a posted form. */
export function cardOf(form: URLSearchParams): CardInput & { readonly cvv: string } {
  const value = (name: CardField) => form.get(name)?.trim() ?? "";
  return { number: value("number"), expire: value("expire"), cvv: value("cvv") };
}

/** Finds mistakes that no card can have, in all fields at once. */
export function problemsOf({ number, expire }: CardInput): Problems {
  const digits = number.replace(/[ -]/g, "");
  return {
    ...(digits === "" ? { number: "number_missing" } : {}),
    ...(/^\d{1,15}$/.test(digits) ? { number: "number_short" } : {}),
    ...(/^(0[1-9]|1[0-2]) ?\/? ?\d{2}$/.test(expire) ? {} : { expire: "expire_missing" }),
  };
}
