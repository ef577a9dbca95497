import { maskCardNumber } from "../../protocol/card";
import { CARD_NUMBER_NAME, isSmsCode, PERSON_NAME, PHONE_NAME, SECRET_NAME, TOKEN_NAME } from "./secret-names";
import { HIDDEN, isShort, maskPhone, type Vault } from "./vault";

const MAX_DEPTH = 40;
/** First six and last four. */
const SHOWN_DIGITS = 10;
/** A member with a secret's name in a text that is no JSON, or JSON that was cut off. */
const NAMED_SECRET =
  /(["']?)([\w-]{0,40}?(?:password|secret|cvv2?|cvc2?|pin|signature|authorization|jwt|otp|sms_?code|api_?key|token|key))\1(\s*[:=]\s*)(["']?)([^"'&,;}\s<]{1,2000})/gi;

/** Puts the secrets that JSON names into the vault; the short ones into a set for this call. */
export function learnSecrets(value: unknown, vault: Vault, short: Set<string>, depth = 0): void {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return;
  for (const [name, member] of Object.entries(value)) {
    const isText = typeof member === "string" || typeof member === "number";
    if (!isText) {
      learnSecrets(member, vault, short, depth + 1);
      continue;
    }
    const text = String(member);
    if (TOKEN_NAME.test(name) && typeof member === "string" && text !== "") vault.placeholder(text);
    else if (isCardNumber(name, member)) vault.learnCard(text);
    else if (isSmsCode(name, member) || (SECRET_NAME.test(name) && !isName(name, text))) learn(text, vault, short);
  }
}

/** `key` is also what some endpoints call the name of a field: hidden all the same, but looked for nowhere else. */
function isName(name: string, value: string): boolean {
  return name === "key" && value.length < 16;
}

/** The same for a request that is no JSON: a form, or JSON that was cut off. */
export function learnNamed(text: string, vault: Vault, short: Set<string>): void {
  for (const { 5: secret = "" } of text.matchAll(NAMED_SECRET)) learn(secret, vault, short);
}

function learn(secret: string, vault: Vault, short: Set<string>): void {
  if (secret === "" || secret === HIDDEN) return;
  if (isShort(secret)) short.add(secret);
  else vault.learn(secret);
}

/** A copy of JSON for a recording: tokens as placeholders, what else is secret hidden, card numbers and phones masked. */
export function redactJson(value: unknown, vault: Vault, short: ReadonlySet<string>, depth = 0): unknown {
  if (typeof value === "string") return redactText(value, vault, short, depth);
  if (typeof value === "number") return redactNumber(value, vault, short);
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) return "[deeper]";
  if (Array.isArray(value)) return value.map((item) => redactJson(item, vault, short, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      vault.text(name, short),
      redactMember(
        name,
        member,
        () => redactJson(name === "payer" ? withoutName(member) : member, vault, short, depth + 1),
        vault,
      ),
    ]),
  );
}

function redactMember(name: string, member: unknown, otherwise: () => unknown, vault: Vault): unknown {
  if (member === null || member === undefined || typeof member === "boolean") return member;
  if (TOKEN_NAME.test(name)) return typeof member === "string" ? vault.placeholder(member) : HIDDEN;
  if (SECRET_NAME.test(name) || isSmsCode(name, member) || PERSON_NAME.test(name)) return HIDDEN;
  const isText = typeof member === "string" || typeof member === "number";
  if (isText && PHONE_NAME.test(name)) return maskPhone(String(member));
  if (isCardNumber(name, member)) return maskCardNumber(String(member));
  return otherwise();
}

/** True for a card's number that is not masked yet. */
function isCardNumber(name: string, member: unknown): boolean {
  const text = String(member);
  return CARD_NUMBER_NAME.test(name) && !text.includes("*") && text.replace(/\D/g, "").length > SHOWN_DIGITS;
}

/** The name of who pays; of a shop or an account field it is no secret. */
function withoutName(payer: unknown): unknown {
  if (typeof payer !== "object" || payer === null) return payer;
  return "name" in payer ? { ...payer, name: HIDDEN } : payer;
}

/** A text; JSON inside it is read as JSON. */
function redactText(text: string, vault: Vault, short: ReadonlySet<string>, depth: number): string {
  const nested = /^\s*[[{]/.test(text) && depth < MAX_DEPTH ? parsed(text) : undefined;
  if (nested === undefined) return vault.text(text, short);
  return JSON.stringify(redactJson(nested, vault, short, depth + 1));
}

function redactNumber(value: number, vault: Vault, short: ReadonlySet<string>): unknown {
  const text = String(value);
  if (short.has(text)) return HIDDEN;
  // Decimals and times are no card numbers; 16 digits may be.
  const clean = Number.isInteger(value) && text.length >= 12 ? vault.text(text) : text;
  return clean === text ? value : clean;
}

/** A text that is no JSON, for a recording. */
export function redactPlain(text: string, vault: Vault, short: ReadonlySet<string>): string {
  const unnamed = text.replace(NAMED_SECRET, (_, quote: string, name: string, between: string, open: string) =>
    [quote, name, quote, between, open, HIDDEN].join(""),
  );
  return vault.text(unnamed, short);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
