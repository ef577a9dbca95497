import type { Command } from "commander";
import { isLoopback } from "../../kit/loopback";
import { CertifierError } from "../certifier/certifier-error";
import { type Certificate, type CertifyOptions, certify, ORDERS_NEEDED } from "../certifier/certify";
import { introduction, summary, tellCheck, tellFailure } from "../certifier/report";
import { type CliIo, ExitCode, UsageError } from "./io";
import { ordersFrom } from "./orders-from";
import { secretOf } from "./secret-of";

interface Flags {
  readonly field: string;
  readonly orders?: string;
  readonly ordersFrom?: string;
  readonly amount: string;
  readonly accumulative?: true;
  readonly keyStdin?: true;
  readonly json?: true;
  readonly yes?: true;
}

/** `payme-kit certify <url>`: the certifier against any endpoint, in any language. */
export function certifyCommand(program: Command, io: CliIo, end: (code: ExitCode) => void): void {
  program
    .command("certify <url>")
    .description("call a Merchant API endpoint as Payme's sandbox does, and say what is wrong with it")
    .requiredOption("--field <name>", "the account field, as it is named in the cabinet")
    .requiredOption("--amount <tiyin>", "what each order costs, in tiyin (1 som = 100 tiyin)")
    .option(
      "--orders <ids>",
      `${ORDERS_NEEDED} orders that are not paid, with commas between; one balance with --accumulative`,
    )
    .option("--orders-from <command>", "instead: a command that prints a fresh order each time")
    .option("--accumulative", "the account can be paid any number of times")
    .option("--key-stdin", "read the key from standard input, not from PAYME_KEY")
    .option("--json", "print one JSON document: {passed, failed, warned, skipped, checks}")
    .option("--yes", "yes, call this address, though it is not on this machine")
    .addHelpText("after", "\nExit code 0: no check failed. 1: one did. 2: could not run.")
    .action(async (url: string, flags: Flags) => end(await run(url, flags, io)));
}

async function run(target: string, flags: Flags, io: CliIo): Promise<ExitCode> {
  const isAccumulative = flags.accumulative === true;
  const isJson = flags.json === true;
  const url = urlOf(target);
  const amount = amountOf(flags.amount);
  const key = await secretOf({ variable: "PAYME_KEY", keyStdin: flags.keyStdin }, io);
  const newOrderId = ordersFrom({ ...flags, isAccumulative, needed: ORDERS_NEEDED });
  (isJson ? io.err : io.out)(introduction({ target: url.href, isAccumulative }));
  if (flags.yes !== true && !isLoopback(url.hostname)) {
    throw new UsageError(`${url.host} is not this machine; say --yes if these calls may go there`);
  }
  const certificate = await certified(
    {
      api: url,
      key,
      accumulative: isAccumulative,
      field: flags.field,
      async newOrder() {
        const id = await newOrderId();
        return id === undefined ? undefined : { account: { [flags.field]: id }, amount };
      },
      onCheck: isJson ? undefined : (check) => io.out(tellCheck(check)),
    },
    io,
  );
  if (isJson) io.out(JSON.stringify(certificate, null, 2));
  else tell(certificate, io);
  return certificate.failed > 0 ? ExitCode.FOUND : ExitCode.OK;
}

/** Interrupted, it cancels what is open before it ends, so that no order stays reserved. */
async function certified(options: CertifyOptions, io: CliIo): Promise<Certificate> {
  const interruption = new AbortController();
  const forget = io.onInterrupt(() => interruption.abort());
  try {
    return await certify({ ...options, signal: interruption.signal });
  } catch (error) {
    if (interruption.signal.aborted) throw new UsageError("interrupted; transactions that were open are cancelled");
    if (error instanceof CertifierError) throw new UsageError(error.message);
    throw error;
  } finally {
    forget();
  }
}

/** What deserves more than its line: warnings first, so that failures stand last on the screen. */
function tell(certificate: Certificate, io: CliIo): void {
  for (const status of ["warned", "failed"]) {
    for (const check of certificate.checks.filter((each) => each.status === status)) io.out(`\n${tellFailure(check)}`);
  }
  io.out(summary(certificate));
}

function urlOf(text: string): URL {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new UsageError(`${text} is no address: give one with http:// or https://`);
  }
  return new URL(text);
}

function amountOf(text: string): number {
  const amount = Number(text);
  if (/^[1-9]\d*$/.test(text) && Number.isSafeInteger(amount)) return amount;
  throw new UsageError(`--amount ${text}: a whole number of tiyin, 1 or more`);
}
