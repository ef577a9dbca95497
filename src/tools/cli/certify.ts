import type { Command } from "commander";
import { isLoopback } from "../../kit/loopback";
import { isTiyin, type Tiyin } from "../../kit/money";
import { CertifierError } from "../certifier/certifier-error";
import { type CertifyOptions, type CertifyResult, certify, ORDERS_NEEDED } from "../certifier/certify";
import { introduction, summary, tellCheck, tellFailure } from "../certifier/report";
import { newOrdersOf, type OrderFlags } from "./certify-orders";
import { secretOf, wholeNumber } from "./input";
import { type CliIo, ExitCode, UsageError } from "./io";

interface Flags extends OrderFlags {
  readonly amount: string;
  readonly freeFields?: string;
  readonly only?: string;
  readonly timeout?: string;
  readonly keyStdin?: true;
  readonly json?: true;
  readonly yes?: true;
}

const LONGEST_TIMEOUT_MS = 600_000;

/** `payme-kit certify <url>`: runs the certifier against any endpoint, in any language. */
export function certifyCommand(program: Command, io: CliIo, end: (code: ExitCode) => void): void {
  program
    .command("certify <url>")
    .description("call a Merchant API endpoint as Payme's sandbox does, and say what is wrong with it")
    .requiredOption("--amount <tiyin>", "the amount of each order, in tiyin (1 som = 100 tiyin)")
    .option("--field <name>", "the account field that has the order's id, named as in the cabinet")
    .option("--orders <ids>", `${ORDERS_NEEDED} unpaid orders, separated by commas; one where it can be paid again`)
    .option(
      "--orders-from <command>",
      "instead: a command that prints a new order each time, its id or its account as JSON",
    )
    .option("--account <json>", "the account's other fields; all of its fields, where it can be paid again")
    .option("--accumulative", "the account can be paid any number of times, with any amount")
    .option("--fixed-price", "the account can be paid any number of times, each time with --amount")
    .option("--free-fields <names>", "account fields that decide nothing, such as a comment, separated by commas")
    .option("--only <names>", "only these checks and groups, separated by commas: create.repeat, auth")
    .option("--timeout <ms>", "the time limit of an answer; 30000 without this option")
    .option("--key-stdin", "read the key from standard input, not from PAYME_KEY")
    .option("--json", "print one JSON document: {passed, failed, warned, skipped, checks}")
    .option("--yes", "call this address, though it is not on this machine")
    .addHelpText(
      "after",
      "\nExample: payme-kit certify http://localhost:3000/payme --field order_id --amount 5000000 --orders 1,2,3,4,5,6,7,8\n" +
        `Example: payme-kit certify http://localhost:3000/payme --account '{"user_id":"7","plan":"2"}' --amount 5000000 --fixed-price\n\n` +
        "Exit code 0: no check failed. 1: a check failed. 2: could not run.",
    )
    .action(async (url: string, flags: Flags) => end(await run(url, flags, io)));
}

async function run(target: string, flags: Flags, io: CliIo): Promise<ExitCode> {
  const isJson = flags.json === true;
  const url = urlOf(target);
  const amount = amountOf(flags.amount);
  const key = await secretOf({ variable: "PAYME_KEY", keyStdin: flags.keyStdin }, io);
  const timeoutMs = flags.timeout === undefined ? undefined : timeoutOf(flags.timeout);
  const newAccount = newOrdersOf(flags);
  const isPaidAgain = flags.accumulative === true || flags.fixedPrice === true;
  (isJson ? io.err : io.out)(introduction({ target: url.href, isPaidAgain }));
  if (flags.yes !== true && !isLoopback(url.hostname)) {
    throw new UsageError(`${url.host} is not this machine; allow these calls with --yes`);
  }
  const result = await certified(
    {
      api: url,
      key,
      accumulative: flags.accumulative,
      fixedPrice: flags.fixedPrice,
      freeFields: namesOf(flags.freeFields),
      only: namesOf(flags.only),
      timeoutMs,
      async newOrder() {
        const account = await newAccount();
        return account === undefined ? undefined : { account, amount };
      },
      onCheck: isJson ? undefined : (check) => io.out(tellCheck(check)),
    },
    io,
  );
  if (isJson) io.out(JSON.stringify(result, null, 2));
  else print(result, io);
  return result.failed > 0 ? ExitCode.FOUND : ExitCode.OK;
}

/** Certifies. An interrupted run first cancels its open transactions, so no order stays reserved. */
async function certified(options: CertifyOptions, io: CliIo): Promise<CertifyResult> {
  const interruption = new AbortController();
  const forget = io.onInterrupt(() => interruption.abort());
  try {
    return await certify({ ...options, signal: interruption.signal });
  } catch (error) {
    if (interruption.signal.aborted) throw new UsageError("interrupted; the open transactions are cancelled");
    if (error instanceof CertifierError) throw new UsageError(error.message);
    throw error;
  } finally {
    forget();
  }
}

/** Prints the details: warnings first, so that failures are last on the screen. */
function print(result: CertifyResult, io: CliIo): void {
  for (const status of ["warned", "failed"]) {
    for (const check of result.checks.filter((each) => each.status === status)) io.out(`\n${tellFailure(check)}`);
  }
  io.out(summary(result));
}

function urlOf(text: string): URL {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text);
  throw new UsageError(`${text} is not an address: give one with http:// or https://`);
}

function timeoutOf(text: string): number {
  const ms = wholeNumber("--timeout", text, LONGEST_TIMEOUT_MS);
  if (ms > 0) return ms;
  throw new UsageError("--timeout 0: must be 1 or more");
}

/** The names of a list with commas. */
function namesOf(list: string | undefined): readonly string[] | undefined {
  return list
    ?.split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

function amountOf(text: string): Tiyin {
  const amount = Number(text);
  if (/^[1-9]\d*$/.test(text) && isTiyin(amount)) return amount;
  throw new UsageError(`--amount ${text}: must be a whole number of tiyin, 1 or more`);
}
