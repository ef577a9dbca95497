import { defaultApiBase } from "../../client/settings";
import { isLoopback } from "../../kit/loopback";
import { oddKey } from "../../merchant/keys";
import { API_HOST_LIVE, API_HOST_TEST, GUIDE_API_HOST_TEST } from "../../protocol/hosts";
import { type Check, right, uncertain, wrong } from "./finding";
import type { Environment } from "./subject";

const KEYS_IN_USE = ["PAYME_SECRET_KEY", "PAYME_MERCHANT_KEY", "PAYME_KEY"] as const;
/** The variables that may hold a key of Payme's. */
export const KEY_VARIABLES = [...KEYS_IN_USE, "PAYME_MERCHANT_TEST_KEY"] as const;

/** The key of the Merchant API, by either of its names. */
export const merchantKeyIn = (env: Environment): string | undefined => env.PAYME_MERCHANT_KEY || env.PAYME_KEY;

export const envChecks: readonly Check[] = [
  {
    id: "env.present",
    why: "Without the key and the id of the cashbox nothing can be sold.",
    fix: "Set PAYME_MERCHANT_ID and PAYME_SECRET_KEY (Subscribe API, the guide), or PAYME_MERCHANT_KEY (Merchant API).",
    look({ env }) {
      if (env === undefined) return undefined;
      if (KEYS_IN_USE.every((name) => !env[name])) return wrong("no key of Payme is set");
      const isIdMissing = env.PAYME_SECRET_KEY && !env.PAYME_MERCHANT_ID;
      return isIdMissing ? wrong("PAYME_MERCHANT_ID is not set") : right("key and cashbox are set");
    },
  },
  {
    id: "env.key-shape",
    why: "A file of settings cuts a key at # or $, and some readers keep its quotes: Payme then refuses every call.",
    fix: "Copy the key from the cabinet again.",
    look({ env = {} }) {
      const odd = KEY_VARIABLES.map((name) => (env[name] ? oddKey(name, env[name]) : undefined)).find(Boolean);
      if (odd === undefined) return right("each key that is set has the shape of Payme's");
      // A gateway's secret may have another length than Payme's.
      const isForeign = odd.of === "length" && odd.seen.startsWith("PAYME_SECRET_KEY") && env.PAYME_AUTH !== "key";
      return (isForeign ? uncertain : wrong)(odd.seen, odd.hint);
    },
  },
  {
    id: "env.settings",
    after: ["env.present", "env.key-shape"],
    why: "The application refuses to start with these variables.",
    fix: "Correct them: docs/configuration.md lists all.",
    look({ config, configProblem }) {
      if (configProblem !== undefined) return wrong(configProblem);
      return config && right("the variables fit");
    },
  },
  {
    id: "env.host",
    after: ["env.settings"],
    why: "The sandbox takes no live key, and a live address takes real money in a test.",
    fix: "Take PAYME_API_URL and PAYME_TEST_API_URL away: the defaults fit the mode and the scheme.",
    look({ config }) {
      if (config === undefined) return undefined;
      const { mode, auth, apiUrl, warnings } = config;
      const saw = `the mode is ${mode}, the scheme ${auth}, and calls go to ${apiUrl}`;
      const isSandbox = apiUrl === API_HOST_TEST || apiUrl === GUIDE_API_HOST_TEST;
      if (mode === "live" ? isSandbox : apiUrl === API_HOST_LIVE) return wrong(saw);
      const isOdd = isSandbox ? apiUrl !== defaultApiBase(auth, mode) : mode === "live" && apiUrl !== API_HOST_LIVE;
      return warnings.length > 0 || isOdd ? uncertain(warnings[0] ?? saw) : right(saw);
    },
  },
  {
    id: "env.test-mode",
    after: ["env.settings"],
    why: "In the sandbox nobody pays.",
    fix: "Set PAYME_TEST_MODE=false",
    look({ config, isProduction }) {
      const isTest = config?.mode === "test";
      if (isTest && isProduction) return uncertain("NODE_ENV is production, and PAYME_TEST_MODE is true");
      return config && right(`PAYME_TEST_MODE is ${isTest}`);
    },
  },
  {
    id: "env.test-key",
    why: "Whoever has the test key pays without money.",
    fix: "Take PAYME_MERCHANT_TEST_KEY away once the sandbox is passed.",
    look({ env, isProduction }) {
      const testKey = env?.PAYME_MERCHANT_TEST_KEY;
      if (!testKey) return env && right("no test key is set");
      if (KEYS_IN_USE.some((name) => env[name] === testKey))
        return wrong("one key is the live key and the test key", "Copy both again: the cabinet shows two keys.");
      return isProduction ? uncertain("a test key is accepted in production") : right("it is not the live key");
    },
  },
  {
    id: "env.callback",
    after: ["env.settings"],
    why: "A gateway reaches nobody on this machine, and an unencrypted notification can be read on its way.",
    fix: "Set PAYME_CALLBACK_URL to the public https:// address of the webhook, and the same in the cabinet.",
    look({ env, config }) {
      if (!env?.PAYME_CALLBACK_URL || config === undefined) return undefined;
      const { protocol, hostname, origin } = new URL(env.PAYME_CALLBACK_URL);
      const isRight = isLoopback(hostname) ? config.mode === "test" : protocol === "https:";
      return (isRight ? right : wrong)(`PAYME_CALLBACK_URL is at ${origin}`);
    },
  },
];
