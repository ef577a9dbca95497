import { readForm } from "../../../html/frame";
import { html } from "../../../html/html";
import { languageOf } from "../../../html/language";
import type { MockInside } from "../../../testing/mock/mock-core";
import { orderOfForm, orderOfLink } from "../checkout-order";
import { page } from "./page";
import { linkOf } from "./paths";
import { texts } from "./texts";

/** Answers a checkout link or form: makes the receipt, and sends the payer to its page. The merchant is asked at payment. */
export async function answerCheckout(mock: Pick<MockInside, "cashbox">, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const language = languageOf(request);
  const problem = (text: string, status: number) =>
    page(request, html`<section class="sheet"><h1 class="bad">${text}</h1></section>`, { status });
  const isForm = request.method === "POST";
  const form = isForm ? await readForm(request) : new URLSearchParams();
  if (form === undefined) return new Response(null, { status: 413 });
  const referer = request.headers.get("referer");
  const order = isForm ? orderOfForm(form, referer) : orderOfLink(linkOf(url.pathname) ?? "");
  if (order === undefined) return problem(texts.badCheckout[language], 400);
  const cashbox = mock.cashbox(order.merchant);
  if (cashbox === undefined) return problem(texts.noMerchant[language], 404);
  if (cashbox.billing === undefined) return problem(texts.noBilling[language], 409);
  // A HEAD request makes no receipt.
  if (request.method === "HEAD") return new Response(null);
  const { _id } = cashbox.book.add(order);
  const { searchParams: query } = url;
  if (order.lang !== undefined) query.set("lang", order.lang);
  // Payme documents placeholders for the form's callback only.
  if (order.returnUrl !== undefined) query.set(isForm ? "callback" : "c", order.returnUrl);
  return new Response(null, { status: 303, headers: { Location: `/checkout/${_id}?${query}` } });
}
