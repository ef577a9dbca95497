import { type CertifyResult, certify, ORDERS_NEEDED } from "../certifier/certify";
import type { CheckResult } from "../certifier/check";
import { introduction, summary, tellCheck, tellFailure } from "../certifier/report";
import type { AddCommand } from "./add-command";
import { newOrdersOf, type OrderFlags } from "./certify-orders";
import { examples } from "./examples";
import { amountOf, ENDPOINT_KEYS, endpointOf, requireYes, secretOf, wholeNumber } from "./input";
import { interruptible } from "./interruptible";
import { type CliIo, ExitCode, UsageError } from "./io";
import { paint } from "./paint";

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
export const certifyCommand: AddCommand = (command, io, end) => {
  command
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
    .option("--key-stdin", "read the key from standard input, not from the environment")
    .option("--json", "print one JSON document: {passed, failed, warned, skipped, checks}")
    .option("--yes", "call this address, though it is not on this machine")
    .addHelpText(
      "after",
      examples({
        posix: [
          "npx payme-kit certify http://localhost:3000/payme --field order_id --amount 5000000 --orders 1,2,3,4,5,6,7,8",
          `npx payme-kit certify http://localhost:3000/payme --account '{"user_id":"7","plan":"2"}' --amount 5000000 --fixed-price`,
          `npx payme-kit certify http://localhost:3000/payme --field order_id --amount 5000000 --orders-from "node new-order.js" --json`,
        ],
        powershell: [
          "$env:PAYME_KEY = '…'",
          "npx payme-kit certify http://localhost:3000/payme --field order_id --amount 5000000 --orders '1,2,3,4,5,6,7,8'",
        ],
      }),
    )
    .addHelpText(
      "after",
      "\nThe key is PAYME_KEY, else PAYME_MERCHANT_KEY.\n\n" +
        "Exit code 0: no check failed. 1: a check failed. 2: could not run.",
    )
    .action(async (url: string, flags: Flags) => end(await run(url, flags, io)));
};

async function run(target: string, flags: Flags, io: CliIo): Promise<ExitCode> {
  const isJson = flags.json === true;
  const url = endpointOf(target);
  const amount = amountOf(flags.amount);
  const key = await secretOf({ variables: ENDPOINT_KEYS, keyStdin: flags.keyStdin }, io);
  const timeoutMs = flags.timeout === undefined ? undefined : timeoutOf(flags.timeout);
  const newAccount = newOrdersOf(flags, io.env);
  const isPaidAgain = flags.accumulative === true || flags.fixedPrice === true;
  (isJson ? io.err : io.out)(introduction({ target: url.href, isPaidAgain }));
  requireYes(url, flags.yes);
  const result = await interruptible(io, (signal) =>
    certify({
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
      onCheck: isJson ? undefined : (check) => io.out(painted(io, check, tellCheck(check))),
      signal,
    }),
  );
  if (isJson) io.out(JSON.stringify(result, null, 2));
  else print(result, io);
  return result.failed > 0 ? ExitCode.FOUND : ExitCode.OK;
}

const COLOURS = { passed: "green", failed: "red", warned: "yellow", skipped: "gray" } as const;

/** The first word of a text, which says how the check ended, in its colour. */
function painted(io: CliIo, { status }: CheckResult, text: string): string {
  return text.replace(/^\w+/, (mark) => paint(io, "out", COLOURS[status], mark));
}

/** Prints the details: warnings first, so that failures are last on the screen. */
function print(result: CertifyResult, io: CliIo): void {
  for (const status of ["warned", "failed"]) {
    for (const check of result.checks.filter((each) => each.status === status))
      io.out(`\n${painted(io, check, tellFailure(check))}`);
  }
  io.out(summary(result));
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
