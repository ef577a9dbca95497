import type { Command } from "commander";
import { isScenario, SCENARIOS } from "../certifier/scenarios";
import { tellCall, trigger } from "../certifier/trigger";
import { accountOf, amountOf, collect, endpointOf, requireYes, secretOf } from "./input";
import { interruptible } from "./interruptible";
import { type CliIo, ExitCode, UsageError } from "./io";

interface Flags {
  readonly to: string;
  readonly account: readonly string[];
  readonly amount: string;
  readonly keyStdin?: true;
  readonly json?: true;
  readonly yes?: true;
}

const LIST = Object.entries(SCENARIOS).map(([name, { about }]) => `  ${name.padEnd(15)} ${about}`);

/** `payme-kit trigger <scenario>`: plays one story of Payme against any endpoint, in any language. */
export function triggerCommand(program: Command, io: CliIo, end: (code: ExitCode) => void): void {
  program
    .command("trigger <scenario>")
    .description("play one story of Payme with one order against a Merchant API endpoint, call by call")
    .requiredOption("--to <url>", "the endpoint")
    .option("--account <field=value>", "the unpaid order's account field; repeat it for more", collect, [])
    .requiredOption("--amount <tiyin>", "its amount, in tiyin (1 som = 100 tiyin)")
    .option("--key-stdin", "read the key from standard input, not from PAYME_KEY")
    .option("--json", "print one JSON document: {scenario, isExpected, calls}")
    .option("--yes", "call this address, though it is not on this machine")
    .addHelpText(
      "after",
      `\nScenarios:\n${LIST.join("\n")}\n\n` +
        "Examples:\n" +
        "  payme-kit trigger paid --to http://localhost:3000/payme --account order_id=197 --amount 5000000\n" +
        "  payme-kit trigger lost-answer --to http://localhost:3000/payme --account order_id=198 --amount 5000000 --json\n\n" +
        "Exit code 0: each answer is what Payme expects. 1: one is not. 2: could not run.",
    )
    .action(async (scenario: string, flags: Flags) => end(await run(scenario, flags, io)));
}

async function run(scenario: string, flags: Flags, io: CliIo): Promise<ExitCode> {
  if (!isScenario(scenario)) {
    throw new UsageError(`there is no scenario ${scenario}; there are ${Object.keys(SCENARIOS).join(", ")}`);
  }
  const url = endpointOf(flags.to);
  const order = { account: accountOf(flags.account), amount: amountOf(flags.amount) };
  if (flags.account.length === 0) throw new UsageError("no order: give --account field=value");
  const key = await secretOf({ variable: "PAYME_KEY", keyStdin: flags.keyStdin }, io);
  requireYes(url, flags.yes);
  const isJson = flags.json === true;
  const say = isJson ? io.err : io.out;
  say(`${scenario}: ${SCENARIOS[scenario].about}`);
  say(`Calls ${url.href} as Payme does, and changes the order. Do not use a real one.\n`);
  const onCall = isJson ? undefined : (call: Parameters<typeof tellCall>[0]) => io.out(`${tellCall(call)}\n`);
  const result = await interruptible(io, (signal) => trigger({ scenario, api: url, key, order, onCall, signal }));
  if (isJson) io.out(JSON.stringify(result, null, 2));
  else if (result.isExpected) io.out("Each answer is what Payme expects.");
  else io.out("The last answer is not what Payme expects: the story ends. A transaction that was open is cancelled.");
  return result.isExpected ? ExitCode.OK : ExitCode.FOUND;
}
