import { ReceiptState } from "../../../protocol/states";
import type { MockReceipt } from "../../../testing/mock/mock-receipt";
import { declinedNote, type FormView } from "./form-view";
import { type Html, html } from "./html";
import { icons } from "./icons";
import type { Language } from "./language";
import { paymentOf, summaryOf } from "./receipt-view";
import { texts } from "./texts";

/** How a receipt stands, as a payer needs to know it. */
export type Result = keyof typeof icons;

/** Good or bad news; neither while nothing has been decided. */
const LOOKS = { paid: "good", held: "open", pending: "open", cancelled: "bad" } as const satisfies Record<
  Result,
  string
>;

const { PAID, HELD, CANCEL_QUEUED, CANCELLED } = ReceiptState;

/** What a receipt that is no longer open has come to; `pending` for all that is still on its way. */
export function resultOf(state: number): Result {
  if (state === PAID) return "paid";
  if (state === HELD) return "held";
  return state === CANCEL_QUEUED || state === CANCELLED ? "cancelled" : "pending";
}

/** What came of a payment. */
export function resultPage(
  receipt: MockReceipt,
  language: Language,
  { back, declined }: Pick<FormView, "back" | "declined">,
): Html {
  const result = resultOf(receipt.state);
  return html`<section class="sheet result" data-result="${result}">
    ${icons[result]}
    <h1 class="${LOOKS[result]}" role="status" tabindex="-1">${texts[result][language]}</h1>
    ${moreOf(result, receipt, language)}
    ${declinedNote(declined, language)}
    ${summaryOf(receipt, language)}
    ${paymentOf(receipt, language)}
    ${back}
  </section>`;
}

function moreOf(result: Result, { card }: MockReceipt, language: Language): Html | undefined {
  // A card is in a receipt once money was taken from it or set aside on it.
  if (result === "paid" || (result === "cancelled" && card === null)) return undefined;
  const more = result === "cancelled" ? "refunded_more" : (`${result}_more` as const);
  return html`<p class="more">${texts[more][language]}</p>`;
}
