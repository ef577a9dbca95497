import type { Tiyin } from "../kit/money";
import { messageText } from "./json-rpc";
import type { LocalizedText } from "./states";

/** A field of a receipt's account. Payme answers an array of them, although the request has an object. */
export interface AccountField {
  name: string;
  /** A text; in `receipts.get_all`, one for each language. */
  title?: string | Partial<LocalizedText> | undefined;
  /** A text; a number was seen in `receipts.get_all`. */
  value: string | number | null;
  main?: boolean | undefined;
  [member: string]: unknown;
}

/**
 * A receipt of the Subscribe API. Rely only on `_id`, `state` and `amount`: Payme adds and drops the others. Amounts are in
 * tiyin, times in ms (0: it has not happened). Source: developer.help.paycom.uz, "receipts.create".
 */
export interface Receipt {
  /** 24 hexadecimal digits; the first 8 are the second of creation. */
  _id: string;
  /** One of {@link ReceiptState}; unknown values pass through. */
  state: number;
  amount: Tiyin;
  /** Not stable: Payme rewrites it when the payment starts. */
  create_time?: number | undefined;
  pay_time?: number | undefined;
  cancel_time?: number | undefined;
  type?: number | undefined;
  description?: string | null | undefined;
  currency?: number | undefined;
  commission?: Tiyin | undefined;
  account?: AccountField[] | undefined;
  /** `expire` is YYMM, only here. The number is masked before you see it. */
  card?: { number: string; expire?: string | undefined; [member: string]: unknown } | null | undefined;
  detail?: unknown;
  merchant?: unknown;
  meta?: unknown;
  error?: unknown;
  /** Not in Payme's docs: from the gateway of the Wedy guide. */
  cheque_id?: string | number | null | undefined;
  processing_id?: number | string | null | undefined;
  [member: string]: unknown;
}

/** Returns the value of an account field as text; undefined where the receipt has none. Never rely on the position. */
export function accountValue(receipt: Pick<Receipt, "account">, name: string): string | undefined {
  const value = receipt.account?.find((field) => field.name === name)?.value;
  return value === null || value === undefined ? undefined : String(value);
}

/** Returns the title of an account field in a language, or in another one where that is missing. */
export function accountTitle(field: Pick<AccountField, "title">, language: keyof LocalizedText = "ru"): string {
  return messageText(field.title, language);
}

/**
 * Returns when a receipt was made, in ms (to the second), from the first 8 digits of its id: Payme rewrites `create_time`
 * when the payment starts. Undefined for an id of another form.
 */
export function receiptCreatedAt(receipt: Pick<Receipt, "_id">): number | undefined {
  return /^[0-9a-f]{24}$/i.test(receipt._id) ? Number.parseInt(receipt._id.slice(0, 8), 16) * 1000 : undefined;
}
