import { basicCredentials } from "./basic-auth";
import { maskCardNumber } from "./card";

/** Stands where a secret was. */
export const HIDDEN = "[hidden]";

/** First six and last four: the digits of a masked card number. */
const SHOWN_DIGITS = 10;
/** In bits: pieces of less would be found inside of ordinary words. */
const SHORTEST_INSIDE = 40;
/** Ends of names whose value is a secret: of members, headers, form fields, query parameters and variables. */
const WORDS =
  "password|passwd|secret|cvv2?|cvc2?|pin|pin_?code|signature|authorization|jwt|otp|sms_?code|cookie|x-auth|token";
const SECRET_NAME = new RegExp(`^(key|.*[_-]key|.*(secret|merchant|private|api)key|.*(${WORDS}))$`, "i");
/** A name and its value in a text: `"token":"…"`, `token=…`. */
const NAMED_SECRET = new RegExp(
  `(["']?)([\\w-]{0,40}?(?:${WORDS}|key))\\1(\\s*[:=]\\s*)(["']?)([^"'&,;}\\s<]{1,2000})`,
  "gi",
);
const CARD_NUMBER_NAME = /^(number|pan|card_?number)$/i;
const PHONE_NAME = /phone|msisdn/i;
const PERSON_NAME = /^(e-?mail|ip|customer)$/i;

const CARD_NUMBER = /(?<!\d)\d(?:[ ._/-]?\d){15}(?:(?:[ ._/-]?\d){3})?(?!\d)/g;
const SIGNATURE = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/gi;
const CREDENTIALS = /\b(Basic|Bearer)\s+[\w+/=.~-]{6,}/gi;
export const JWT = /eyJ[\w-]{8,400}\.[\w-]{1,4000}\.[\w-]*/g;
const PHONE = /(?<![\d.])\+?998[ -]?\d{2}[ -]?\d{3}[ -]?\d{2}[ -]?\d{2}(?!\d)/g;
const EMAIL = /[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+/g;

/** True for the name of a member, header, form field or variable whose value is a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** True for the name of a token: a card's, or another. */
export function isTokenName(name: string): boolean {
  return /token$/i.test(name);
}

/** True for a member whose value is a secret: by its name, or as an SMS code. */
export function isSecret(name: string, value: unknown): boolean {
  return SECRET_NAME.test(name) || isSmsCode(name, value);
}

/** True for a card's SMS code. `code` is also a member of errors (negative) and of fiscal lines (17 digits). */
function isSmsCode(name: string, value: unknown): boolean {
  return name === "code" && isTextOrNumber(value) && /^\d{3,8}$/.test(String(value));
}

/** True for a member with a card number that is not masked yet. */
export function isCardNumber(name: string, value: unknown): value is string | number {
  return CARD_NUMBER_NAME.test(name) && isTextOrNumber(value) && hasHiddenDigits(String(value));
}

/** True for a card number that shows more digits than a masked one. */
export function hasHiddenDigits(number: string): boolean {
  return number.replace(/\D/g, "").length > SHOWN_DIGITS;
}

/** Returns what may be shown of a member that tells who pays: a masked phone, or nothing. Undefined for other members. */
export function maskPersonal(name: string, value: unknown): string | undefined {
  if (PHONE_NAME.test(name) && isTextOrNumber(value)) return maskPhone(String(value));
  return PERSON_NAME.test(name) ? HIDDEN : undefined;
}

function isTextOrNumber(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

/** Returns the secrets in a header's value. */
export function secretsInHeader(header: string, value: string): string[] {
  const name = header.toLowerCase();
  if (name === "authorization") {
    const { login, password } = basicCredentials(value) ?? {};
    return [value.replace(/^\S+\s+/, ""), ...(password === undefined ? [] : [password, `${login}:${password}`])];
  }
  if (name === "x-auth") {
    const colon = value.indexOf(":");
    return colon < 0 ? [] : [value, value.slice(colon + 1)];
  }
  // The attributes behind a cookie that is set are not secret.
  const cookies = name === "cookie" ? value.split(";") : name === "set-cookie" ? value.split(";", 1) : undefined;
  if (cookies !== undefined) return cookies.map((cookie) => cookie.slice(cookie.indexOf("=") + 1));
  return SECRET_NAME.test(name) ? [value] : [];
}

/** Returns what may be shown of a header that carries credentials: their scheme. Undefined for other headers. */
export function schemeOf(header: string, value: string): string | undefined {
  const name = header.toLowerCase();
  const isSignature = /(^|:)[0-9a-f]{64}$/i.test(value);
  if (name === "x-auth-signature") return isSignature ? "<64 hex hidden>" : "<hidden>";
  if (name === "x-auth") return value.includes(":") ? `<id>:<${isSignature ? "64 hex" : "key"} hidden>` : "<id>";
  if (name !== "authorization") return undefined;
  const { login } = basicCredentials(value) ?? {};
  if (login !== undefined) return `Basic ${login === "Paycom" ? login : "<login>"}:<hidden>`;
  const [scheme] = /^(Basic|Bearer)\b/i.exec(value) ?? [];
  return scheme === undefined ? "<hidden>" : `${scheme} <hidden>`;
}

/** Returns the values that a form, a query, or JSON that was cut off names as secret. */
export function namedSecrets(text: string): string[] {
  return [...text.matchAll(NAMED_SECRET)].map(({ 5: secret = "" }) => secret);
}

/** Hides the values that {@link namedSecrets} finds. */
export function hideNamedSecrets(text: string): string {
  return text.replace(NAMED_SECRET, (_, quote: string, name: string, between: string, open: string) =>
    [quote, name, quote, between, open, HIDDEN].join(""),
  );
}

/**
 * Returns the forms in which a secret travels: as it stands, in Base64 of both alphabets, alone or inside a longer text (a Basic
 * header), URL-encoded, and as JSON text writes it, once and twice.
 */
function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const base64 = [base64Of(secret), ...base64Inside(secret)];
  const base64Url = base64.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"));
  // encodeURIComponent throws at half of a surrogate pair.
  const urlEncoded = encodeURIComponent(secret.replace(/\p{Surrogate}/gu, "\ufffd"));
  return [...new Set([secret, ...base64, ...base64Url, urlEncoded, json, JSON.stringify(json).slice(1, -1)])];
}

/** Secrets that were seen, and what takes their place. */
export interface KnownSecrets {
  /** Learns a secret, in each form in which it travels. */
  learn(secret: string, instead?: string): void;
  /** Returns a text in which another text stands in place of each secret. */
  hide(text: string): string;
  /** True for a text that has a secret. */
  finds(text: string): boolean;
}

export function createKnownSecrets(): KnownSecrets {
  const known = new Map<string, string>();
  /** Longer forms first: one may be the beginning of another. */
  let ordered: [form: string, instead: string][] | undefined;
  return {
    learn(secret, instead = HIDDEN) {
      const added = formsOf(secret).filter((form) => !known.has(form));
      for (const form of added) known.set(form, instead);
      if (added.length > 0) ordered = undefined;
    },
    hide(text) {
      ordered ??= [...known].sort(([a], [b]) => b.length - a.length);
      return ordered.reduce((clean, [form, instead]) => clean.replaceAll(form, () => instead), text);
    },
    finds: (text) => [...known.keys()].some((form) => text.includes(form)),
  };
}

function base64Of(text: string): string {
  const units = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte));
  return btoa(units.join("")).replace(/=+$/, "");
}

