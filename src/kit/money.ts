declare const tiyinBrand: unique symbol;

/**
 * An amount of money: a whole number of tiyin, 0 or more (1 som = 100 tiyin).
 *
 * A plain number at run time. For the compiler, a brand keeps som and tiyin apart: make one with {@link som} or
 * {@link tiyin}.
 */
export type Tiyin = number & { readonly [tiyinBrand]: true };

/**
 * The forms of an amount in som: a number, a bigint, text as a form or a NUMERIC column gives it, or an object of decimal.js,
 * big.js or Prisma. A {@link Tiyin} is refused by the compiler: it would be a hundred times too much.
 */
export type SomAmount =
  | bigint
  | string
  | ((number | (object & { toFixed(): string; toString(): string })) & { readonly [tiyinBrand]?: never });

/** Tiyin in one som. */
export const TIYIN_PER_SOM = 100;

/** True for a whole, safe number of tiyin that is not negative. */
export function isTiyin(value: unknown): value is Tiyin {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/**
 * Checks an amount in tiyin and returns it.
 *
 * @param amount a number, a bigint, or digits, as a BIGINT column gives them.
 * @throws RangeError when it is not a whole number from 0 to 2^53 - 1; TypeError for what is no number at all.
 * @example tiyin(5_000_000) // 50,000 som
 */
export function tiyin(amount: number | bigint | string): Tiyin {
  const isWhole = typeof amount === "bigint" || (typeof amount === "string" && /^\d+$/.test(amount));
  const number = isWhole ? Number(amount) : amount;
  if (isTiyin(number)) return number;
  throw refused("tiyin", amount, `write a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, or its digits as text`);
}

/**
 * Converts an amount in som, exactly: it reads the decimals as text and never multiplies a float.
 *
 * @param amount at most two decimals; zeros after them are fine. Text may group thousands with spaces, as {@link formatSom}
 * prints.
 * @throws RangeError when it is negative, has a third decimal or is too large to be exact; TypeError for what is no number.
 * @example som(50_000) // 5,000,000 tiyin
 * @example som("1 999.99") // 199,999 tiyin
 * @example som("50000.0000") // 5,000,000 tiyin
 */
export function som(amount: SomAmount): Tiyin {
  const [, whole, decimals = ""] = SOM.exec(plainText(amount)?.trim() ?? "") ?? [];
  if (whole !== undefined) {
    const exact = BigInt(whole.replace(/\D/g, "")) * 100n + BigInt(decimals.padEnd(2, "0"));
    if (exact <= BigInt(Number.MAX_SAFE_INTEGER)) return tiyin(exact);
  }
  throw refused("som", amount, 'write 0 or more with at most two decimals after a point, like 50_000 or "1 999.99"');
}

const SOM = /^(\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+)(?:\.(\d{1,2})0*)?$/;

/** The amount with all of its digits; undefined for what is no amount. */
function plainText(amount: unknown): string | undefined {
  if (typeof amount === "string") return amount;
  if (typeof amount === "number" || typeof amount === "bigint") return String(amount);
  if (typeof amount !== "object" || amount === null || !("toFixed" in amount)) return undefined;
  const text: unknown = typeof amount.toFixed === "function" ? amount.toFixed() : undefined;
  // Of some objects, `new Number(4.35)` for one, toFixed() rounds to whole som: then the two texts differ.
  return typeof text === "string" && Number(text) === Number(String(amount)) ? text : undefined;
}

function refused(name: string, amount: unknown, wanted: string): Error {
  const sentence = `${name}(${told(amount)}): ${wanted}`;
  const isAmount = ["number", "bigint", "string"].includes(typeof amount) || plainText(amount) !== undefined;
  return isAmount ? new RangeError(sentence) : new TypeError(sentence);
}

/** What came, short: an object may hold anything. */
function told(amount: unknown): string {
  const short = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
  if (typeof amount === "string") return JSON.stringify(short(amount));
  if (typeof amount === "bigint") return short(`${amount}n`);
  if (typeof amount === "function" || typeof amount === "symbol") return `a ${typeof amount}`;
  if (typeof amount !== "object" || amount === null) return String(amount);
  if (amount instanceof Date) return "a Date";
  return Array.isArray(amount) ? "an array" : short(plainText(amount) ?? "an object");
}

/** Returns the amount rounded up to whole som, as a cashbox with «Округлять до сумов» rounds it. */
export function roundUpToSom(amount: Tiyin): Tiyin {
  const rest = amount % TIYIN_PER_SOM;
  return rest === 0 ? amount : tiyin(amount - rest + TIYIN_PER_SOM);
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
