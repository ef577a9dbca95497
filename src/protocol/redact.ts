import { maskCardNumbers } from "./card";

const HIDDEN = "[hidden]";
const SECRET_MEMBERS = /^(key|secret|password|token|cvv|cvc|pin|signature|authorization|x-auth|x-auth-signature|jwt)$/i;
const MAX_DEPTH = 12;

/**
 * A copy of JSON-like data that may be logged: members that name secrets are hidden, card numbers in any text are
 * masked, an SMS code (`code` as text of up to 8 digits) is hidden. Bounded in depth.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return maskCardNumbers(value);
  if (typeof value === "number") return maskedNumber(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return "[deeper]";
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, isSecret(name, member) ? HIDDEN : redact(member, depth + 1)]),
  );
}

/** A card number that came as a number is no less a card number; other numbers stay as they are. */
function maskedNumber(value: number): unknown {
  const text = String(value);
  const masked = maskCardNumbers(text);
  return masked === text ? value : masked;
}

function isSecret(name: string, member: unknown): boolean {
  if (SECRET_MEMBERS.test(name)) return member !== null && member !== undefined;
  return name === "code" && typeof member === "string" && /^\d{3,8}$/.test(member);
}
