import { maskCardNumber } from "../protocol/card";
import { hasHiddenDigits } from "../protocol/secrets";

/**
 * Masks each `card.number` of an answer in place, before anyone sees it: `receipts.get_all` is known to send it whole.
 * Source: developer.help.paycom.uz, "receipts.get_all" (its own sample). It does not recurse: an answer may be nested deeply.
 */
export function maskCards(answer: unknown): void {
  const pending: unknown[] = [answer];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== "object" || value === null) continue;
    maskCardOf(value);
    for (const member of Object.values(value)) {
      if (typeof member === "object" && member !== null) pending.push(member);
    }
  }
}

function maskCardOf(owner: object): void {
  const card = "card" in owner ? owner.card : undefined;
  if (typeof card !== "object" || card === null || !("number" in card)) return;
  const { number } = card;
  if (typeof number !== "string" && typeof number !== "number") return;
  const text = String(number);
  card.number = hasHiddenDigits(text) ? maskCardNumber(text) : text;
}
