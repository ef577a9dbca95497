import { type PaymeConfig, paymeConfigFromEnv } from "../../client/config-from-env";
import { type CallClass, isKnownRead, isKnownWrite } from "../../client/methods";
import { createPaymeClient } from "../../client/payme-client";
import { trimApiUrl } from "../../client/settings";
import {
  isPaymeError,
  PaymeAPIError,
  PaymeConnectionError,
  type PaymeError,
  PaymeOutcomeUnknownError,
} from "../../kit/errors";
import { isLoopback } from "../../kit/loopback";
import { API_HOST_TEST, GUIDE_API_HOST_TEST } from "../../protocol/hosts";
import { redact } from "../../protocol/redact";
import { isTokenName } from "../../protocol/secrets";
import type { AddCommand } from "./add-command";
import { callCurl, type SubscribeCall } from "./call-curl";
import { examples } from "./examples";
import { secretOf, textOf } from "./input";
import { asUsage, type CliIo, ExitCode, UsageError } from "./io";
import { complain } from "./paint";

interface Flags {
  readonly file?: string;
  readonly test?: true;
  readonly live?: true;
  readonly auth?: string;
  readonly url?: string;
  readonly insecureHttp?: true;
  readonly read?: true;
  readonly curl?: true;
  readonly showToken?: true;
  readonly keyStdin?: true;
  readonly yes?: true;
  readonly json?: true;
}

/** `payme-kit call`: makes one call of the Subscribe API, and prints the same call as curl. */
export const callCommand: AddCommand = (command, io, end) => {
  command
    .option("--file <path>", "read the parameters from a file; - is standard input")
    .option("--test", "call the sandbox, whatever PAYME_TEST_MODE is")
    .option("--live", "call with real money, whatever PAYME_TEST_MODE is")
    .option("--auth <scheme>", "key (Payme's) or signature (the Wedy guide's); default: PAYME_AUTH, else key")
    .option("--url <url>", "call another address: a mock or a recording proxy")
    .option("--insecure-http", "allow http:// to another machine; the key then travels unencrypted")
    .option("--read", "treat an unknown method as a read, which may be repeated")
    .option("--curl", "print only the curl, send nothing")
    .option("--show-token", "print card tokens in full")
    .option("--key-stdin", "read the key from standard input, not from PAYME_SECRET_KEY")
    .option("--yes", "make this change, though money may be real there")
    .option("--json", "print one JSON document: {method, url, mode, auth, outcome, answer or error, curl}")
    .addHelpText(
      "after",
      examples({
        posix: [
          `npx payme-kit call receipts.get '{"id":"65a0c1d2e3f4a5b6c7d8e9f0"}' --test`,
          "npx payme-kit call cards.check --file card.json --auth signature --json",
        ],
        powershell: [
          "$env:PAYME_SECRET_KEY = '…'",
          `'{"id":"65a0c1d2e3f4a5b6c7d8e9f0"}' | npx payme-kit call receipts.get --file - --test`,
        ],
      }),
    )
    .addHelpText(
      "after",
      "\nPAYME_MERCHANT_ID and PAYME_SECRET_KEY name the cashbox. Give a card's token or number in a file, not in an argument.\n\n" +
        "Exit code 0: answered. 1: Payme refused. 2: could not run or not reached; you may call again.\n" +
        "3: a change was sent and its outcome is unknown; ask before you call again.",
    )
    .action(async (method: string, params: string | undefined, flags: Flags) =>
      end(await run(method, params, flags, io)),
    );
};

async function run(method: string, argument: string | undefined, flags: Flags, io: CliIo): Promise<ExitCode> {
  const { file, keyStdin } = flags;
  const params = objectOf((await textOf({ argument, file, keyStdin }, io)) ?? "{}");
  const key = keyStdin === true ? await secretOf({ keyStdin }, io) : undefined;
  const config = settingsOf(flags, io.env, key);
  const call = { method, params, callClass: classOf(method, flags) };
  const curl = callCurl(call, config);
  if (flags.curl === true) {
    io.out(flags.json === true ? JSON.stringify({ curl }, null, 2) : curl);
    return ExitCode.OK;
  }
  for (const warning of config.warnings) complain(io, `warning: ${warning}`);
  if (call.callClass === "write" && mayMoveMoney(config.apiUrl) && flags.yes !== true) {
    throw new UsageError(`${method} makes a change at ${config.apiUrl}, where money may be real: confirm with --yes`);
  }
  io.err(`${method} at ${config.apiUrl} (${config.mode}, auth ${config.auth})`);
  const ending = await send(call, flags, config);
  const { apiUrl: url, mode, auth } = config;
  if (flags.json === true) io.out(JSON.stringify({ method, url, mode, auth, ...told(ending), curl }, null, 2));
  else if ("answer" in ending) io.out(JSON.stringify(ending.answer, null, 2));
  if ("error" in ending) complain(io, explained(ending.error).join("\n"));
  io.err(`\nThe same with curl:\n${curl}`);
  return "error" in ending ? exitCodeOf(ending.error) : ExitCode.OK;
}

type Ending = { readonly answer: unknown } | { readonly error: PaymeError };

