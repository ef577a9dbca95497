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

/**
 * Returns the keys of an endpoint. A call's key is compared with each of them in constant time. This reveals only the length
 * of a key, and Payme's keys all have one length. A digest of each call's key would cost more than the rest of the gate.
 *
 * @throws PaymeConfigError when there is no key, or an empty one.
 */
export function createKeys(
  keys: string | readonly string[],
  testKeys: string | readonly string[] | undefined,
  logger: Logger,
): Keys {
  let known = [...keysOf("key", keys, "live", logger), ...keysOf("testKey", testKeys ?? [], "test", logger)];
  if (known.length === 0)
    throw new PaymeConfigError("createMerchantApi: there is no key", { hint: "Pass key or testKey." });
  const isLiveKey = (key: Buffer) => known.some((each) => each.mode === "live" && each.key.equals(key));
  if (known.some(({ mode, key }) => mode === "test" && isLiveKey(key)))
    logger.warn("a key is given as key and as testKey: what is paid with it counts as live money");
  return {
    modeOf(authorization) {
      const credentials = basicCredentials(authorization);
      if (credentials === undefined) return undefined;
      const given = Buffer.from(credentials.password);
      const matching = known.filter(({ key }) => key.length === given.length && timingSafeEqual(key, given));
      return credentials.login === LOGIN ? matching[0]?.mode : undefined;
    },
    replace(mode, key) {
      known = [...known.filter((each) => each.mode !== mode), { mode, key: Buffer.from(key) }];
    },
  };
}

function keysOf(option: string, keys: string | readonly string[], mode: Mode, logger: Logger) {
  return [keys].flat().map((key) => {
    if (typeof key !== "string" || key === "") throw new PaymeConfigError(`createMerchantApi: ${option} is empty`);
    if (key.length !== KEY_LENGTH) {
      logger.warn(
        `${option} has ${key.length} characters, and Payme's keys have ${KEY_LENGTH}: quote a key with # in .env`,
      );
    }
    return { mode, key: Buffer.from(key) };
  });
}
