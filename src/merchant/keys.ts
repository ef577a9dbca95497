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
  /** Makes this key the only one of its mode. */
  replace(mode: Mode, key: string): void;
}

/** A key, several, or a function that returns them. */
export type KeySource = GivenKeys | (() => GivenKeys);

type GivenKeys = string | readonly string[];

interface KnownKey {
  readonly mode: Mode;
  readonly key: Buffer;
}

/**
 * Returns the keys of an endpoint. A call's key is compared with each of them in constant time. This reveals only the length
 * of a key, and Payme's keys all have one length. A digest of each call's key would cost more than the rest of the gate.
 *
 * Keys that a function returns are read at the first call, not here.
 *
 * @throws PaymeConfigError when there is no key, or an empty one.
 */
export function createKeys(keys: KeySource, testKeys: KeySource | undefined, logger: Logger): Keys {
  const isLater = typeof keys === "function" || typeof testKeys === "function";
  let read = isLater ? undefined : readKeys(keys, testKeys, logger);
  const known = () => {
    read ??= readKeys(keys, testKeys, logger);
    return read;
  };
  return {
    modeOf(authorization) {
      const credentials = basicCredentials(authorization);
      if (credentials === undefined) return undefined;
      const given = Buffer.from(credentials.password);
      const matching = known().filter(({ key }) => key.length === given.length && timingSafeEqual(key, given));
      return credentials.login === LOGIN ? matching[0]?.mode : undefined;
    },
    replace(mode, key) {
      read = [...known().filter((each) => each.mode !== mode), { mode, key: Buffer.from(key) }];
    },
  };
}

function readKeys(keys: KeySource, testKeys: KeySource | undefined, logger: Logger): readonly KnownKey[] {
  const known = [...keysOf("key", keys, "live", logger), ...keysOf("testKey", testKeys ?? [], "test", logger)];
  if (known.length === 0)
    throw new PaymeConfigError("createMerchantApi: there is no key", { hint: "Pass key or testKey." });
  const isLiveKey = (key: Buffer) => known.some((each) => each.mode === "live" && each.key.equals(key));
  if (known.some(({ mode, key }) => mode === "test" && isLiveKey(key)))
    logger.warn("a key is given as key and as testKey: what is paid with it counts as live money");
  return known;
}

function keysOf(option: string, source: KeySource, mode: Mode, logger: Logger): KnownKey[] {
  return [typeof source === "function" ? source() : source].flat().map((key) => {
    if (typeof key !== "string" || key === "")
      throw new PaymeConfigError(`createMerchantApi: ${option} is empty`, {
        hint: "Where a build has no secrets, give a function: it is called at the first call.",
      });
    warnIfSuspicious(option, key, logger);
    return { mode, key: Buffer.from(key) };
  });
}

/** Says what is odd about a key, and never the key. */
function warnIfSuspicious(option: string, key: string, logger: Logger): void {
  const isQuoted = /^(["'`]).*\1$/s.test(key);
  if (key.length === KEY_LENGTH && !isQuoted) return;
  const ends = /^["'`]|["'`]$/.test(key) ? "a quote" : key.trim() === key ? undefined : "a space";
  const seen = `${option} has ${key.length} characters, and Payme's keys have ${KEY_LENGTH}`;
  if (ends !== undefined) logger.warn(`${seen}: it has ${ends} at its ends`, { hint: HINTS.ends });
  else if (key.length < KEY_LENGTH) logger.warn(`${seen}: was it cut at # or $?`, { hint: HINTS.cut });
  else logger.warn(seen);
}

const HINTS = {
  ends: "`docker --env-file` and some panels keep quotes and spaces: write the key without them there.",
  cut: "In .env, # begins a comment outside quotes, and Next.js replaces $NAME even in single quotes: quote the key, and write \\$ for $.",
};
