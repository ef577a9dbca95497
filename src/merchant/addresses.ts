/** Payme's addresses: 185.234.113.1 to 185.234.113.15. Source: developer.help.paycom.uz, "Схема взаимодействия". */
export const PAYME_ADDRESSES: readonly string[] = Array.from({ length: 15 }, (_, n) => `185.234.113.${n + 1}`);

/** True for an address of the list; an IPv4 one may come in its IPv6 form. */
export function isAllowedAddress(allowed: readonly string[], address: string | undefined): boolean {
  return address !== undefined && allowed.includes(address.replace(/^::ffff:/i, ""));
}
