import type { Cashbox } from "../../../testing/mock/cashbox";
import { orderOfForm, orderOfLink } from "../checkout-order";
import { html } from "./html";
import { languageOf } from "./language";
import { MAX_FORM_LENGTH, page } from "./page";
import { linkOf } from "./paths";
import { texts } from "./texts";

/** What a checkout needs of its mock. */
export interface Checkout {
  /** The cashbox that a link names. */
  cashbox(merchantId: string): Pick<Cashbox, "book" | "billing"> | undefined;
}

/**
 * Answers a checkout link or form: Payme makes the receipt itself, and sends the payer to its page. The merchant is asked
 * when the payer pays.
 */
export async function answerCheckout(checkout: Checkout, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const language = languageOf(request);
  const problem = (text: string, status: number) =>
    page(request, html`<section class="sheet"><h1 class="bad">${text}</h1></section>`, { status });
  const isForm = request.method === "POST";
  const form = isForm ? await request.text() : "";
  if (form.length > MAX_FORM_LENGTH) return new Response(null, { status: 413 });
  const order = isForm
    ? orderOfForm(new URLSearchParams(form), request.headers.get("referer"))
    : orderOfLink(linkOf(url.pathname) ?? "");
  if (order === undefined) return problem(texts.badCheckout[language], 400);
  const cashbox = checkout.cashbox(order.merchant);
  if (cashbox === undefined) return problem(texts.noMerchant[language], 404);
  if (cashbox.billing === undefined) return problem(texts.noBilling[language], 409);
  // Who only looks makes no receipt.
  if (request.method === "HEAD") return new Response(null);
  const { _id } = cashbox.book.add(order);
  const { searchParams: query } = url;
  if (order.lang !== undefined) query.set("lang", order.lang);
  // Placeholders are documented for the form's callback only.
  if (order.returnUrl !== undefined) query.set(isForm ? "callback" : "c", order.returnUrl);
  return new Response(null, { status: 303, headers: { Location: `/checkout/${_id}?${query}` } });
}
