import { PaymeValidationError } from "../kit/errors";
import { isTiyin, type Tiyin } from "../kit/money";
import { CHECKOUT_HOST_LIVE, CHECKOUT_HOST_TEST, type Mode } from "../protocol/hosts";

/** Params of {@link checkoutUrl}: the cashbox, the amount, and the account by which Payme asks your endpoint. */
export interface CheckoutParams {
  /** The cashbox's id, or its alias. */
  merchantId: string;
  /** The fields set for the cashbox in the cabinet, exactly as they are named there. */
  account: Readonly<Record<string, string | number>>;
  amount: Tiyin;
  /** Live money or the sandbox. Default `live`. */
  mode?: Mode | undefined;
  /** Another checkout host, for example a mock. */
  host?: string | undefined;
  /** The language of the page. Default Russian, Payme's own. */
  lang?: "ru" | "uz" | "en" | undefined;
  /** The page to which the payer returns. A return proves nothing: only PerformTransaction means paid. */
  returnUrl?: string | undefined;
  /** How long Payme shows the result before the payer returns, in ms. */
  returnTimeoutMs?: number | undefined;
}

/** The checkout host, without a slash at its end. */
export function checkoutHost({ host, mode = "live" }: Pick<CheckoutParams, "host" | "mode">): string {
  return (host ?? (mode === "live" ? CHECKOUT_HOST_LIVE : CHECKOUT_HOST_TEST)).replace(/\/+$/, "");
}

/** Refuses values that no checkout can carry. @throws PaymeValidationError */
export function checkCheckoutParams(params: CheckoutParams): void {
  const { merchantId, account, amount, mode, host, lang, returnUrl, returnTimeoutMs } = params;
  if (!/^[\w-]{1,64}$/.test(merchantId)) throw invalid("merchantId", "must be the cashbox's id or alias");
  if (!isTiyin(amount) || amount === 0) throw invalid("amount", "must be a whole number of tiyin above 0: som(50_000)");
  const fields = Object.entries(account);
  if (fields.length === 0) throw invalid("account", "needs at least one field of the cashbox");
  for (const [name, value] of fields) {
    if (!/^[A-Za-z_][\w-]{0,63}$/.test(name)) throw invalid(`account.${name}`, "is not the name of a field");
    const isText = typeof value === "string" && value !== "";
    if (!isText && !Number.isSafeInteger(value)) throw invalid(`account.${name}`, "must be text or a whole number");
    if (isText) refuseBrokenText(`account.${name}`, value);
  }
  if (mode !== undefined && !["live", "test"].includes(mode)) throw invalid("mode", "must be live or test");
  if (host !== undefined && !isWebAddress(host)) throw invalid("host", "must be an http(s) address");
  if (lang !== undefined && !["ru", "uz", "en"].includes(lang)) throw invalid("lang", "must be ru, uz or en");
  if (returnUrl !== undefined && !isWebAddress(returnUrl)) {
    const hint =
      "Where it is to open an app, give a page of yours that redirects: https://shop.example/open → myapp://paid.";
    throw invalid("returnUrl", "must be an http(s) address", hint);
  }
  if (returnTimeoutMs !== undefined && !(Number.isSafeInteger(returnTimeoutMs) && returnTimeoutMs >= 0)) {
    throw invalid("returnTimeoutMs", "must be a whole number of ms");
  }
}

/** Refuses half of a surrogate pair: it has no UTF-8, so another text would arrive, and with it another account. */
export function refuseBrokenText(field: string, text: string): void {
  if (/\p{Cs}/u.test(text)) throw invalid(field, "is cut in the middle of a character", "Pass well-formed text.");
}

export function invalid(field: string, problem: string, hint?: string): PaymeValidationError {
  return new PaymeValidationError(`checkout: ${field} ${problem}`, { hint });
}

/** True for a full http(s) address. `new URL` also takes `https:shop.example` and spaces, which lead nowhere. */
export function isWebAddress(text: string): boolean {
  return /^https?:\/\/\S+$/i.test(text) && URL.canParse(text);
}
