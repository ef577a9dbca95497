import { maskCardNumber } from "../../protocol/card";
import * as secrets from "../../protocol/secrets";

/** The secrets that a session has seen. */
export type Vault = ReturnType<typeof createVault>;
/** The secrets of one call, and what takes them out of its texts. */
export type CallSecrets = ReturnType<Vault["ofCall"]>;

/** A shorter secret may be part of an id or an amount: it is hidden where it stands alone, and in its own call only. */
const SHORTEST = 6;
const MAX_DEPTH = 40;
const BASE64_RUN = /[A-Za-z0-9+/_-]{8,}={0,2}/g;
const URL_RUN = /[\w.~+%-]+/g;
const PLACEHOLDER = /^token-\d+$/;
/** Headers whose values tell of the protocol and of no person. */
const SHOWN_HEADER = /^(accept|content-type|content-encoding|referer|test-operation|user-agent)$/;

export function createVault() {
  const known = secrets.createKnownSecrets();
  const placeholders = new Map<string, string>();

  /** Starts a call, which may also have short secrets. */
  function ofCall() {
    const short = new Set<string>();
    /** Known secrets go first: a card number and its CVV side by side look like a longer number. */
    const plain = (text: string) => secrets.hideByForm([...short].reduce(secrets.hideWord, known.hide(text)));
    /** Hides a run that is a secret once decoded. A placeholder looks like Base64. */
    const hiding = (decode: (run: string) => string) => (run: string) => {
      const inside = PLACEHOLDER.test(run) ? run : decode(run);
      return inside === run || plain(inside) === inside ? run : secrets.HIDDEN;
    };
    return {
      learn(secret: string): void {
        if (!isShort(secret) && secret !== secrets.HIDDEN) known.learn(secret);
        else if (secret !== "" && secret !== secrets.HIDDEN) short.add(secret);
      },
      /** Learns a card number: its mask takes its place, however it is written. */
      learnCard: (number: string) => known.learn(number, maskCardNumber(number)),
      /** Returns a token's placeholder: the same one each time. */
      placeholder(token: string): string {
        if (PLACEHOLDER.test(token)) return token;
        const made = placeholders.get(token) ?? `token-${placeholders.size + 1}`;
        placeholders.set(token, made);
        if (!isShort(token)) known.learn(token, made);
        return made;
      },
      /** Returns a text without secrets, also where they stand in Base64 or URL-encoded. */
      text: (text: string) => plain(text).replace(BASE64_RUN, hiding(decodeBase64)).replace(URL_RUN, hiding(decodeUrl)),
      finds: known.finds,
    };
  }

  /** Learns a secret that calls carry: a key, a password. Ignores a short one. */
  const learn = (secret: string) => (isShort(secret) ? undefined : known.learn(secret));
  return { learn, ofCall };
}

const decodeBase64 = (run: string) => Buffer.from(run, "base64").toString("utf8");
const isShort = (secret: string) => secret.length < SHORTEST || /^\d{1,8}$/.test(secret);

function decodeUrl(run: string): string {
  try {
    return run.includes("%") ? decodeURIComponent(run.replaceAll("+", " ")) : run;
  } catch {
    return run;
  }
}

/** Returns headers for a recording. Of a value that proves an identity only the scheme is left. */
export function redactHeaders(pairs: readonly (readonly [name: string, value: string])[], call: CallSecrets) {
  const headers: Record<string, string> = {};
  const others = new Set<string>();
  for (const [given, value] of pairs) {
    const name = given.toLowerCase();
    const scheme = secrets.schemeOf(name, value);
    if (scheme !== undefined) headers[name] = scheme;
    else if (SHOWN_HEADER.test(name))
      headers[name] = call.text(name === "referer" ? value.replace(/[?#].*/, "") : value);
    else others.add(call.text(name));
  }
  return { headers, otherHeaders: [...others].sort() };
}

/** Learns the secrets that JSON names. What is too deep is not recorded. */
export function learnMembers(value: unknown, call: CallSecrets, depth = 0): void {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return;
  for (const [name, member] of Object.entries(value)) {
    const text = typeof member === "string" || typeof member === "number" ? String(member) : "";
    // `key` is also how some endpoints call the name of a field: hidden, but looked for nowhere else.
    const isFieldName = name === "key" && text.length < 16;
    if (text === "") learnMembers(member, call, depth + 1);
    else if (secrets.isTokenName(name)) call.placeholder(text);
    else if (secrets.isCardNumber(name, member)) call.learnCard(text);
    else if (secrets.isSecret(name, member) && !isFieldName) call.learn(text);
  }
}

/** Returns a copy of JSON: tokens as placeholders, other secrets hidden, card numbers and phones masked. */
export function redactJson(value: unknown, call: CallSecrets, depth = 0): unknown {
  if (typeof value === "string") return redactText(value, call, depth);
  // A decimal is not a card number.
  if (Number.isInteger(value)) return call.text(String(value)) === String(value) ? value : call.text(String(value));
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) return "[deeper]";
  if (Array.isArray(value)) return value.map((item) => redactJson(item, call, depth + 1));
  const redacted = (name: string, member: unknown) => [call.text(name), redactMember(name, member, call, depth + 1)];
  return Object.fromEntries(Object.entries(value).map(([name, member]) => redacted(name, member)));
}

function redactMember(name: string, member: unknown, call: CallSecrets, depth: number): unknown {
  if (member === null || typeof member === "boolean") return member;
  if (secrets.isTokenName(name) && typeof member === "string") return call.placeholder(member);
  if (secrets.isSecret(name, member)) return secrets.HIDDEN;
  if (secrets.isCardNumber(name, member)) return maskCardNumber(String(member));
  // The name of a payer is hidden; that of a shop or an account field is not.
  const isNamed = name === "payer" && typeof member === "object" && "name" in member;
  const shown = isNamed ? { ...member, name: secrets.HIDDEN } : member;
  return secrets.maskPersonal(name, member) ?? redactJson(shown, call, depth);
}

/** Redacts a text; JSON inside it is read as JSON. */
function redactText(text: string, call: CallSecrets, depth: number): string {
  const nested = /^\s*[[{]/.test(text) && depth < MAX_DEPTH ? jsonOf(text) : undefined;
  return nested === undefined ? call.text(text) : JSON.stringify(redactJson(nested, call, depth + 1));
}

/** Returns what a JSON text says; undefined for another text. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
