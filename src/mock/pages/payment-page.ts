import { formatSom, tiyin } from "../../money";
import { messageText } from "../../protocol/json-rpc";
import { ReceiptState } from "../../protocol/states";
import type { MockPayme } from "../mock-payme";
import type { PayOutcome } from "../pay-receipt";
import type { MockReceipt } from "../receipt-book";
import { type Html, html, safeLink } from "./html";
import { MAX_FORM_LENGTH, page } from "./page";
import { type Language, languageOf, texts } from "./texts";

const PATH = /^\/(?:payment\/|checkout\/)?([0-9a-f]{24})$/;
/** How long the result waits for the shop to hear of it, so that the payer does not come back before the news. */
const NEWS_TIMEOUT_MS = 3_000;

/** What a page shows: the receipt, in whose language, and where to go back to. */
interface Page {
  readonly receipt: MockReceipt;
  readonly language: Language;
  readonly back: string | undefined;
  /** What came of the payer's last attempt. */
  readonly declined?: Extract<PayOutcome, { outcome: "declined" }> | undefined;
}

/** What the page needs of its mock. */
export interface PageMock extends Pick<MockPayme, "receipt" | "pay" | "cancel" | "flush"> {
  /** The Merchant transaction of a receipt's last attempt. */
  transactionOf(receiptId: string): string | undefined;
}

/** True for the address of a receipt's page. */
export function isPagePath(pathname: string): boolean {
  return PATH.test(pathname);
}

/** Answers a receipt's page, and what a payer does on it. */
export async function answerPage(mock: PageMock, request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const language = languageOf(request);
  const receipt = mock.receipt(PATH.exec(pathname)?.[1] ?? "");
  if (receipt === undefined) return page(language, html`<h1>${texts.notFound[language]}</h1>`, 404);
  const shown = { receipt, language, back: backOf(mock, receipt, searchParams) };
  if (request.method === "GET" || request.method === "HEAD") return page(language, contentOf(shown));
  if (request.method !== "POST") return new Response(null, { status: 405, headers: { Allow: "GET, HEAD, POST" } });
  const form = await request.text();
  if (form.length > MAX_FORM_LENGTH) return new Response(null, { status: 413 });
  const outcome = await act(mock, receipt._id, new URLSearchParams(form));
  if (outcome?.outcome === "declined" && isOpen(mock, receipt._id)) {
    return page(language, formOf({ ...shown, declined: outcome }), 422);
  }
  // Pressed twice: the second press shows what the first one did.
  await newsIsOut(mock);
  const after = mock.receipt(receipt._id) ?? receipt;
  const isOver = after.state === ReceiptState.CANCELLED && outcome?.outcome === "declined";
  const back = backOf(mock, after, searchParams);
  return page(language, contentOf({ receipt: after, language, back, declined: isOver ? outcome : undefined }));
}

/** Asked at the moment of acting: meanwhile another press may have paid, and its payment is not to be refunded. */
function isOpen(mock: PageMock, receiptId: string): boolean {
  return mock.receipt(receiptId)?.state === ReceiptState.CREATED;
}

async function act(mock: PageMock, receiptId: string, form: URLSearchParams): Promise<PayOutcome | undefined> {
  if (form.get("action") === "cancel") {
    if (isOpen(mock, receiptId)) await mock.cancel(receiptId);
    return undefined;
  }
  const [number = "", expire = "", cvv = ""] = ["number", "expire", "cvv"].map((name) => form.get(name)?.trim());
  return mock.pay(receiptId, { card: { number, expire, cvv } });
}

/** Resolves once the shop has heard of it, or has had its time. */
async function newsIsOut(mock: PageMock): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, NEWS_TIMEOUT_MS);
  });
  await Promise.race([mock.flush(), patience]);
  clearTimeout(timer);
}

