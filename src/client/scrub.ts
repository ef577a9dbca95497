import { redact } from "../protocol/redact";

/** Takes secrets out of what may be shown. */
export interface Scrub {
  /** A text without them. */
  text(text: string): string;
  /** A copy of JSON-like data without them. */
  data(value: unknown): unknown;
  /** The same, and without the secrets (cards, tokens, SMS codes) that this data carries. */
  alsoOf(data: unknown): Scrub;
}

const HIDDEN = "[hidden]";
const SIGNATURE = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/gi;
/** Anything shorter is no secret, and hiding it would only make texts unreadable. */
const SHORTEST_SECRET = 4;

/**
 * Hides a client's key, and what {@link redact} hides, wherever an answer repeats it (a proxy's error page, an echo):
 * as it stands and in each form in which it travels.
 */
export function createScrub({ merchantId, key = "" }: { merchantId: string; key?: string | undefined }): Scrub {
  return scrubOf(key.length < SHORTEST_SECRET ? [] : [`${merchantId}:${key}`, `Paycom:${key}`, key]);
}

function scrubOf(secrets: readonly string[]): Scrub {
  const forms = [...new Set(secrets.flatMap(formsOf))];
  const text = (shown: string): string =>
    forms.reduce((clean, form) => clean.replaceAll(form, HIDDEN), String(redact(shown))).replace(SIGNATURE, HIDDEN);
  return {
    text,
    data: (value) => mapTexts(redact(value), text),
    alsoOf: (data) => scrubOf([...secrets, ...secretsIn(data, redact(data))]),
  };
}

function formsOf(secret: string): string[] {
  // encodeURIComponent throws at half of a surrogate pair.
  const wellFormed = secret.replace(/\p{Surrogate}/gu, "\ufffd");
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(secret))).replace(/=+$/, "");
  const base64Url = base64.replaceAll("+", "-").replaceAll("/", "_");
  return [base64, base64Url, encodeURIComponent(wellFormed), JSON.stringify(secret).slice(1, -1), secret];
}

/** The texts that redaction changed. */
function secretsIn(value: unknown, redacted: unknown): string[] {
  if (typeof value === "string") return value === redacted || value.length < SHORTEST_SECRET ? [] : [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => secretsIn(member, memberOf(redacted, name)));
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : value;
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [change(name), mapTexts(member, change)]));
}
