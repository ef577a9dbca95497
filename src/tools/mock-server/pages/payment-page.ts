import { ReceiptState } from "../../../protocol/states";
import type { TestCard } from "../../../testing/mock/cards";
import type { MockCore } from "../../../testing/mock/mock-core";
import type { MockReceipt } from "../../../testing/mock/mock-receipt";
import type { PayOutcome } from "../../../testing/mock/pay-receipt";
import { cardOf, type Problems, problemOf, problemsOf } from "./card-form";
import { type FormView, formOf } from "./form-view";
import { type Html, html, safeLink } from "./html";
import { type Language, languageOf } from "./language";
import { MAX_FORM_LENGTH, page } from "./page";
import { pageReceiptId } from "./paths";
import { resultOf, resultPage } from "./result-view";
import { FILL, inputOf } from "./test-cards-view";
import { texts } from "./texts";

/** How long the result waits for the shop to hear of it, so that the payer does not come back before the news. */
const NEWS_TIMEOUT_MS = 3_000;

/** What the page needs of its mock. */
export interface PageMock extends Pick<MockCore, "receipt" | "pay" | "cancel" | "flush"> {
  readonly testCards: readonly TestCard[];
  now(): number;
  /** The Merchant transaction of a receipt's last attempt. */
  transactionOf(receiptId: string): string | undefined;
}

/** What a press of a button came to. */
type Attempt = { readonly problems?: Problems | undefined } & Partial<Pick<FormView, "declined" | "filled">>;

/** Answers a receipt's page, and what a payer does on it. */
export async function answerPage(mock: PageMock, request: Request): Promise<Response> {
  const receipt = mock.receipt(pageReceiptId(new URL(request.url).pathname) ?? "");
  if (receipt === undefined) return notFound(request);
  if (request.method === "GET" || request.method === "HEAD") return shown(mock, request, receipt);
  if (request.method !== "POST") return new Response(null, { status: 405, headers: { Allow: "GET, HEAD, POST" } });
  const form = await request.text();
  if (form.length > MAX_FORM_LENGTH) return new Response(null, { status: 413 });
  const attempt = await act(mock, receipt._id, new URLSearchParams(form));
  // Pressed twice: the second press shows what the first one did.
  if (!isOpen(mock, receipt._id)) await newsIsOut(mock);
  return shown(mock, request, mock.receipt(receipt._id) ?? receipt, attempt);
}

function notFound(request: Request): Response {
  return page(request, html`<section class="sheet"><h1>${texts.notFound[languageOf(request)]}</h1></section>`, {
    status: 404,
  });
}

function shown(mock: PageMock, request: Request, receipt: MockReceipt, attempt: Attempt = {}): Response {
  const language = languageOf(request);
  const back = backLink(backOf(mock, receipt, new URL(request.url).searchParams), language);
  const { problems = {}, declined, filled } = attempt;
  if (receipt.state !== ReceiptState.CREATED) {
    const isOver = receipt.state === ReceiptState.CANCELLED;
    const content = resultPage(receipt, language, { back, declined: isOver ? declined : undefined });
    return page(request, content, { isPending: resultOf(receipt.state) === "pending" });
  }
  const isRefused = declined !== undefined || Object.keys(problems).length > 0;
  const { testCards: cards } = mock;
  const content = formOf({ receipt, language, back, cards, now: mock.now(), problems, declined, filled });
  return page(request, content, { status: isRefused ? 422 : 200 });
}

/** Asked at the moment of acting: meanwhile another press may have paid, and its payment is not to be refunded. */
function isOpen(mock: PageMock, receiptId: string): boolean {
  return mock.receipt(receiptId)?.state === ReceiptState.CREATED;
}

async function act(mock: PageMock, receiptId: string, form: URLSearchParams): Promise<Attempt> {
  if (form.get("action") === "cancel") {
    if (isOpen(mock, receiptId)) await mock.cancel(receiptId);
    return {};
  }
  const wanted = form.get(FILL);
  if (wanted !== null) {
    const card = mock.testCards[Number(wanted)];
    return { filled: card && inputOf(card, mock.now()) };
  }
  const card = cardOf(form);
  const problems = problemsOf(card);
  if (Object.keys(problems).length > 0) return { problems };
  return attemptOf(await mock.pay(receiptId, { card }));
}

function attemptOf(outcome: PayOutcome): Attempt {
  if (outcome.outcome !== "declined") return {};
  const problems = problemOf(outcome);
  return problems === undefined ? { declined: outcome } : { problems };
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

function backLink(back: string | undefined, language: Language): Html | undefined {
  return back === undefined
    ? undefined
    : html`<p class="back"><a href="${back}" rel="noreferrer">${texts.back[language]}</a></p>`;
}
