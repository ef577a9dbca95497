import { type Html, html } from "../../../html/html";
import { formatSom, tiyin } from "../../../kit/money";
import { ReceiptState } from "../../../protocol/states";
import type { TestCard } from "../../../testing/mock/cards";
import type { MockReceipt } from "../../../testing/mock/mock-receipt";
import { callsOfReceipt } from "./calls-view";
import { addressOf, type Call, type Filter } from "./filter";
import { actsForm, button, section, timeOf } from "./parts";

/** How many receipts a page of the console has. */
const RECEIPTS_PER_PAGE = 25;

const NAMES: ReadonlyMap<number, readonly [string, "open" | "good" | "bad" | "work"]> = new Map([
  [ReceiptState.CREATED, ["waits for payment", "open"]],
  [ReceiptState.CHECKING, ["checking", "work"]],
  [ReceiptState.DEBITING, ["debiting", "work"]],
  [ReceiptState.CLOSING, ["closing", "work"]],
  [ReceiptState.PAID, ["paid", "good"]],
  [ReceiptState.HELD, ["held", "good"]],
  [ReceiptState.HOLDING, ["holding", "work"]],
  [ReceiptState.PAUSED, ["paused", "work"]],
  [ReceiptState.CANCEL_QUEUED, ["being cancelled", "bad"]],
  [ReceiptState.CLOSE_QUEUED, ["waits for the merchant", "work"]],
  [ReceiptState.CANCELLED, ["cancelled", "bad"]],
]);

/** What is shown with the receipts. */
interface ReceiptsView {
  readonly page: number;
  readonly filter: Filter;
  readonly cards: readonly TestCard[];
  readonly notified: ReadonlySet<string>;
  readonly calls: readonly Call[];
}

/** A page of receipts, newest first, each with its actions. */
export function receiptsView(
  receipts: readonly MockReceipt[],
  { page, filter, cards, notified, calls }: ReceiptsView,
): Html {
  const pages = Math.max(1, Math.ceil(receipts.length / RECEIPTS_PER_PAGE));
  const current = Math.min(Math.max(1, page), pages);
  const end = receipts.length - (current - 1) * RECEIPTS_PER_PAGE;
  const shown = receipts.slice(Math.max(0, end - RECEIPTS_PER_PAGE), end).reverse();
  const none = html`<p class="none">None yet. The terminal of the mock shows a first command to try.</p>`;
  const content = html`${shown.length === 0 ? none : undefined}
    <ul class="cardlist">${shown.map((receipt) => {
      const own = calls.filter((call) => call.receipt?._id === receipt._id);
      return receiptView(receipt, cards, notified.has(receipt._id), own);
    })}</ul>
    ${pages > 1 ? pagesView(filter, current, pages) : undefined}`;
  return section("receipts", "Receipts", receipts.length, content);
}

function receiptView(
  receipt: MockReceipt,
  cards: readonly TestCard[],
  isNotified: boolean,
  calls: readonly Call[],
): Html {
  const { _id: id, amount, account, state, card, merchant, description, create_time: made } = receipt;
  const [name, kind] = NAMES.get(state) ?? ["unknown", "work"];
  const fields = account.map(
    ({ name: field, value }) => html`<span class="field">${field} <b>${value ?? ""}</b></span>`,
  );
  return html`
      <li id="r-${id}" data-state="${state}">
        <div class="line"><b class="sum">${formatSom(tiyin(amount))} som</b> <span class="tag ${kind}">${name} <small>${state}</small></span></div>
        <div class="line soft"><a href="/${id}" target="_blank" rel="noreferrer"><code>${id}</code></a> <span>${timeOf(made)}</span></div>
        <div class="line soft">${fields} ${description === "" ? undefined : html`<span>${description}</span>`} ${card ? html`<span><code>${card.number}</code></span>` : undefined} <span>${merchant.name}</span></div>
        ${actsForm(html`<input type="hidden" name="id" value="${id}">`, ...actsOf(state, cards, isNotified))}
        ${callsOfReceipt(id, calls)}
      </li>`;
}

function actsOf(state: number, cards: readonly TestCard[], isNotified: boolean): Html[] {
  const resend = isNotified ? [button("resend", "Send the notification again")] : [];
  if (state === ReceiptState.CREATED) {
    return [
      html`<select name="card" aria-label="test card">${cards.map((card, index) => html`<option value="${index}">${labelOf(card)}</option>`)}</select>`,
      button("pay", "Pay"),
      button("cancel", "Cancel"),
      button("expire", "Expire"),
    ];
  }
  if (state === ReceiptState.HELD) {
    return [button("confirm", "Take"), button("cancel", "Release"), button("expire", "Expire"), ...resend];
  }
  return state === ReceiptState.PAID ? [button("cancel", "Refund"), ...resend] : resend;
}

function labelOf({ number, behaviour }: TestCard): string {
  return `${number.slice(0, 4)} … ${number.slice(-4)}${behaviour === undefined ? "" : `: ${behaviour.message}`}`;
}

function pagesView(filter: Filter, current: number, pages: number): Html {
  const link = (page: number, name: string) =>
    page < 1 || page > pages
      ? html`<span>${name}</span>`
      : html`<a href="${addressOf(filter, { page: String(page) })}#receipts">${name}</a>`;
  return html`<nav class="pages" aria-label="pages of receipts">${link(current - 1, "Newer")} <span>${current} of ${pages}</span> ${link(current + 1, "Older")}</nav>`;
}
