import { exec } from "node:child_process";
import { promisify } from "node:util";
import type { Command } from "commander";
import { type CertifyResult, certify, ORDERS_NEEDED } from "../certifier/certify";
import { introduction, summary, tellCheck, tellFailure } from "../certifier/report";
import { amountOf, endpointOf, requireYes, secretOf } from "./input";
import { interruptible } from "./interruptible";
import { type CliIo, ExitCode, UsageError } from "./io";

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

/** The time that the command of `--orders-from` may take. */
const COMMAND_TIMEOUT_MS = 60_000;

/** `payme-kit certify <url>`: runs the certifier against any endpoint, in any language. */
export function certifyCommand(program: Command, io: CliIo, end: (code: ExitCode) => void): void {
  program
    .command("certify <url>")
    .description("call a Merchant API endpoint as Payme's sandbox does, and say what is wrong with it")
    .requiredOption("--field <name>", "the account field, named as in the cabinet")
    .requiredOption("--amount <tiyin>", "the amount of each order, in tiyin (1 som = 100 tiyin)")
    .option("--orders <ids>", `${ORDERS_NEEDED} unpaid orders, separated by commas; one balance with --accumulative`)
    .option("--orders-from <command>", "instead: a command that prints a new order each time")
    .option("--accumulative", "the account can be paid any number of times")
    .option("--key-stdin", "read the key from standard input, not from PAYME_KEY")
    .option("--json", "print one JSON document: {passed, failed, warned, skipped, checks}")
    .option("--yes", "call this address, though it is not on this machine")
    .addHelpText(
      "after",
      "\nExample: payme-kit certify http://localhost:3000/payme --field order_id --amount 5000000 --orders 1,2,3,4,5,6\n\n" +
        "Exit code 0: no check failed. 1: a check failed. 2: could not run.",
    )
    .action(async (url: string, flags: Flags) => end(await run(url, flags, io)));
}

async function run(target: string, flags: Flags, io: CliIo): Promise<ExitCode> {
  const isAccumulative = flags.accumulative === true;
  const isJson = flags.json === true;
  const url = endpointOf(target);
  const amount = amountOf(flags.amount);
  const key = await secretOf({ variable: "PAYME_KEY", keyStdin: flags.keyStdin }, io);
  const newOrderId = ordersOf(flags);
  (isJson ? io.err : io.out)(introduction({ target: url.href, isAccumulative }));
  requireYes(url, flags.yes);
  const result = await interruptible(io, (signal) =>
    certify({
      api: url,
      key,
      accumulative: isAccumulative,
      field: flags.field,
      async newOrder() {
        const id = await newOrderId();
        return id === undefined ? undefined : { account: { [flags.field]: id }, amount };
      },
      onCheck: isJson ? undefined : (check) => io.out(tellCheck(check)),
      signal,
    }),
  );
  if (isJson) io.out(JSON.stringify(result, null, 2));
  else print(result, io);
  return result.failed > 0 ? ExitCode.FOUND : ExitCode.OK;
}

/** Prints the details: warnings first, so that failures are last on the screen. */
function print(result: CertifyResult, io: CliIo): void {
  for (const status of ["warned", "failed"]) {
    for (const check of result.checks.filter((each) => each.status === status)) io.out(`\n${tellFailure(check)}`);
  }
  io.out(summary(result));
}

/** Returns a function that gives the id of the next order. @throws UsageError for too few orders. */
function ordersOf({ orders, ordersFrom: command, accumulative }: Flags): () => Promise<string | undefined> {
  if ((orders === undefined) === (command === undefined))
    throw new UsageError("give --orders or --orders-from, one of them");
  if (command !== undefined) return () => printedBy(command);
  const listed = (orders ?? "").split(",").map((id) => id.trim());
  const ids = listed.filter((id) => id !== "");
  const [first] = ids;
  if (accumulative === true) {
    if (first === undefined) throw new UsageError("--orders: one balance is needed");
    return async () => first;
  }
  const { size } = new Set(ids);
  if (size < ORDERS_NEEDED) {
    throw new UsageError(`--orders: ${ORDERS_NEEDED} different unpaid orders are needed; ${size} given`);
  }
  return async () => ids.shift();
}

async function printedBy(command: string): Promise<string> {
  const { stdout } = await promisify(exec)(command, { timeout: COMMAND_TIMEOUT_MS }).catch((error: unknown) => {
    throw new UsageError(`--orders-from: ${error instanceof Error ? error.message : String(error)}`);
  });
  const id = stdout.trim();
  if (id === "" || id.includes("\n")) throw new UsageError("--orders-from: the command must print one order's id");
  return id;
}
