import { messageText } from "./json-rpc";
import type { LocalizedText } from "./states";

/** A field of a receipt's account as Payme answers it: an array of these, although the request is an object. */
export interface AccountField {
  name: string;
  /** Text; localised in `receipts.get_all`. */
  title?: string | Partial<LocalizedText> | undefined;
  /** Text; a number has been seen in `receipts.get_all`. */
  value: string | number | null;
  main?: boolean | undefined;
  [member: string]: unknown;
}

/**
 * A receipt of the Subscribe API. Only `_id`, `state` and `amount` can be relied on; Payme adds and drops the others.
 * Amounts are in tiyin, times in ms (0: not happened). Source: developer.help.paycom.uz, "receipts.create".
 */
export interface Receipt {
  /** 24 hexadecimal digits; the first 8 are the second of creation. */
  _id: string;
  /** One of {@link ReceiptState}; unknown values pass through. */
  state: number;
  amount: number;
  /** Not stable: rewritten when payment starts. */
  create_time?: number | undefined;
  pay_time?: number | undefined;
  cancel_time?: number | undefined;
  type?: number | undefined;
  description?: string | null | undefined;
  currency?: number | undefined;
  commission?: number | undefined;
  account?: AccountField[] | undefined;
  /** `expire` is YYMM here, unlike everywhere else. The number is masked before you see it. */
  card?: { number: string; expire?: string | undefined; [member: string]: unknown } | null | undefined;
  detail?: unknown;
  merchant?: unknown;
  meta?: unknown;
  error?: unknown;
  /** Not in Payme's docs; the Wedy guide's gateway has it. */
  cheque_id?: string | number | null | undefined;
  processing_id?: number | string | null | undefined;
  [member: string]: unknown;
}

/** The value of an account field by its name, as text; undefined where the receipt has none. Never rely on the position. */
export function accountValue(receipt: Pick<Receipt, "account">, name: string): string | undefined {
  const value = receipt.account?.find((field) => field.name === name)?.value;
  return value === null || value === undefined ? undefined : String(value);
}

/** The title of an account field in a language: text as it is, of texts the asked-for one, else any. */
export function accountTitle(field: Pick<AccountField, "title">, language: keyof LocalizedText = "ru"): string {
  return messageText(field.title, language);
}

/**
 * When a receipt was made, in ms (to the second). Not `create_time`, which Payme rewrites when payment starts: the first
 * 8 digits of the id. Undefined for an id of another form.
 */
export function receiptCreatedAt(receipt: Pick<Receipt, "_id">): number | undefined {
  return /^[0-9a-f]{24}$/i.test(receipt._id) ? Number.parseInt(receipt._id.slice(0, 8), 16) * 1000 : undefined;
}
