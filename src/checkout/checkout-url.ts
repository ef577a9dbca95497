import { type CheckoutParams, checkCheckoutParams, checkoutHost, invalid } from "./checkout-params";
import { utf8Base64 } from "./encode";

/**
 * The link that sends a payer to Payme. Payme then makes the receipt itself and calls your Merchant API endpoint.
 * The link is not signed: the endpoint must check account and amount again.
 *
 * Values outside ASCII, and `?`, `>` and `~`, can give Base64 with `/` or `+`. Payme does not document whether its checkout
 * reads those: try such a link once, or use `checkoutForm`.
 *
 * Source: developer.help.paycom.uz, "Отправка чека по методу GET".
 *
 * @throws PaymeValidationError for values that the link cannot carry: `;` separates its parts, and there is no escape.
 * @example checkoutUrl({ merchantId: "587f72c72cac0d162c722ae2", account: { order_id: 197 }, amount: tiyin(500) });
 */
export function checkoutUrl(params: CheckoutParams): string {
  checkCheckoutParams(params);
  const { merchantId, account, amount, lang, returnUrl, returnTimeoutMs } = params;
  const parts: [string, string | number | undefined][] = [
    ["m", merchantId],
    ...Object.entries(account).map(([name, value]): [string, string | number] => [`ac.${name}`, value]),
    ["a", amount],
    ["l", lang],
    ["c", returnUrl],
    ["ct", returnTimeoutMs],
  ];
  const given = parts.filter(([, value]) => value !== undefined);
  for (const [name, value] of given) refuseUncarriable(name, String(value));
  return `${checkoutHost(params)}/${utf8Base64(given.map(([name, value]) => `${name}=${value}`).join(";"))}`;
}

function refuseUncarriable(name: string, value: string): void {
  if (/^[^;\p{Cc}]*$/u.test(value)) return;
  throw invalid(
    name,
    "has a ; or a control character, which the link cannot carry",
    "Use checkoutForm for such values.",
  );
}
