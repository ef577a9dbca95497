/**
 * Card systems and the beginnings of their numbers; the first that fits counts. Uzcard: 8600, with Mastercard 5614, with
 * UnionPay 6262. HUMO: 9860. The others are from ISO/IEC 7812.
 */
export const CARD_BRANDS: readonly { readonly name: string; readonly begins: RegExp }[] = [
  { name: "Uzcard", begins: /^(8600|5614|6262)/ },
  { name: "HUMO", begins: /^9860/ },
  { name: "Mir", begins: /^220[0-4]/ },
  { name: "Mastercard", begins: /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/ },
  { name: "UnionPay", begins: /^62/ },
  { name: "Visa", begins: /^4/ },
];

/** Returns the system of a card number or its beginning; undefined where it is not known. */
export function cardBrand(number: string): string | undefined {
  const digits = number.replace(/\D/g, "");
  return CARD_BRANDS.find(({ begins }) => begins.test(digits))?.name;
}
