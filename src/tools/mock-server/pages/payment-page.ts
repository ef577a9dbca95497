import { readForm } from "../../../html/frame";
import { html, safeLink } from "../../../html/html";
import { languageOf } from "../../../html/language";
import { ReceiptState } from "../../../protocol/states";
import type { MockCore, MockInside } from "../../../testing/mock/mock-core";
import type { MockReceipt } from "../../../testing/mock/mock-receipt";
import { cardOf, type FormView, formOf, type Problems, problemsOf } from "./form-view";
import { page } from "./page";
import { pageReceiptId } from "./paths";
import { refusalOfPress } from "./refusal-of-press";
import { resultOf, resultPage } from "./result-view";
import { FILL, inputOf } from "./test-cards-view";
import { texts } from "./texts";

/** How long the result waits for the shop's notification, so that the payer does not return before it. */
const NOTIFICATION_TIMEOUT_MS = 3_000;

/** The parts of a mock that the page needs. */
type PageMock = Pick<MockCore, "receipt" | "pay" | "cancel" | "flush" | "now"> &
  Pick<MockInside, "testCards" | "transactionOf">;

/** The outcome of a press of a button. */
type Attempt = { readonly problems?: Problems | undefined } & Partial<Pick<FormView, "declined" | "filled">>;

/** Answers a receipt's page, and the payer's presses on it. */
export async function answerPage(mock: PageMock, request: Request): Promise<Response> {
  const receipt = mock.receipt(pageReceiptId(new URL(request.url).pathname) ?? "");
  if (receipt === undefined) {
    const content = html`<section class="sheet"><h1>${texts.notFound[languageOf(request)]}</h1></section>`;
    return page(request, content, { status: 404 });
  }
  if (request.method === "GET" || request.method === "HEAD") return shown(mock, request, receipt);
  if (request.method !== "POST") return new Response(null, { status: 405, headers: { Allow: "GET, HEAD, POST" } });
  const refusal = refusalOfPress(request);
  if (refusal !== undefined) return new Response(`${refusal}\n`, { status: 403 });
  const form = await readForm(request);
  if (form === undefined) return new Response(null, { status: 413 });
  const attempt = await act(mock, receipt._id, form);
  // A second press shows the outcome of the first one.
  if (!isOpen(mock, receipt._id)) await shopIsNotified(mock);
  return shown(mock, request, mock.receipt(receipt._id) ?? receipt, attempt);
}

function shown(mock: PageMock, request: Request, receipt: MockReceipt, attempt: Attempt = {}): Response {
  const language = languageOf(request);
  const link = backOf(mock, receipt, new URL(request.url).searchParams);
  const back =
    link === undefined
      ? undefined
      : html`<p class="back"><a href="${link}" rel="noreferrer">${texts.back[language]}</a></p>`;
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

/** Call it right before an action: another press may have paid, and that payment must not be refunded. */
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
  const outcome = await mock.pay(receiptId, { card });
  if (outcome.outcome !== "declined") return {};
  const { field } = outcome;
  return field === undefined ? { declined: outcome } : { problems: { [field]: `${field}_problem` } };
}

/** Resolves when the shop has its notification, or after the timeout. */
async function shopIsNotified(mock: PageMock): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, NOTIFICATION_TIMEOUT_MS);
  });
  await Promise.race([mock.flush(), patience]);
  clearTimeout(timer);
}

/** The link back to the shop. A checkout form's callback may have placeholders for the payment's values. */
function backOf(mock: PageMock, { _id, account }: MockReceipt, query: URLSearchParams): string | undefined {
  const callback = query.get("callback")?.replace(/:transaction\b|:account\.([\w-]+)/g, (_whole, field?: string) => {
    if (field === undefined) return mock.transactionOf(_id) ?? "null";
    return encodeURIComponent(String(account.find(({ name }) => name === field)?.value ?? ""));
  });
  return safeLink(callback ?? query.get("c") ?? query.get("back") ?? query.get("return"));
}
