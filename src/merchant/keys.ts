import { timingSafeEqual } from "node:crypto";
import { PaymeConfigError } from "../kit/errors";
import type { Logger } from "../kit/logger";
import { basicCredentials } from "../protocol/basic-auth";
import type { Mode } from "../protocol/hosts";

/** Payme's login, the same for every cashbox. */
const LOGIN = "Paycom";
/** The length of Payme's keys. A shorter one was cut, most likely at a `#` in an unquoted `.env`. */
const KEY_LENGTH = 36;

/** The accepted keys. */
export interface Keys {
  /** Returns the mode of the key in a call; undefined: not an accepted key. */
  modeOf(authorization: string | undefined): Mode | undefined;
  /** True where the other mode has this key: test money would count as live, or live money as test. */
  isOfOtherMode(mode: Mode, key: string): boolean;
  /** Makes this key the only one of its mode. */
  replace(mode: Mode, key: string): void;
  /** True where this is one of the keys. False while they have not been read, as in the next one. */
  has(key: Uint8Array): boolean;
  /** True where one of them is a key of the other endpoint, too. */
  sharesOne(other: Pick<Keys, "has">): boolean;
}

/** A key, several, or a function that returns them. */
export type KeySource = GivenKeys | (() => GivenKeys);

type GivenKeys = string | readonly string[];

interface KnownKey {
  readonly mode: Mode;
  readonly key: Buffer;
  /** The header as Payme writes it. */
  readonly header: Buffer;
}

/**
 * Returns the keys of an endpoint. A call's key is compared with each of them in constant time. This reveals only the length
 * of a key, and Payme's keys all have one length. A digest of each call's key would cost more than the rest of the gate.
 *
 * Keys that a function returns are read at the first call, not here.
 *
 * @throws PaymeConfigError when there is no key, an empty one, or one that is given as `key` and as `testKey`. Keys that a
 * function returns are in use by then: one that is given twice counts as live, and the log says so.
 */
export function createKeys(keys: KeySource, testKeys: KeySource | undefined, logger: Logger): Keys {
  const isLater = typeof keys === "function" || typeof testKeys === "function";
  let read = isLater ? undefined : readKeys(keys, testKeys, logger);
  if (read !== undefined && sharedKey(read))
    throw new PaymeConfigError(`createMerchantApi: ${SHARED}`, { hint: HINTS.shared });
  const known = () => {
    if (read === undefined) {
      read = readKeys(keys, testKeys, logger);
      if (sharedKey(read)) logger.error(`${SHARED}: what is paid with it counts as live money`, { hint: HINTS.shared });
    }
    return read;
  };
  return {
    modeOf(authorization) {
      if (authorization === undefined) return undefined;
      const header = Buffer.from(authorization);
      const [written] = known().filter((each) => isEqual(each.header, header));
      if (written !== undefined) return written.mode;
      // Others write the same credentials in other ways.
      const credentials = basicCredentials(authorization);
      if (credentials === undefined) return undefined;
      const given = Buffer.from(credentials.password);
      const matching = known().filter(({ key }) => isEqual(key, given));
      return credentials.login === LOGIN ? matching[0]?.mode : undefined;
    },
    isOfOtherMode: (mode, key) => known().some((each) => each.mode !== mode && each.key.equals(Buffer.from(key))),
    replace(mode, key) {
      const others = known().filter((each) => each.mode !== mode);
      const replaced = knownKey(mode, key);
      // Live keys first: where both modes set one key at once, its money counts as live.
      read = mode === "live" ? [replaced, ...others] : [...others, replaced];
    },
    has: (given) => read?.some(({ key }) => key.equals(given)) ?? false,
    sharesOne: (other) => read?.some(({ key }) => other.has(key)) ?? false,
  };
}

function readKeys(keys: KeySource, testKeys: KeySource | undefined, logger: Logger): readonly KnownKey[] {
  const known = [...keysOf("key", keys, "live", logger), ...keysOf("testKey", testKeys ?? [], "test", logger)];
  if (known.length === 0)
    throw new PaymeConfigError("createMerchantApi: there is no key", { hint: "Pass key or testKey." });
  return known;
}

function knownKey(mode: Mode, key: string): KnownKey {
  const header = `Basic ${Buffer.from(`${LOGIN}:${key}`).toString("base64")}`;
  return { mode, key: Buffer.from(key), header: Buffer.from(header) };
}

function isEqual(expected: Buffer, given: Buffer): boolean {
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/** True where a key is live and test at once. */
function sharedKey(known: readonly KnownKey[]): boolean {
  return known.some(
    (test) => test.mode === "test" && known.some(({ mode, key }) => mode === "live" && key.equals(test.key)),
  );
}

const SHARED = "a key is given as key and as testKey";

function keysOf(option: string, source: KeySource, mode: Mode, logger: Logger): KnownKey[] {
  return [typeof source === "function" ? source() : source].flat().map((key) => {
    if (typeof key !== "string" || key === "")
      throw new PaymeConfigError(`createMerchantApi: ${option} is empty`, {
        hint: "Where a build has no secrets, give a function: it is called at the first call.",
      });
    warnIfSuspicious(option, key, logger);
    return knownKey(mode, key);
  });
}

function warnIfSuspicious(option: string, key: string, logger: Logger): void {
  const odd = oddKey(option, key);
  if (odd !== undefined) logger.warn(odd.seen, odd.hint === undefined ? undefined : { hint: odd.hint });
}

/** Returns what is odd about a key, and never the key; undefined for one that looks like Payme's. */
export function oddKey(
  name: string,
  key: string,
): { readonly seen: string; readonly of: "ends" | "length"; readonly hint?: string } | undefined {
  const isQuoted = /^(["'`]).*\1$/s.test(key);
  if (key.length === KEY_LENGTH && !isQuoted) return undefined;
  const ends = /^["'`]|["'`]$/.test(key) ? "a quote" : key.trim() === key ? undefined : "a space";
  const seen = `${name} has ${key.length} characters, and Payme's keys have ${KEY_LENGTH}`;
  if (ends !== undefined) return { seen: `${seen}: it has ${ends} at its ends`, of: "ends", hint: HINTS.ends };
  if (key.length >= KEY_LENGTH) return { seen, of: "length" };
  return { seen: `${seen}: was it cut at # or $?`, of: "length", hint: HINTS.cut };
}

const HINTS = {
  shared: "The cabinet shows two keys of a cashbox: give `key` as key, and `TEST_KEY` as testKey.",
  ends: "`docker --env-file` and some panels keep quotes and spaces: write the key without them there.",
  cut: "In .env, # begins a comment outside quotes, and Next.js replaces $NAME even in single quotes: quote the key, and write \\$ for $.",
};