/** Base64 inside a longer text, at each of the three places where it may begin. Characters that neighbours share are left out. */
function base64Inside(secret: string): string[] {
  const bits = 8 * new TextEncoder().encode(secret).length;
  if (bits < SHORTEST_INSIDE) return [];
  return [0, 8, 16].map((shift) =>
    base64Of("\0".repeat(shift / 8) + secret).slice(Math.ceil(shift / 6), Math.floor((shift + bits) / 6)),
  );
}

/** Hides a short secret, also in Base64, where it is a word: not inside an id, time or amount with the same digits. */
export function hideWord(text: string, secret: string): string {
  return [secret, base64Of(secret)].reduce((clean, word) => {
    const escaped = word.replace(/[.\\+*?^${}()|[\]/]/g, "\\$&");
    return clean.replace(new RegExp(`(?<![\\dA-Za-z])${escaped}(?:={1,2})?(?![\\dA-Za-z])`, "g"), HIDDEN);
  }, text);
}

/** Hides each signature of the Wedy guide in a text. */
export function hideSignatures(text: string): string {
  return text.replace(SIGNATURE, HIDDEN);
}

/** Masks each card number in a text: 16 or 19 digits, with at most one separator between two. */
export function maskCardNumbers(text: string): string {
  return text.replace(CARD_NUMBER, maskCardNumber);
}

/** Masks a telephone number as Payme does: `99890*****31`. */
function maskPhone(phone: string): string {
  if (phone.includes("*")) return phone;
  const digits = phone.replace(/\D/g, "");
  return digits.length < 7 ? HIDDEN : `${digits.slice(0, -7)}*****${digits.slice(-2)}`;
}

/** Hides what its form alone shows: credentials, signatures, card numbers, phones and e-mail addresses. Keeps Payme's ids. */
export function hideByForm(text: string): string {
  return hideSignatures(text.replace(CREDENTIALS, `$1 ${HIDDEN}`).replace(JWT, HIDDEN))
    .replace(CARD_NUMBER, outsideIds(maskCardNumber))
    .replace(PHONE, outsideIds(maskPhone))
    .replace(EMAIL, HIDDEN);
}

/** Masks a run of digits, except inside one of Payme's ids: 24 hexadecimal digits may have such a run. */
function outsideIds(mask: (run: string) => string): (run: string, at: number, text: string) => string {
  return (run, at, text) => {
    const before = /[\dA-Za-z]{0,24}$/.exec(text.slice(Math.max(0, at - 24), at))?.[0] ?? "";
    const after = /^[\dA-Za-z]{0,24}/.exec(text.slice(at + run.length, at + run.length + 24))?.[0] ?? "";
    return /^[\da-f]{24}$/i.test(`${before}${run}${after}`) ? run : mask(run);
  };
}
