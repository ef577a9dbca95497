import type { Command } from "commander";
import type { PaymeConfig } from "../../client/config-from-env";
import { type CallClass, isKnownRead, isKnownWrite } from "../../client/methods";
import { createPaymeClient } from "../../client/payme-client";
import {
  isPaymeError,
  PaymeAPIError,
  PaymeConnectionError,
  type PaymeError,
  PaymeOutcomeUnknownError,
} from "../../kit/errors";
import { callCurl } from "./call-curl";
import { callSettings, mayMoveMoney, type SettingFlags } from "./call-settings";
import { type CliIo, ExitCode, UsageError } from "./io";
import { secretOf } from "./secret-of";
import { shownAnswer } from "./shown-answer";
import { textOf } from "./text-of";

interface Flags extends SettingFlags {
  readonly file?: string;
  readonly read?: true;
  readonly curl?: true;
  readonly showToken?: true;
  readonly keyStdin?: true;
  readonly yes?: true;
}

/** `payme-kit call`: one call of the Subscribe API, with the curl that does the same. */
export function callCommand(program: Command, io: CliIo, end: (code: ExitCode) => void): void {
  program
    .command("call <method> [params]")
    .description('call the Subscribe API (receipts.get \'{"id":"…"}\'), and print the curl that does the same')
    .option("--file <path>", "the parameters are in a file; - is standard input")
    .option("--test", "the sandbox, whatever PAYME_TEST_MODE says")
    .option("--live", "real money, whatever PAYME_TEST_MODE says")
    .option("--auth <scheme>", "key (Payme's own) or signature (the Wedy guide's); default: PAYME_AUTH, else signature")
    .option("--url <url>", "another address of the API: a mock, a recording proxy")
    .option("--insecure-http", "allow http:// to another machine; the key then travels unencrypted")
    .option("--read", "this method, which we do not know, only reads: it may be repeated")
    .option("--curl", "print the curl only; nothing is sent")
    .option("--show-token", "print card tokens as they are")
    .option("--key-stdin", "read the key from standard input, not from PAYME_SECRET_KEY")
    .option("--yes", "yes, make this change, though money may be real there")
    .addHelpText(
      "after",
      "\nThe cashbox comes from PAYME_MERCHANT_ID and PAYME_SECRET_KEY. A card's token or number is safer in a file than in\n" +
        "an argument.\n\nExit code 0: answered. 1: Payme refused. 2: could not run, or not reached: calling again is safe.\n" +
        "3: a change was sent and its outcome is not known: never just call again.",
    )
    .action(async (method: string, params: string | undefined, flags: Flags) =>
      end(await run({ method, params, flags }, io)),
    );
}

async function run(
  { method, params: argument, flags }: { method: string; params: string | undefined; flags: Flags },
  io: CliIo,
): Promise<ExitCode> {
  const { file, keyStdin } = flags;
  const params = objectOf((await textOf({ argument, file, keyStdin }, io)) ?? "{}");
  const key = keyStdin === true ? await secretOf({ variable: "", keyStdin }, io) : undefined;
  const config = callSettings(flags, io.env, key);
  const callClass = classOf(method, flags);
  const curl = callCurl({ method, params, callClass }, config);
  if (flags.curl === true) {
    io.out(curl);
    return ExitCode.OK;
  }
  for (const warning of config.warnings) io.err(`warning: ${warning}`);
  if (callClass === "write" && mayMoveMoney(config.apiUrl) && flags.yes !== true) {
    throw new UsageError(
      `${method} changes something at ${config.apiUrl}, where money may be real: say --yes if you mean it`,
    );
  }
  return await call({ method, params, callClass, showToken: flags.showToken === true, curl }, config, io);
}

interface Call {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly callClass: CallClass;
  readonly showToken: boolean;
  readonly curl: string;
}

async function call({ method, params, callClass, showToken, curl }: Call, config: PaymeConfig, io: CliIo) {
  const { apiUrl, auth, mode } = config;
  io.err(`${method} at ${apiUrl} (${mode}, auth ${auth})`);
  try {
    const answer = await createPaymeClient(config).rpc(method, params, { class: callClass });
    io.out(shownAnswer(answer, { showToken }));
    return ExitCode.OK;
  } catch (error) {
    if (!isPaymeError(error)) throw error;
    for (const line of told(error)) io.err(line);
    return codeOf(error);
  } finally {
    io.err(`\nThe same with curl:\n${curl}`);
  }
}

function codeOf(error: PaymeError): ExitCode {
  if (error instanceof PaymeAPIError) return ExitCode.FOUND;
  return error instanceof PaymeOutcomeUnknownError ? ExitCode.UNKNOWN : ExitCode.UNUSABLE;
}

/** What went wrong, what it means and what to do, a line each. */
function told(error: PaymeError): string[] {
  const head = error instanceof PaymeAPIError ? `Payme refused: ${error.message}` : error.message;
  const facts = error instanceof PaymeAPIError ? refusal(error) : outcome(error);
  const hint = error.hint === undefined ? [] : [`  hint    ${error.hint}`];
  return [head, ...facts, ...hint];
}

function refusal({ errorCode, reason, responseData }: PaymeAPIError): string[] {
  const data: unknown = responseData?.data ?? null;
  return [
    `  code    ${errorCode ?? "none"}`,
    `  reason  ${reason}`,
    ...(data === null ? [] : [`  data    ${JSON.stringify(data)}`]),
  ];
}

function outcome(error: PaymeError): string[] {
  if (error instanceof PaymeOutcomeUnknownError) return [`  ask     ${error.settledBy}`];
  return error instanceof PaymeConnectionError ? ["  again   is safe"] : [];
}

/** What is not known to be a read may change something. */
function classOf(method: string, { read }: Flags): CallClass {
  if (read === true && isKnownWrite(method)) throw new UsageError(`--read: ${method} changes something at Payme`);
  return read === true || isKnownRead(method) ? "read" : "write";
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError('the parameters are no JSON: quote them for the shell, as in \'{"id":"…"}\'');
  }
  if (isRecord(value)) return value;
  throw new UsageError("the parameters must be a JSON object");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
