import { isTiyin } from "../../kit/money";

/** What a checkout link or form asks Payme to take. */
export interface CheckoutOrder {
  readonly merchant: string;
  readonly account: Readonly<Record<string, string>>;
  /** In tiyin. */
  readonly amount: number;
  readonly lang: string | undefined;
  /** Where the payer goes back to. */
  readonly returnUrl: string | undefined;
  readonly description: string;
  readonly detail: unknown;
}

/** What must be there for a payment: undefined where it is not, and Payme shows an error. */
type Parts = Omit<CheckoutOrder, "amount"> & { readonly amount: string | undefined };

/**
 * The order in a checkout link's path: Base64 of `m=…;ac.order_id=…;a=…`, in any order of its keys, padded or not; undefined
 * where it is none. Source: developer.help.paycom.uz, "Отправка чека по методу GET".
 */
export function orderOfLink(path: string): CheckoutOrder | undefined {
  const text = decodedLink(path);
  if (text === undefined) return undefined;
  const values = new Map(text.split(";").map((part): [string, string] => splitOnce(part)));
  return checked({
    merchant: values.get("m") ?? "",
    account: within([...values], /^ac\.(.+)$/),
    amount: values.get("a"),
    lang: values.get("l"),
    returnUrl: values.get("c"),
    description: "",
    detail: null,
  });
}

/** The order in a checkout form. Source: developer.help.paycom.uz, "Отправка чека по методу POST". */
export function orderOfForm(form: URLSearchParams, referer: string | null): CheckoutOrder | undefined {
  const lang = form.get("lang") ?? "ru";
  return checked({
    merchant: form.get("merchant") ?? "",
    account: within([...form], /^account\[(.+)\]$/),
    amount: form.get("amount") ?? undefined,
    lang,
    returnUrl: form.get("callback") ?? referer ?? undefined,
    description: form.get("description") ?? form.get(`description[${lang}]`) ?? "",
    detail: detailOf(form.get("detail")),
  });
}

function checked({ amount: text, ...order }: Parts): CheckoutOrder | undefined {
  const amount = /^\d{1,16}$/.test(text ?? "") ? Number(text) : 0;
  if (order.merchant === "" || Object.keys(order.account).length === 0) return undefined;
  return isTiyin(amount) && amount > 0 ? { ...order, amount } : undefined;
}

/** The entries whose names fit, by the name inside. */
function within(entries: readonly [string, string][], names: RegExp): Record<string, string> {
  return Object.fromEntries(
    entries.flatMap(([name, value]): [string, string][] => {
      const field = names.exec(name)?.[1];
      return field === undefined ? [] : [[field, value]];
    }),
  );
}

function splitOnce(part: string): [string, string] {
  const at = part.indexOf("=");
  return at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
}

function decodedLink(path: string): string | undefined {
  try {
    return decodedBase64(decodeURIComponent(path));
  } catch {
    return undefined;
  }
}

function detailOf(encoded: string | null): unknown {
  try {
    return encoded === null ? null : JSON.parse(decodedBase64(encoded));
  } catch {
    return null;
  }
}

/** @throws where it is no Base64 or no UTF-8. */
function decodedBase64(encoded: string): string {
  const bytes = Uint8Array.from(atob(encoded), (unit) => unit.charCodeAt(0));
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}
