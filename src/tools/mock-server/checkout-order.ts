import { isTiyin, type Tiyin } from "../../kit/money";

/** The order in a checkout link or form. */
export interface CheckoutOrder {
  readonly merchant: string;
  readonly account: Readonly<Record<string, string>>;
  readonly amount: Tiyin;
  readonly lang: string | undefined;
  /** The address that the payer returns to. */
  readonly returnUrl: string | undefined;
  readonly description: string;
  readonly detail: unknown;
}

/**
 * Reads the order in a checkout link's path: Base64 of `m=…;ac.order_id=…;a=…`, with keys in any order, padded or not.
 * Returns undefined where there is none. Source: developer.help.paycom.uz, "Отправка чека по методу GET".
 */
export function orderOfLink(path: string): CheckoutOrder | undefined {
  const text = attempt(() => decodedBase64(decodeURIComponent(path)));
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

/** Reads the order in a checkout form. Source: developer.help.paycom.uz, "Отправка чека по методу POST". */
export function orderOfForm(form: URLSearchParams, referer: string | null): CheckoutOrder | undefined {
  const lang = form.get("lang") ?? "ru";
  return checked({
    merchant: form.get("merchant") ?? "",
    account: within([...form], /^account\[(.+)\]$/),
    amount: form.get("amount") ?? undefined,
    lang,
    returnUrl: form.get("callback") ?? referer ?? undefined,
    description: form.get("description") ?? form.get(`description[${lang}]`) ?? "",
    detail: attempt(() => JSON.parse(decodedBase64(form.get("detail") ?? ""))) ?? null,
  });
}

/** Returns the order; undefined where the cashbox, account or amount is missing, and Payme shows an error. */
function checked({
  amount: text,
  ...order
}: Omit<CheckoutOrder, "amount"> & { readonly amount: string | undefined }): CheckoutOrder | undefined {
  const amount = /^\d{1,16}$/.test(text ?? "") ? Number(text) : 0;
  if (order.merchant === "" || Object.keys(order.account).length === 0) return undefined;
  return isTiyin(amount) && amount > 0 ? { ...order, amount } : undefined;
}

/** The entries whose names match, by the matched part of the name. */
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

/** Returns what `read` does; undefined where it throws. */
function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** @throws for text that is not Base64 of UTF-8. */
function decodedBase64(encoded: string): string {
  const bytes = Uint8Array.from(atob(encoded), (unit) => unit.charCodeAt(0));
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}
