import { Html, html } from "../../../html/html";
import type { Language } from "../../../html/language";
import { ReceiptState } from "../../../protocol/states";
import type { MockReceipt } from "../../../testing/mock/mock-receipt";
import { declinedNote, type FormView } from "./form-view";
import { paymentOf, summaryOf } from "./receipt-view";
import { texts } from "./texts";

const icon = (paths: string) =>
  new Html(
    `<svg class="icon" viewBox="0 0 48 48" width="56" height="56" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><circle cx="24" cy="24" r="21"/>${paths}</svg>`,
  );

/** The icon and the colour of each result. */
const LOOKS = {
  paid: { icon: icon('<path d="m14 25 7 7 13-15"/>'), colour: "good" },
  held: {
    icon: icon('<rect x="15" y="22" width="18" height="12" rx="2"/><path d="M18 22v-4a6 6 0 0 1 12 0v4"/>'),
    colour: "open",
  },
  pending: { icon: icon('<path d="M24 12v12l8 5"/>'), colour: "open" },
  cancelled: { icon: icon('<path d="m16 16 16 16m0-16L16 32"/>'), colour: "bad" },
} as const;

/** The result of a payment, for the payer. */
type Result = keyof typeof LOOKS;

const { PAID, HELD, CANCEL_QUEUED, CANCELLED } = ReceiptState;

/** The result of a receipt that is no longer open; `pending` while its payment goes on. */
export function resultOf(state: number): Result {
  if (state === PAID) return "paid";
  if (state === HELD) return "held";
  return state === CANCEL_QUEUED || state === CANCELLED ? "cancelled" : "pending";
}

/** The page of a result. */
export function resultPage(
  receipt: MockReceipt,
  language: Language,
  { back, declined }: Pick<FormView, "back" | "declined">,
): Html {
  const result = resultOf(receipt.state);
  return html`<section class="sheet result" data-result="${result}">
    ${LOOKS[result].icon}
    <h1 class="${LOOKS[result].colour}" role="status" tabindex="-1">${texts[result][language]}</h1>
    ${moreOf(result, receipt, language)}
    ${declinedNote(declined, language)}
    ${summaryOf(receipt, language)}
    ${paymentOf(receipt, language)}
    ${back}
  </section>`;
}

function moreOf(result: Result, { card }: MockReceipt, language: Language): Html | undefined {
  // A receipt has a card once money was taken from it or held on it.
  if (result === "paid" || (result === "cancelled" && card === null)) return undefined;
  const more = result === "cancelled" ? "refunded_more" : (`${result}_more` as const);
  return html`<p class="more">${texts[more][language]}</p>`;
}
