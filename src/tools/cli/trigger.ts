import { isScenario, SCENARIOS } from "../certifier/scenarios";
import { tellCall, trigger } from "../certifier/trigger";
import type { AddCommand } from "./add-command";
import { examples } from "./examples";
import { accountOf, amountOf, collect, ENDPOINT_KEYS, endpointOf, requireYes, secretOf } from "./input";
import { interruptible } from "./interruptible";
import { type CliIo, ExitCode, UsageError } from "./io";
import { paint } from "./paint";

interface Flags {
  readonly to: string;
  readonly account: readonly string[];
  readonly amount: string;
  readonly keyStdin?: true;
  readonly json?: true;
  readonly yes?: true;
}

const REST = "the story ends. A transaction that was open is cancelled.";
const LIST = Object.entries(SCENARIOS).map(([name, { about }]) => `  ${name.padEnd(15)} ${about}`);

/** `payme-kit trigger <scenario>`: plays one story of Payme against any endpoint, in any language. */
export const triggerCommand: AddCommand = (command, io, end) => {
  command
    .requiredOption("--to <url>", "the endpoint")
    .option("--account <field=value>", "the unpaid order's account field; repeat it for more", collect, [])
    .requiredOption("--amount <tiyin>", "its amount, in tiyin (1 som = 100 tiyin)")
    .option("--key-stdin", "read the key from standard input, not from the environment")
    .option("--json", "print one JSON document: {scenario, isExpected, calls}")
    .option("--yes", "call this address, though it is not on this machine")
    .addHelpText("after", `\nScenarios:\n${LIST.join("\n")}`)
    .addHelpText(
      "after",
      examples({
        posix: [
          "npx payme-kit trigger paid --to http://localhost:3000/payme --account order_id=197 --amount 5000000",
          "npx payme-kit trigger lost-answer --to http://localhost:3000/payme --account order_id=198 --amount 5000000 --json",
        ],
        powershell: [
          "$env:PAYME_KEY = '…'",
          "npx payme-kit trigger paid --to http://localhost:3000/payme --account order_id=197 --amount 5000000",
        ],
      }),
    )
    .addHelpText(
      "after",
      "\nThe key is PAYME_KEY, else PAYME_MERCHANT_KEY.\n\n" +
        "Exit code 0: each answer is what Payme expects. 1: one is not. 2: could not run.",
    )
    .action(async (scenario: string, flags: Flags) => end(await run(scenario, flags, io)));
};

async function run(scenario: string, flags: Flags, io: CliIo): Promise<ExitCode> {
  if (!isScenario(scenario)) {
    throw new UsageError(`there is no scenario ${scenario}; there are ${Object.keys(SCENARIOS).join(", ")}`);
  }
  const url = endpointOf(flags.to);
  const order = { account: accountOf(flags.account), amount: amountOf(flags.amount) };
  if (flags.account.length === 0) throw new UsageError("no order: give --account field=value");
  const key = await secretOf({ variables: ENDPOINT_KEYS, keyStdin: flags.keyStdin }, io);
  requireYes(url, flags.yes);
  const isJson = flags.json === true;
  const say = isJson ? io.err : io.out;
  say(`${scenario}: ${SCENARIOS[scenario].about}`);
  say(`Calls ${url.href} as Payme does, and changes the order. Do not use a real one.\n`);
  const onCall = isJson ? undefined : (call: Parameters<typeof tellCall>[0]) => io.out(`${tellCall(call)}\n`);
  const result = await interruptible(io, (signal) => trigger({ scenario, api: url, key, order, onCall, signal }));
  if (isJson) io.out(JSON.stringify(result, null, 2));
  else if (result.isExpected) io.out(paint(io, "out", "green", "Each answer is what Payme expects."));
  else io.out(`${paint(io, "out", "red", "The last answer is not what Payme expects:")} ${REST}`);
  return result.isExpected ? ExitCode.OK : ExitCode.FOUND;
}
