import { redact } from "../protocol/redact";
import { createKnownSecrets, hideSignatures } from "../protocol/secrets";

/** Takes secrets out of what may be shown. */
export interface Scrub {
  /** Returns a text without them. */
  text(text: string): string;
  /** Returns a copy of JSON-like data without them. */
  data(value: unknown): unknown;
  /** Returns a scrub that also hides the secrets (cards, tokens, SMS codes) of this data. */
  alsoOf(data: unknown): Scrub;
}

/** A shorter text is not a secret, and hiding it would make texts unreadable. */
const SHORTEST_SECRET = 4;

/**
 * Hides a client's key, and what {@link redact} hides, wherever an answer repeats it (a proxy's error page, an echo):
 * as it stands and in each form in which it travels.
 */
export function createScrub(key = ""): Scrub {
  return scrubOf(key.length < SHORTEST_SECRET ? [] : [key]);
}

function scrubOf(secrets: readonly string[]): Scrub {
  const known = createKnownSecrets();
  for (const secret of secrets) known.learn(secret);
  const text = (shown: string): string => hideSignatures(known.hide(String(redact(shown))));
  return {
    text,
    data: (value) => mapTexts(redact(value), text),
    alsoOf: (data) => scrubOf([...secrets, ...secretsIn(data, redact(data))]),
  };
}

/** Returns the texts that redaction changed. */
function secretsIn(value: unknown, redacted: unknown): string[] {
  if (typeof value === "string") return value === redacted || value.length < SHORTEST_SECRET ? [] : [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => secretsIn(member, memberOf(redacted, name)));
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : value;
}

/** Returns a copy of JSON-like data with each text changed, names of members too. */
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [change(name), mapTexts(member, change)]));
}
