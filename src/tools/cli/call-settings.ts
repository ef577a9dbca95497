import { type PaymeConfig, paymeConfigFromEnv } from "../../client/config-from-env";
import { trimApiUrl } from "../../client/settings";
import { isLoopback } from "../../kit/loopback";
import { API_HOST_TEST, GUIDE_API_HOST_TEST } from "../../protocol/hosts";
import { asUsage } from "./as-usage";
import { type CliIo, UsageError } from "./io";

/** Which cashbox, where, how: what the command line says beside the environment. */
export interface SettingFlags {
  readonly test?: true;
  readonly live?: true;
  readonly url?: string;
  readonly auth?: string;
  readonly insecureHttp?: true;
}

/**
 * The settings of the environment, with what the command line says in their place.
 *
 * @throws UsageError that lists what is missing or wrong, never with a value of the key.
 */
export function callSettings(flags: SettingFlags, env: CliIo["env"], key: string | undefined): PaymeConfig {
  if (flags.test === true && flags.live === true) throw new UsageError("give --test or --live, one of them");
  const given = {
    ...env,
    ...(flags.test === true ? { PAYME_TEST_MODE: "true" } : {}),
    ...(flags.live === true ? { PAYME_TEST_MODE: "false" } : {}),
    ...(flags.auth === undefined ? {} : { PAYME_AUTH: flags.auth }),
    ...(key === undefined ? {} : { PAYME_SECRET_KEY: key }),
    // Both: which of them counts is the mode's to say.
    ...(flags.url === undefined ? {} : { PAYME_API_URL: flags.url, PAYME_TEST_API_URL: flags.url }),
  };
  const config = asUsage(() => paymeConfigFromEnv(given, { allowInsecureHttp: flags.insecureHttp === true }));
  // Under `key` the guide's host counts as a left-over of its sample file; here it was typed.
  return flags.url === undefined ? config : Object.assign(config, { apiUrl: trimApiUrl(flags.url), warnings: [] });
}

/** True unless the address is this machine's, or a sandbox of Payme's: elsewhere money may be real. */
export function mayMoveMoney(apiUrl: string): boolean {
  const { origin, hostname } = new URL(apiUrl);
  return !isLoopback(hostname) && ![API_HOST_TEST, GUIDE_API_HOST_TEST].includes(origin);
}
