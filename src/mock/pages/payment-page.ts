import { formatSom, tiyin } from "../../money";
import { ReceiptState } from "../../protocol/states";
import type { MockPayme, PayOutcome } from "../mock-payme";
import type { MockReceipt } from "../receipt-book";
import { Html, html, safeLink } from "./html";
import { PAGE_STYLE, STYLE_POLICY } from "./style";
import { type Language, languageOf, texts } from "./texts";

const PATH = /^\/(?:payment\/|checkout\/)?([0-9a-f]{24})$/;
/** How long the result waits for the shop to hear of it, so that the payer does not come back before the news. */
const NEWS_TIMEOUT_MS = 3_000;
const MAX_FORM_LENGTH = 16_384;

/** What a page shows: the receipt, in whose language, and where to go back to. */
interface Page {
  readonly receipt: MockReceipt;
  readonly language: Language;
  readonly back: string | undefined;
}

/** True for the address of a receipt's page. */
export function isPagePath(pathname: string): boolean {
  return PATH.test(pathname);
}

/** Answers a receipt's page, and what a payer does on it. */
export async function answerPage(mock: MockPayme, request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const language = languageOf(request);
  const receipt = mock.receipt(PATH.exec(pathname)?.[1] ?? "");
  if (receipt === undefined) return page(language, html`<h1>${texts.notFound[language]}</h1>`, 404);
  const back = safeLink(searchParams.get("back") ?? searchParams.get("return") ?? searchParams.get("c"));
  const shown = { receipt, language, back };
  if (request.method === "GET" || request.method === "HEAD") return page(language, contentOf(shown));
  if (request.method !== "POST") return new Response(null, { status: 405, headers: { Allow: "GET, HEAD, POST" } });
  const form = await request.text();
  if (form.length > MAX_FORM_LENGTH) return new Response(null, { status: 413 });
  return act(mock, shown, new URLSearchParams(form));
}

async function act(mock: MockPayme, shown: Page, form: URLSearchParams): Promise<Response> {
  const { receipt, language } = shown;
  // Asked at this moment: while the form was read another press may have paid, and its payment is not to be refunded.
  const isOpen = () => mock.receipt(receipt._id)?.state === ReceiptState.CREATED;
  if (form.get("action") === "cancel") {
    if (isOpen()) await mock.cancel(receipt._id);
    return result(mock, shown);
  }
  const [number = "", expire = "", cvv = ""] = ["number", "expire", "cvv"].map((name) => form.get(name)?.trim());
  const outcome = await mock.pay(receipt._id, { card: { number, expire, cvv } });
  // Pressed twice: the second press shows what the first one did.
  if (outcome.outcome === "paid" || !isOpen()) return result(mock, shown);
  return page(language, formOf(shown, outcome), 422);
}

/** The receipt as it now stands, once the shop has heard of it. */
async function result(mock: MockPayme, shown: Page): Promise<Response> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, NEWS_TIMEOUT_MS);
  });
  await Promise.race([mock.flush(), patience]);
  clearTimeout(timer);
  const receipt = mock.receipt(shown.receipt._id) ?? shown.receipt;
  return page(shown.language, contentOf({ ...shown, receipt }));
}

function contentOf(shown: Page): Html {
  const { receipt, language } = shown;
  if (receipt.state === ReceiptState.CREATED) return formOf(shown);
  const isPaid = receipt.state === ReceiptState.PAID;
  return html`
    <h1 class="${isPaid ? "good" : "bad"}" role="status">${texts[isPaid ? "paid" : "cancelled"][language]}</h1>
    ${summaryOf(shown)}
    ${backLink(shown)}`;
}

function formOf(shown: Page, declined?: Extract<PayOutcome, { outcome: "declined" }>): Html {
  const { language } = shown;
  const problem = (field: "number" | "expire" | "cvv") =>
    declined?.field === field
      ? html`<p class="problem" id="${field}-problem">${texts[`${field}_problem`][language]}</p>`
      : undefined;
  const marks = (field: "number" | "expire" | "cvv") =>
    declined?.field === field ? html`aria-invalid="true" aria-describedby="${field}-problem" autofocus` : undefined;
  return html`
    <h1>${texts.title[language]}</h1>
    ${summaryOf(shown)}
    ${
      declined !== undefined && declined.field === undefined
        ? html`<p class="problem" role="alert">${texts.declined[language]}: ${declined.message}</p>`
        : undefined
    }
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

function page(language: Language, content: Html, status = 200): Response {
  const document = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${texts.title[language]} · Payme mock</title>
<style>${new Html(PAGE_STYLE)}</style>
</head>
<body>
<p class="test">${texts.test[language]}</p>
<main>${content}</main>
</body>
</html>`;
  return new Response(document.text, {
    status,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": `default-src 'none'; style-src ${STYLE_POLICY}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
      "Cache-Control": "no-store",
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
    },
  });
}
