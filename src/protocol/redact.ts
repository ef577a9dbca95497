import { maskCardNumber } from "./card";
import { HIDDEN, isCardNumber, isSecret, maskCardNumbers } from "./secrets";

const MAX_DEPTH = 12;

/** Returns a copy of JSON-like data that may be logged: secrets are hidden, card numbers are masked. Bounded in depth. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return maskCardNumbers(value);
  if (typeof value === "number") return maskedNumber(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return "[deeper]";
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, redactMember(name, member, depth + 1)]),
  );
}

function redactMember(name: string, member: unknown, depth: number): unknown {
  if (member === null || member === undefined) return member;
  if (isSecret(name, member)) return HIDDEN;
  return isCardNumber(name, member) ? maskCardNumber(String(member)) : redact(member, depth);
}

/** Masks a card number that came as a number; other numbers stay as they are. */
function maskedNumber(value: number): unknown {
  if (!Number.isInteger(value)) return value;
  const text = String(value);
  const masked = maskCardNumbers(text);
  return masked === text ? value : masked;
}
