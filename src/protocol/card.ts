/**
 * A saved card, as the `cards.*` methods answer it. Unknown members pass. Source: developer.help.paycom.uz, "cards.create".
 */
export interface Card {
  /** Masked: `860006******6311`. */
  number: string;
  /** `MM/YY`. */
  expire: string;
  /** Pays: keep it like a password, in a column of 1,024 characters or more. Printing the card hides it. */
  token: string;
  /** False: the card pays once, and exactly the amount that it was made for. */
  recurrent: boolean;
  /** True once the payer has given the SMS code. */
  verify: boolean;
  /** Undocumented; a short number in all captures. */
  type?: string | undefined;
  [member: string]: unknown;
}

/** The month and year of expiry, as printed on the card: `{ month: 3, year: 99 }` for 03/99. */
export interface CardExpiry {
  readonly month: number;
  readonly year: number;
}

/**
 * Reads an expiry in each form that Payme uses: `MM/YY` in cards, `MMYY` in requests, `YYMM` in receipts. Undefined for
 * another text. Four digits from a receipt are `YYMM`, unless that gives no month: one of Payme's samples has `0399` there.
 */
export function cardExpiry(expire: string, { from }: { from: "card" | "receipt" }): CardExpiry | undefined {
  const [, first, slash, second] = /^(\d\d)(\/?)(\d\d)$/.exec(expire.trim()) ?? [];
  if (first === undefined || second === undefined) return undefined;
  const monthFirst = { month: Number(first), year: Number(second) };
  const yearFirst = { month: Number(second), year: Number(first) };
  if (from === "receipt" && slash === "" && isMonth(yearFirst.month)) return yearFirst;
  return isMonth(monthFirst.month) ? monthFirst : undefined;
}

function isMonth(month: number): boolean {
  return month >= 1 && month <= 12;
}

/** Masks a card number: only the first six and the last four digits stay, `860049******6478`. */
export function maskCardNumber(number: string): string {
  const digits = number.replace(/\D/g, "");
  return digits.length < 11 ? "******" : `${digits.slice(0, 6)}******${digits.slice(-4)}`;
}
