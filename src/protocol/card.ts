/** A card number with all but the first six and last four digits hidden: `860049******6478`. */
export function maskCardNumber(number: string): string {
  const digits = number.replace(/\D/g, "");
  return digits.length < 11 ? "******" : `${digits.slice(0, 6)}******${digits.slice(-4)}`;
}

/** Every card number (16 or 19 digits, single spaces or dashes between them) in a text replaced by its mask. */
export function maskCardNumbers(text: string): string {
  return text.replace(/(?<!\d)\d(?:[ -]?\d){15}(?:(?:[ -]?\d){3})?(?!\d)/g, maskCardNumber);
}
