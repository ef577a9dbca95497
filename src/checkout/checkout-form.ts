import type { FiscalDetail } from "../protocol/fiscal";
import type { LocalizedText } from "../protocol/states";
import { type CheckoutParams, checkCheckoutParams, checkoutHost, refuseBrokenText } from "./checkout-params";
import { escapeHtml, utf8Base64 } from "./encode";

/** Params of {@link checkoutForm}: those of a link, and more. */
export interface CheckoutFormParams extends CheckoutParams {
  /** The description for the payer, in one language or in several. */
  description?: string | Partial<LocalizedText> | undefined;
  /** The fiscal receipt: see `fiscalDetail`. */
  detail?: FiscalDetail | undefined;
  /** The text of the button in `html`. Default `Payme`. */
  button?: string | undefined;
}

/** A form that a browser posts to Payme. */
export interface CheckoutForm {
  readonly action: string;
  readonly method: "POST";
  /** The fields in order, for a page that makes the form itself. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** The form as HTML, escaped. */
  readonly html: string;
}

/**
 * The form that sends a payer to Payme. Unlike {@link checkoutUrl} it carries any text, a description and the fiscal detail.
 *
 * Source: developer.help.paycom.uz, "Отправка чека по методу POST".
 *
 * @throws PaymeValidationError that names a value which no checkout can carry.
 */
export function checkoutForm(params: CheckoutFormParams): CheckoutForm {
  checkCheckoutParams(params);
  const action = checkoutHost(params);
  const fields = fieldsOf(params);
  for (const [name, value] of fields) refuseBrokenText(name, value);
  return { action, method: "POST", fields, html: htmlOf(action, fields, params.button ?? "Payme") };
}

function fieldsOf(params: CheckoutFormParams): [string, string][] {
  const { merchantId, amount, account, lang, returnUrl, returnTimeoutMs, description, detail } = params;
  const fields: [string, string | number | undefined][] = [
    ["merchant", merchantId],
    ["amount", amount],
    ...Object.entries(account).map(([name, value]): [string, string | number] => [`account[${name}]`, value]),
    ["lang", lang],
    ["callback", returnUrl],
    ["callback_timeout", returnTimeoutMs],
    ...descriptionFields(description),
    ["detail", detail === undefined ? undefined : utf8Base64(JSON.stringify(detail))],
  ];
  return fields.flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, String(value)]]));
}

function descriptionFields(description: CheckoutFormParams["description"]): [string, string | undefined][] {
  if (typeof description !== "object") return [["description", description]];
  return Object.entries(description).map(([language, text]) => [`description[${language}]`, text]);
}

function htmlOf(action: string, fields: readonly (readonly [string, string])[], button: string): string {
  const inputs = fields.map(
    ([name, value]) => `  <input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  return [
    `<form method="POST" action="${escapeHtml(action)}">`,
    ...inputs,
    `  <button type="submit">${escapeHtml(button)}</button>`,
    "</form>",
  ].join("\n");
}
