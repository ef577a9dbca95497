/** A card's system, told by how its number begins. */
export interface CardBrand {
  readonly name: string;
  readonly begins: RegExp;
}

/**
 * In order: the first that fits. Uzcard's own numbers begin with 8600, its cards shared with Mastercard with 5614 and with
 * UnionPay with 6262; HUMO's with 9860. The others are ISO/IEC 7812's well-known beginnings.
 */
export const CARD_BRANDS: readonly CardBrand[] = [
  { name: "Uzcard", begins: /^(8600|5614|6262)/ },
  { name: "HUMO", begins: /^9860/ },
  { name: "Mir", begins: /^220[0-4]/ },
  { name: "Mastercard", begins: /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/ },
  { name: "UnionPay", begins: /^62/ },
  { name: "Visa", begins: /^4/ },
];

/** The system of a card number, of which the beginning is enough; undefined where it is not known. */
export function cardBrand(number: string): string | undefined {
  const digits = number.replace(/\D/g, "");
  return CARD_BRANDS.find(({ begins }) => begins.test(digits))?.name;
}