/** The link back to the shop. A checkout form's callback may have placeholders; its values come from others. */
function backOf(mock: PageMock, { _id, account }: MockReceipt, query: URLSearchParams): string | undefined {
  const callback = query.get("callback")?.replace(/:transaction\b|:account\.([\w-]+)/g, (_whole, field?: string) => {
    if (field === undefined) return mock.transactionOf(_id) ?? "null";
    return encodeURIComponent(String(account.find(({ name }) => name === field)?.value ?? ""));
  });
  return safeLink(callback ?? query.get("c") ?? query.get("back") ?? query.get("return"));
}

function contentOf(shown: Page): Html {
  const { receipt, language } = shown;
  if (receipt.state === ReceiptState.CREATED) return formOf(shown);
  const end = endOf(receipt.state);
  return html`
    <h1 class="${end === "cancelled" ? "bad" : "good"}" role="status">${texts[end][language]}</h1>
    ${declinedNote(shown)}
    ${summaryOf(shown)}
    ${backLink(shown)}`;
}

function endOf(state: number): "paid" | "pending" | "cancelled" {
  if (state === ReceiptState.PAID) return "paid";
  return state === ReceiptState.CANCELLED || state === ReceiptState.CANCEL_QUEUED ? "cancelled" : "pending";
}

function formOf(shown: Page): Html {
  const { language, declined } = shown;
  const problem = (field: "number" | "expire" | "cvv") =>
    declined?.field === field
      ? html`<p class="problem" id="${field}-problem">${texts[`${field}_problem`][language]}</p>`
      : undefined;
  const marks = (field: "number" | "expire" | "cvv") =>
    declined?.field === field ? html`aria-invalid="true" aria-describedby="${field}-problem" autofocus` : undefined;
  return html`
    <h1>${texts.title[language]}</h1>
    ${summaryOf(shown)}
    ${declinedNote(shown)}
    <form method="post" autocomplete="off">
      <label>${texts.number[language]}
        <input name="number" inputmode="numeric" required maxlength="23" placeholder="8600 1234 5678 9012" ${marks("number")}></label>
      ${problem("number")}
      <div class="pair">
        <label>${texts.expire[language]}
          <input name="expire" inputmode="numeric" required maxlength="5" placeholder="MM/YY" ${marks("expire")}></label>
        <label>${texts.cvv[language]}
          <input name="cvv" inputmode="numeric" maxlength="3" type="password" ${marks("cvv")}></label>
      </div>
      ${problem("expire")}
      ${problem("cvv")}
      <button name="action" value="pay">${texts.pay[language]}</button>
      <button name="action" value="cancel" class="quiet" formnovalidate>${texts.cancel[language]}</button>
    </form>
    ${backLink(shown)}
    <details><summary>${texts.hint[language]}</summary>
      <p>8600 1234 5678 9012 · 9860 1234 5678 9012 (${texts.anyFuture[language]})</p>
      <p>8600 4954 7331 6478 · 8600 0691 9540 6311 (03/99)</p>
    </details>`;
}

/** Payme's or the merchant's words: what is wrong with a field is said beside it. */
function declinedNote({ declined, language }: Page): Html | undefined {
  if (declined === undefined || declined.field !== undefined) return undefined;
  const words = messageText(declined.texts ?? declined.message, language);
  return html`<p class="problem" role="alert">${texts.declined[language]}: ${words}</p>`;
}

function summaryOf({ receipt, language }: Page): Html {
  return html`
    <p class="merchant">${receipt.merchant.name}</p>
    <dl>
      <dt>${texts[receipt.state === ReceiptState.CREATED ? "amount" : "sum"][language]}</dt>
      <dd class="amount">${formatSom(tiyin(receipt.amount))} ${texts.som[language]}</dd>
      ${receipt.account.map(({ name, value }) => html`<dt>${name}</dt><dd>${value ?? ""}</dd>`)}
    </dl>
    <p>${receipt.description}</p>`;
}

function backLink({ back, language }: Page): Html | undefined {
  return back === undefined ? undefined : html`<p><a href="${back}" rel="noreferrer">${texts.back[language]}</a></p>`;
}
