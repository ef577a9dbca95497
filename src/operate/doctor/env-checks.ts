import { trimApiUrl } from "../../client/settings";
import { isLoopback } from "../../kit/loopback";
import { oddKey } from "../../merchant/keys";
import { API_HOST_LIVE, API_HOST_TEST, GUIDE_API_HOST_TEST } from "../../protocol/hosts";
import { checksOf } from "./check";
import { right, type Seen, uncertain, wrong } from "./finding";
import type { Environment } from "./subject";

/** The variables that may hold a key of Payme's. */
export const KEY_VARIABLES = [
  "PAYME_SECRET_KEY",
  "PAYME_MERCHANT_KEY",
  "PAYME_KEY",
  "PAYME_MERCHANT_TEST_KEY",
] as const;
const KEYS_IN_USE = KEY_VARIABLES.filter((name) => !name.includes("TEST"));

/** The key of the Merchant API, by either of its names. */
export function merchantKeyIn(env: Environment): string | undefined {
  return env.PAYME_MERCHANT_KEY || env.PAYME_KEY || undefined;
}

export const envChecks = checksOf("env", ({ env }) => env, [
  {
    id: "present",
    looksAt: "a key is set, and with `PAYME_SECRET_KEY` the id of the cashbox",
    why: "Without them nothing can be sold.",
    look(env) {
      if (KEYS_IN_USE.every((name) => !env[name])) {
        const fix =
          "Set PAYME_MERCHANT_ID and PAYME_SECRET_KEY (Subscribe API, the guide), or PAYME_MERCHANT_KEY (Merchant API).";
        return wrong("no key of Payme is set", fix);
      }
      if (env.PAYME_SECRET_KEY && !env.PAYME_MERCHANT_ID)
        return wrong("PAYME_MERCHANT_ID is not set", "Set PAYME_MERCHANT_ID to the id from the cabinet.");
      return right("the variables of the cashbox are set");
    },
  },
  {
    id: "key-shape",
    looksAt: "each key has 36 characters, and no quote or space at its ends",
    why: "A file of settings cuts a key at # or $, and some readers keep its quotes: Payme then refuses every call.",
    look(env) {
      const odd = KEY_VARIABLES.map((name) => (env[name] ? oddKey(name, env[name]) : undefined)).find(Boolean);
      if (odd === undefined) return right("each key has the shape of Payme's");
      const fix = odd.hint ?? "Copy the key from the cabinet again.";
      // The secret of another gateway may have another length.
      const isForeign = odd.of === "length" && odd.seen.startsWith("PAYME_SECRET_KEY") && env.PAYME_AUTH !== "key";
      return isForeign ? uncertain(odd.seen, fix) : wrong(odd.seen, fix);
    },
  },
  {
    id: "settings",
    after: ["present", "key-shape"],
    looksAt: "`PAYME_*` variables have values that can be meant",
    why: "The application refuses to start with them.",
    look(_env, { config }) {
      if (config === undefined) return undefined;
      if (typeof config === "string") return wrong(config, "Correct these variables: docs/configuration.md lists them.");
      return right("the variables fit");
    },
  },
  {
    id: "host",
    after: ["settings"],
    looksAt: "the address of the API fits the mode and the scheme",
    why: "The sandbox takes no live key, and a live address takes real money in a test.",
    look(_env, { config }) {
      if (typeof config !== "object") return undefined;
      return hostSeen(config);
    },
  },
  {
    id: "test-mode",
    after: ["settings"],
    looksAt: "`PAYME_TEST_MODE` is `false` where `NODE_ENV` is `production`",
    why: "In the sandbox nobody pays.",
    look(_env, { config, isProduction }) {
      if (typeof config !== "object") return undefined;
      const saw = `PAYME_TEST_MODE is ${config.mode === "test"}, NODE_ENV is ${isProduction ? "" : "not "}production`;
      return isProduction && config.mode === "test" ? uncertain(saw, "PAYME_TEST_MODE=false") : right(saw);
    },
  },
  {
    id: "test-key",
    looksAt: "`PAYME_MERCHANT_TEST_KEY` is not the live key, and is gone in production",
    why: "Whoever has the test key pays without money.",
    look(env, { isProduction }) {
      const testKey = env.PAYME_MERCHANT_TEST_KEY;
      if (!testKey) return right("no test key is set");
      if (KEYS_IN_USE.some((name) => env[name] === testKey))
        return wrong("one key is set as the live key and as the test key", "Copy both again: the cabinet shows two keys.");
      const fix = "Take PAYME_MERCHANT_TEST_KEY away once the sandbox is passed.";
      return isProduction ? uncertain("a test key is accepted in production", fix) : right("it is another key");
    },
  },
  {
    id: "callback",
    looksAt: "`PAYME_CALLBACK_URL` is an https address that others reach",
    why: "A gateway notifies nobody on this machine, and an unencrypted notification can be read on its way.",
    after: ["settings"],
    look({ PAYME_CALLBACK_URL: given }, { config }) {
      if (!given || typeof config !== "object") return undefined;
      const { protocol, hostname, origin } = new URL(given);
      const isLocal = isLoopback(hostname);
      if (isLocal ? config.mode === "test" : protocol === "https:") return right(`notifications go to ${origin}`);
      const fix = "Set PAYME_CALLBACK_URL to the public https:// address of the webhook, and the same in the cabinet.";
      return wrong(`PAYME_CALLBACK_URL is at ${origin}`, fix);
    },
  },
]);

function hostSeen({ mode, auth, apiUrl, warnings }: { mode: string; auth: string; apiUrl: string; warnings: string[] }): Seen {
  const saw = `the mode is ${mode}, the scheme ${auth}, and calls go to ${apiUrl}`;
  const [warning] = warnings;
  if (warning !== undefined) return uncertain(warning, "Take PAYME_TEST_API_URL away.");
  const { origin, hostname } = new URL(trimApiUrl(apiUrl));
  const isSandbox = origin === API_HOST_TEST || origin === GUIDE_API_HOST_TEST;
  if (mode === "live" && isSandbox) return wrong(saw, `PAYME_API_URL=${API_HOST_LIVE}`);
  if (mode === "test" && origin === API_HOST_LIVE) {
    const sandbox = auth === "key" ? API_HOST_TEST : GUIDE_API_HOST_TEST;
    return wrong(saw, `PAYME_TEST_API_URL=${sandbox}`);
  }
  if (mode === "live" && origin !== API_HOST_LIVE)
    return uncertain(saw, `This is not Payme's address. Without a proxy of yours: PAYME_API_URL=${API_HOST_LIVE}`);
  if (isSandbox && (origin === API_HOST_TEST) !== (auth === "key"))
    return uncertain(saw, `This sandbox takes the other scheme: PAYME_AUTH=${auth === "key" ? "signature" : "key"}`);
  return right(isLoopback(hostname) ? `${saw}, on this machine` : saw);
}
