import { PaymeConfigError } from "../kit/errors";
import { API_HOST_LIVE, GUIDE_API_HOST_TEST, type Mode } from "../protocol/hosts";
import { apiUrlProblem, defaultApiBase, isWebUrl, keyProblem, merchantIdProblem, trimApiUrl } from "./settings";
import type { XAuthKind } from "./x-auth";

/** The settings of a cashbox, ready to be spread into `createPaymeClient`. Printing it does not show the key. */
export interface PaymeConfig {
  merchantId: string;
  key: string;
  auth: XAuthKind;
  mode: Mode;
  /** The API's address for the mode, without `/api`. */
  apiUrl: string;
  allowInsecureHttp: boolean;
  /** The address of your webhook, for a gateway's notifications. Never sent to Payme. */
  callbackUrl: string;
  /** Settings that work but are probably a mistake. Print them at the start. */
  warnings: string[];
}

const DEFAULT_CALLBACK_URL = "https://api.wedy.uz/payme/webhook";
const INSPECT = /* @__PURE__ */ Symbol.for("nodejs.util.inspect.custom");

/**
 * Reads the variables of the Wedy guide, and `PAYME_AUTH` (`signature`, the default here, or `key`). An empty variable
 * counts as unset. Source: the guide, "Environment Variables".
 *
 * @param options `allowInsecureHttp` as for `createPaymeClient`.
 * @throws PaymeConfigError with one line for each problem and its remedy; it never holds the key.
 * @example const client = createPaymeClient({ ...paymeConfigFromEnv(), logger });
 */
export function paymeConfigFromEnv(
  env: Readonly<Record<string, string | undefined>> = process.env,
  { allowInsecureHttp = false }: { allowInsecureHttp?: boolean | undefined } = {},
): PaymeConfig {
  const problems: string[] = [];
  const warnings: string[] = [];
  const note = (name: string, problem: string | undefined) => {
    if (problem !== undefined) problems.push(`${name} ${problem}`);
  };
  const get = (name: string) => (env[name] === "" ? undefined : env[name]);
  const url = (name: string, fallback: string) => {
    const value = get(name) ?? fallback;
    note(name, apiUrlProblem(value, allowInsecureHttp));
    return trimApiUrl(value);
  };

  const auth = authOf(get("PAYME_AUTH"), note);
  const mode = modeOf(get("PAYME_TEST_MODE"), env.NODE_ENV === "production", note);
  const merchantId = get("PAYME_MERCHANT_ID") ?? "";
  const key = get("PAYME_SECRET_KEY") ?? "";
  note("PAYME_MERCHANT_ID", merchantIdProblem(merchantId));
  note("PAYME_SECRET_KEY", keyProblem(key, auth));
  const liveUrl = url("PAYME_API_URL", API_HOST_LIVE);
  const givenTestUrl = url("PAYME_TEST_API_URL", defaultApiBase(auth, "test"));
  const testUrl = auth === "key" ? withoutGuideHost(givenTestUrl, warnings) : givenTestUrl;
  const callbackUrl = get("PAYME_CALLBACK_URL") ?? DEFAULT_CALLBACK_URL;
  const noUrl = "is not a URL; give the public address of your webhook, like https://shop.example/payme/webhook";
  note("PAYME_CALLBACK_URL", isWebUrl(callbackUrl) ? undefined : noUrl);

  if (problems.length > 0) throw new PaymeConfigError(messageOf(problems));
  const apiUrl = mode === "live" ? liveUrl : testUrl;
  return withHiddenKey({ merchantId, key, auth, mode, apiUrl, allowInsecureHttp, callbackUrl, warnings });
}

type Note = (name: string, problem: string | undefined) => void;

function authOf(value: string | undefined, note: Note): XAuthKind {
  if (value === "key") return "key";
  note("PAYME_AUTH", value === undefined || value === "signature" ? undefined : "must be signature or key");
  return "signature";
}

function modeOf(value: string | undefined, isProduction: boolean, note: Note): Mode {
  if (value === undefined) {
    note(
      "PAYME_TEST_MODE",
      isProduction ? "must be set with NODE_ENV=production: true for the sandbox, false for live" : undefined,
    );
    return "test";
  }
  const word = value.toLowerCase();
  if (word === "false" || word === "0") return "live";
  note("PAYME_TEST_MODE", word === "true" || word === "1" ? undefined : "must be true or false (or 1 or 0)");
  return "test";
}

/** Replaces the guide's test API where the scheme is Payme's own: people copy the guide's file and then change PAYME_AUTH. */
function withoutGuideHost(url: string, warnings: string[]): string {
  if (url !== GUIDE_API_HOST_TEST) return url;
  const used = defaultApiBase("key", "test");
  warnings.push(
    `PAYME_TEST_API_URL=${url} is the guide's test API, which takes PAYME_AUTH=signature only. PAYME_AUTH=key uses ${used} instead.`,
  );
  return used;
}

function messageOf(problems: readonly string[]): string {
  const lines = problems.map((problem) => `- ${problem}`);
  return [`The environment has ${problems.length} problem(s):`, ...lines].join("\n");
}

// Enumerable, so that spreading copies the key; hidden from JSON and from the console, where settings end up.
function withHiddenKey(config: PaymeConfig): PaymeConfig {
  const shown = () => ({ ...config, key: "[hidden]" });
  return Object.defineProperties(config, { toJSON: { value: shown }, [INSPECT]: { value: shown } });
}