async function send({ method, params, callClass }: SubscribeCall, flags: Flags, config: PaymeConfig): Promise<Ending> {
  try {
    const answer = await createPaymeClient(config).rpc(method, params, { class: callClass });
    const redacted = redact(answer);
    return { answer: flags.showToken === true ? withTokens(redacted, answer) : redacted };
  } catch (error) {
    if (!isPaymeError(error)) throw error;
    return { error };
  }
}

function exitCodeOf(error: PaymeError): ExitCode {
  if (error instanceof PaymeAPIError) return ExitCode.FOUND;
  return error instanceof PaymeOutcomeUnknownError ? ExitCode.UNKNOWN : ExitCode.UNUSABLE;
}

const OUTCOMES = {
  [ExitCode.OK]: "answered",
  [ExitCode.FOUND]: "refused",
  [ExitCode.UNUSABLE]: "failed",
  [ExitCode.UNKNOWN]: "unknown",
} as const;

/** How the call ended, as a document. */
function told(ending: Ending): object {
  if ("answer" in ending) return { outcome: OUTCOMES[ExitCode.OK], answer: ending.answer };
  const { error } = ending;
  const { message, hint = null } = error;
  const refusal =
    error instanceof PaymeAPIError
      ? { code: error.errorCode ?? null, reason: error.reason, data: error.responseData?.data ?? null }
      : {};
  const ask = error instanceof PaymeOutcomeUnknownError ? { ask: error.settledBy } : {};
  return { outcome: OUTCOMES[exitCodeOf(error)], error: { message, hint, ...refusal, ...ask } };
}

/** The redacted answer, with its card tokens put back. */
function withTokens(redacted: unknown, answer: unknown): unknown {
  if (!isObject(redacted) || !isObject(answer)) return redacted;
  if (Array.isArray(redacted)) return redacted.map((item, index) => withTokens(item, Reflect.get(answer, index)));
  return Object.fromEntries(
    Object.entries(redacted).map(([name, member]) => {
      const given: unknown = Reflect.get(answer, name);
      return [name, isTokenName(name) && typeof given === "string" ? given : withTokens(member, given)];
    }),
  );
}

/** The lines that say what went wrong, what it means and what to do. */
function explained(error: PaymeError): string[] {
  const head = error instanceof PaymeAPIError ? `Payme refused: ${error.message}` : error.message;
  const hint = error.hint === undefined ? [] : [`  hint    ${error.hint}`];
  return [head, ...factsOf(error), ...hint];
}

function factsOf(error: PaymeError): string[] {
  if (error instanceof PaymeOutcomeUnknownError) return [`  ask     ${error.settledBy}`];
  if (error instanceof PaymeConnectionError) return ["  again   is safe"];
  if (!(error instanceof PaymeAPIError)) return [];
  const data: unknown = error.responseData?.data ?? null;
  return [
    `  code    ${error.errorCode ?? "none"}`,
    `  reason  ${error.reason}`,
    ...(data === null ? [] : [`  data    ${JSON.stringify(data)}`]),
  ];
}

/** Returns write for a method that is not known to be a read. */
function classOf(method: string, { read }: Flags): CallClass {
  if (read === true && isKnownWrite(method)) throw new UsageError(`--read: ${method} makes a change at Payme`);
  return read === true || isKnownRead(method) ? "read" : "write";
}

/**
 * Returns the settings of the environment. The flags of the command line replace them.
 *
 * @throws UsageError that lists what is missing or wrong, never with the key.
 */
function settingsOf(flags: Flags, env: CliIo["env"], key: string | undefined): PaymeConfig {
  if (flags.test === true && flags.live === true) throw new UsageError("give --test or --live, one of them");
  const given = {
    ...env,
    ...(flags.test === true ? { PAYME_TEST_MODE: "true" } : {}),
    ...(flags.live === true ? { PAYME_TEST_MODE: "false" } : {}),
    // The default of the client; that of paymeConfigFromEnv is the guide's.
    PAYME_AUTH: flags.auth ?? (env.PAYME_AUTH === "" ? undefined : env.PAYME_AUTH) ?? "key",
    ...(key === undefined ? {} : { PAYME_SECRET_KEY: key }),
    // The mode decides which of the two counts.
    ...(flags.url === undefined ? {} : { PAYME_API_URL: flags.url, PAYME_TEST_API_URL: flags.url }),
  };
  const config = asUsage(() => paymeConfigFromEnv(given, { allowInsecureHttp: flags.insecureHttp === true }));
  // In the environment, the guide's host under `key` is a left-over of its sample file. Here the user typed it.
  return flags.url === undefined ? config : Object.assign(config, { apiUrl: trimApiUrl(flags.url), warnings: [] });
}

/** True unless the address is on this machine or is a sandbox of Payme. */
export function mayMoveMoney(apiUrl: string): boolean {
  const { origin, hostname } = new URL(apiUrl);
  return !isLoopback(hostname) && ![API_HOST_TEST, GUIDE_API_HOST_TEST].includes(origin);
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError('the parameters are not JSON: quote them for the shell, as in \'{"id":"…"}\'');
  }
  if (isRecord(value)) return value;
  throw new UsageError("the parameters must be a JSON object");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) && !Array.isArray(value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
