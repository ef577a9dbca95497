declare const tiyinBrand: unique symbol;

/**
 * An amount of money: a whole number of tiyin, 0 or more (1 som = 100 tiyin).
 *
 * A plain number at run time. For the compiler, a brand keeps som and tiyin apart: make one with {@link som} or
 * {@link tiyin}.
 */
export type Tiyin = number & { readonly [tiyinBrand]: true };

/** Tiyin in one som. */
export const TIYIN_PER_SOM = 100;

/** True for a whole, safe number of tiyin that is not negative. */
export function isTiyin(value: unknown): value is Tiyin {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/**
 * Checks an amount in tiyin and returns it.
 *
 * @throws RangeError when it is not a whole number from 0 to 2^53 - 1.
 * @example tiyin(5_000_000) // 50,000 som
 */
export function tiyin(amount: number): Tiyin {
  if (isTiyin(amount)) return amount;
  throw new RangeError(`tiyin(${amount}): an amount in tiyin is a whole number from 0 to ${Number.MAX_SAFE_INTEGER}`);
}

/**
 * Converts an amount in som, exactly: it reads the decimals from the number's text and never multiplies a float.
 *
 * @param amount som with at most two decimals; text may group digits with spaces, as {@link formatSom} prints.
 * @throws RangeError when it is negative, has a third decimal or is too large to be exact.
 * @example som(50_000) // 5,000,000 tiyin
 * @example som("1 999.99") // 199,999 tiyin
 */
export function som(amount: number | string): Tiyin {
  const text = typeof amount === "number" ? String(amount) : amount.replace(/[ \u00a0\u202f]/g, "");
  const [, whole, decimals = ""] = /^(\d+)(?:\.(\d{1,2}))?$/.exec(text) ?? [];
  if (whole !== undefined) {
    const exact = BigInt(whole) * 100n + BigInt(decimals.padEnd(2, "0"));
    if (exact <= BigInt(Number.MAX_SAFE_INTEGER)) return tiyin(Number(exact));
  }
  throw new RangeError(`som(${JSON.stringify(amount)}): an amount in som is 0 or more, with at most two decimals`);
}

/**
 * The amount as text in som: digits in groups with no-break spaces, decimals only where there are any.
 *
 * @example formatSom(som(50_000)) // "50 000"
 */
export function formatSom(amount: Tiyin): string {
  const whole = String(Math.trunc(amount / TIYIN_PER_SOM)).replace(/\B(?=(\d{3})+$)/g, "\u00a0");
  const rest = amount % TIYIN_PER_SOM;
  return rest === 0 ? whole : `${whole}.${String(rest).padStart(2, "0")}`;
}
