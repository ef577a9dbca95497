import { type CheckoutParams, checkCheckoutParams, checkoutHost, invalid } from "./checkout-params";
import { utf8Base64 } from "./encode";

/**
 * The link that sends a payer to Payme. Payme then makes the receipt itself and calls your Merchant API endpoint.
 * The link is not signed: the endpoint must check account and amount again.
 *
 * Base64 may have `/` or `+` where a value has `?`, `>`, `~` or letters outside ASCII, and Payme does not say whether it reads those. Then
 * the parts come in another order, which Payme takes as well. A value that no order makes clean stays as it is: use `checkoutForm`.
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
  return `${checkoutHost(params)}/${cleanBase64(given.map(([name, value]) => `${name}=${value}`))}`;
}

/** More orders than of six parts are not tried: each costs a little, and one of the first is clean. */
const MOST_ORDERS = 720;

/** The parts in the first order whose Base64 is one segment of a path; the documented order where none is. */
function cleanBase64(parts: readonly string[]): string {
  const documented = utf8Base64(parts.join(";"));
  if (isClean(documented)) return documented;
  let tried = 0;
  for (const order of ordersOf(parts)) {
    const base64 = utf8Base64(order.join(";"));
    if (isClean(base64)) return base64;
    tried += 1;
    if (tried >= MOST_ORDERS) break;
  }
  return documented;
}

function isClean(base64: string): boolean {
  return !/[/+]/.test(base64);
}

/** All orders of some parts, that of the parts first. */
function* ordersOf(parts: readonly string[]): Generator<readonly string[]> {
  if (parts.length < 2) yield parts;
  else
    for (const [index, part] of parts.entries()) {
      for (const rest of ordersOf(parts.toSpliced(index, 1))) yield [part, ...rest];
    }
}

function refuseUncarriable(name: string, value: string): void {
  if (/^[^;\p{Cc}]*$/u.test(value)) return;
  throw invalid(
    name,
    "has a ; or a control character, which the link cannot carry",
    "Use checkoutForm for such values.",
  );
}
