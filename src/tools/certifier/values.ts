import { randomBytes, randomUUID } from "node:crypto";
import type { JsonObject } from "./json";

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const DIGITS = /^\d+$/;

type Account = Readonly<Record<string, string | number>>;

/** An account of the same form that does not exist: a number stays a number, a UUID a UUID. */
export function unknownLike(account: Account, field: string): JsonObject {
  const value = account[field];
  return { ...account, [field]: typeof value === "number" ? 2_147_483_646 : unknownText(String(value)) };
}

function unknownText(text: string): string {
  if (DIGITS.test(text)) return "2147483646";
  if (UUID.test(text)) return randomUUID();
  return /^[0-9a-f]{24}$/i.test(text) ? randomBytes(12).toString("hex") : "no-such-order";
}

/** Values that a payer, or a form with another field, may send in place of a right one. */
export function malformedLike(account: Account, field: string): readonly JsonObject[] {
  const { [field]: _, ...without } = account;
  return [without, { ...account, [field]: "" }, { ...account, [field]: "no '\"such\\ order" }];
}

/**
 * Accounts with a number that fits no 32-bit column, and one that fits no 64-bit column. The first has the low 32 bits of the
 * right number: an endpoint that cuts it off finds the order. None where the value is not a whole number.
 */
export function tooLargeLike(account: Account, field: string): readonly JsonObject[] {
  const value = account[field];
  if (typeof value === "number") {
    const large = value + 2 ** 32;
    return Number.isSafeInteger(large) ? [{ ...account, [field]: large }] : [];
  }
  if (value === undefined || !DIGITS.test(value)) return [];
  const large = [BigInt(value) + 2n ** 32n, 2n ** 63n];
  return large.map((each) => ({ ...account, [field]: String(each) }));
}

/** The same account in other spellings: a database, or a conversion, may take them for the same order. */
export function respelled(account: Account, field: string): readonly JsonObject[] {
  const value = account[field];
  const text = String(value);
  const others: readonly unknown[] = [
    ...(DIGITS.test(text) ? numbersLike(text) : []),
    ...(UUID.test(text) ? [`{${text}}`, text.replaceAll("-", "")] : []),
    text.toUpperCase(),
    text.toLowerCase(),
    ` ${text}`,
    `${text} `,
  ];
  return [...new Set(others)].filter((other) => other !== value).map((other) => ({ ...account, [field]: other }));
}

function numbersLike(digits: string): readonly unknown[] {
  const number = Number(digits);
  return [digits, ...(Number.isSafeInteger(number) ? [number] : []), `0${digits}`, `+${digits}`, `${digits}.0`];
}
