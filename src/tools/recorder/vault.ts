import { maskCardNumber } from "../../protocol/card";

export const HIDDEN = "[hidden]";

/** The secrets that a session has seen, and what takes them out of texts. */
export interface Vault {
  /** A secret that calls carry: a key, a password. */
  learn(secret: string): void;
  /** A card's number: what is left of it is its mask, however it is written. */
  learnCard(number: string): void;
  /** A token, and the placeholder under which the recording has it: the same one each time. */
  placeholder(token: string): string;
  /** A text without secrets, also where they stand in Base64 or URL-encoded; `short` ones as words of their own. */
  text(text: string, short?: ReadonlySet<string>): string;
  /** True where a text still has a secret that was learned. */
  finds(text: string): boolean;
}

/** What is shorter may be part of an id or an amount: it is hidden where it stands alone, and in its own call only. */
const SHORTEST = 6;

const CARD_NUMBER = /(?<!\d)\d(?:[ ._/-]?\d){15}(?:(?:[ ._/-]?\d){3})?(?!\d)/g;
const SIGNATURE = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/gi;
const CREDENTIALS = /\b(Basic|Bearer)\s+[\w+/=.~-]{6,}/gi;
const JWT = /\beyJ[\w-]{8,400}\.[\w-]{1,4000}\.[\w-]*/g;
const PHONE = /(?<![\d.])\+?998[ -]?\d{2}[ -]?\d{3}[ -]?\d{2}[ -]?\d{2}(?!\d)/g;
const EMAIL = /[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+/g;
const BASE64_RUN = /[A-Za-z0-9+/_-]{8,}={0,2}/g;
const URL_RUN = /[\w.~+%-]+/g;

/** True for a secret too short to be looked for everywhere. */
export function isShort(secret: string): boolean {
  return secret.length < SHORTEST || /^\d{1,8}$/.test(secret);
}

export function createVault(): Vault {
  /** Each form in which a secret travels, and what stands in its place. */
  const forms = new Map<string, string>();
  /** Longer ones first: one may be the beginning of another. */
  let ordered: [form: string, instead: string][] | undefined;
  const placeholders = new Map<string, string>();

  function remember(secret: string, instead: string): void {
    for (const form of formsOf(secret)) if (!forms.has(form)) forms.set(form, instead);
    ordered = undefined;
  }

  /** What needs no decoding. Known secrets first: a card's number and its CVV side by side look like a longer number. */
  function plain(text: string, short: ReadonlySet<string>): string {
    ordered ??= [...forms].sort(([a], [b]) => b.length - a.length);
    let clean = text;
    for (const [form, instead] of ordered) clean = clean.replaceAll(form, instead);
    return [...short]
      .reduce(withoutWord, clean)
      .replace(CREDENTIALS, (_, scheme: string) => `${scheme} ${HIDDEN}`)
      .replace(JWT, HIDDEN)
      .replace(SIGNATURE, HIDDEN)
      .replace(CARD_NUMBER, outsideIds(maskCardNumber))
      .replace(PHONE, outsideIds(maskPhone))
      .replace(EMAIL, HIDDEN);
  }

  function decoded(run: string, decode: (run: string) => string, short: ReadonlySet<string>): string {
    // A placeholder is no secret, though it looks like Base64.
    if (/^token-\d+$/.test(run)) return run;
    const inside = decode(run);
    return inside === run || plain(inside, short) === inside ? run : HIDDEN;
  }

  return {
    learn(secret) {
      if (!isShort(secret)) remember(secret, HIDDEN);
    },
    learnCard(number) {
      remember(number, maskCardNumber(number));
    },
    placeholder(token) {
      if (/^token-\d+$/.test(token)) return token;
      const known = placeholders.get(token);
      if (known !== undefined) return known;
      const made = `token-${placeholders.size + 1}`;
      placeholders.set(token, made);
      if (!isShort(token)) remember(token, made);
      return made;
    },
    text(text, short = new Set()) {
      return plain(text, short)
        .replace(BASE64_RUN, (run) => decoded(run, decodeBase64, short))
        .replace(URL_RUN, (run) => decoded(run, decodeUrl, short));
    },
    finds: (text) => [...forms.keys()].some((form) => text.includes(form)),
  };
}

/** Masks a run of digits, unless it is inside one of Payme's ids: 24 hexadecimal digits may well have such a run. */
function outsideIds(mask: (run: string) => string): (run: string, at: number, text: string) => string {
  return (run, at, text) => {
    const before = /[\dA-Za-z]{0,24}$/.exec(text.slice(Math.max(0, at - 24), at))?.[0] ?? "";
    const after = /^[\dA-Za-z]{0,24}/.exec(text.slice(at + run.length, at + run.length + 24))?.[0] ?? "";
    return /^[\da-f]{24}$/i.test(`${before}${run}${after}`) ? run : mask(run);
  };
}

/** A telephone number as Payme itself shows it: `99890*****31`. */
export function maskPhone(phone: string): string {
  if (phone.includes("*")) return phone;
  const digits = phone.replace(/\D/g, "");
  return digits.length < 7 ? HIDDEN : `${digits.slice(0, -7)}*****${digits.slice(-2)}`;
}

/** As it stands, in Base64 of both alphabets, URL-encoded, and as JSON text writes it, once and twice. */
function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const base64 = base64Of(secret);
  const base64Url = base64.replaceAll("+", "-").replaceAll("/", "_");
  return [...new Set([secret, base64, base64Url, encodeURIComponent(wellFormed(secret)), json, quotedAgain(json)])];
}

/** encodeURIComponent throws at half of a surrogate pair. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}

function quotedAgain(json: string): string {
  return JSON.stringify(json).slice(1, -1);
}

function base64Of(text: string): string {
  return Buffer.from(text).toString("base64").replace(/=+$/, "");
}

/** Hides a short secret where it is a word: in no id, time or amount that has the same digits. */
function withoutWord(text: string, secret: string): string {
  return [secret, base64Of(secret)].reduce((clean, word) => {
    const escaped = word.replace(/[.\\+*?^${}()|[\]/]/g, "\\$&");
    return clean.replace(new RegExp(`(?<![\\dA-Za-z])${escaped}(?:={1,2})?(?![\\dA-Za-z])`, "g"), HIDDEN);
  }, text);
}

function decodeBase64(run: string): string {
  return Buffer.from(run, "base64").toString("utf8");
}

function decodeUrl(run: string): string {
  if (!run.includes("%")) return run;
  try {
    return decodeURIComponent(run.replaceAll("+", " "));
  } catch {
    return run;
  }
}
