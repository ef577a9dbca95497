import { messageText } from "../../../protocol/json-rpc";
import type { CardInput, TestCard } from "../../../testing/mock/cards";
import type { MockReceipt } from "../../../testing/mock/mock-receipt";
import type { PayOutcome } from "../../../testing/mock/pay-receipt";
import { CARD_FIELDS, type CardField, type Problems } from "./card-form";
import { Html, html } from "./html";
import type { Language } from "./language";
import { amountOf, summaryOf } from "./receipt-view";
import { testCardsOf } from "./test-cards-view";
import { texts } from "./texts";

/** What the form shows. */
export interface FormView {
  readonly receipt: MockReceipt;
  readonly language: Language;
  readonly back: Html | undefined;
  readonly cards: readonly TestCard[];
  readonly now: number;
  readonly problems: Problems;
  /** What came of the payer's last attempt, where no field is to blame. */
  readonly declined: Extract<PayOutcome, { outcome: "declined" }> | undefined;
  /** A test card that was asked for. What a payer typed is not sent back: a card's number belongs in no page. */
  readonly filled: (CardInput & { readonly cvv: string }) | undefined;
}

/** Payme's or the merchant's words; what is wrong with a field is said beside it. */
export function declinedNote(declined: FormView["declined"], language: Language): Html | undefined {
  if (declined === undefined) return undefined;
  const words = messageText(declined.texts ?? declined.message, language);
  return html`<p class="problem" role="alert" tabindex="-1" autofocus>${texts.declined[language]}: ${words}</p>`;
}

/** The form: everything in it works without a script, and nobody's browser is asked to remember a card. */
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
      <button name="action" value="cancel" class="quiet">${texts.cancel[language]}</button>
    </form>
    ${view.back}
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
