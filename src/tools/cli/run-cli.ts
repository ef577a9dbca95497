/*!
 * Contains commander (https://github.com/tj/commander.js). MIT License.
 * Copyright (c) 2011 TJ Holowaychuk <tj@vision-media.ca>
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
 * files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
 * modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
 * Software is furnished to do so, subject to the following conditions: The above copyright notice and this permission notice
 * shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY
 * OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR
 * PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
 * LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR
 * THE USE OR OTHER DEALINGS IN THE SOFTWARE.
 */
import { Command, CommanderError } from "commander";
import { version } from "../../../package.json";
import { COMMANDS } from "./commands";
import { environmentOf } from "./env-file";
import { type CliIo, ExitCode, UsageError } from "./io";
import { complain, paint } from "./paint";

/** Runs a command line (without `node` and the script) and returns its exit code. Never throws. */
export async function runCli(args: readonly string[], given: CliIo): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.OK;
  let { env } = given;
  let hasPrinted = false;
  let complaint: string | undefined;
  const io: CliIo = {
    ...given,
    get env() {
      return env;
    },
    out(line) {
      hasPrinted = true;
      given.out(line);
    },
  };
  const program = programOf(io, (text) => {
    complaint = text;
  });
  const entries = new Map(
    COMMANDS.map((entry) => [program.command(entry.usage).description(entry.about), entry] as const),
  );
  program.hook("preSubcommand", async (_program, command) => {
    const { load, readsSettings = false } = entries.get(command) ?? {};
    const add = await load?.();
    add?.(command, io, (code) => {
      exitCode = code;
    });
    if (readsSettings) command.option("--env-file <path>", "the file of settings (default: .env, where there is one)");
    // Those whose document has more to say about have the option already.
    if (!command.options.some(({ long }) => long === "--json")) command.option("--json", "print one JSON document");
  });
  program.hook("preAction", async (_program, command) => {
    if (entries.get(command)?.readsSettings) {
      env = await environmentOf(command.opts<{ envFile?: string }>().envFile, given);
    }
  });
  /** What could not run says so in the form in which its result was asked for. */
  const fail = (message: string) => {
    complain(io, message);
    if (isJson(args) && !hasPrinted) io.out(JSON.stringify({ error: message }, null, 2));
    return ExitCode.UNUSABLE;
  };
  try {
    // commander prints the help of a command as it is before it is loaded.
    const [first, second, ...rest] = args;
    const isHelp = first === "help" && second !== undefined;
    await program.parseAsync(isHelp ? [second, "--help", ...rest] : args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof UsageError) return fail(error.message);
    if (!(error instanceof CommanderError)) return fail(`a fault of payme-kit: ${stackOf(error)}`);
    if (error.exitCode === 0) return ExitCode.OK;
    return complaint === undefined ? ExitCode.UNUSABLE : fail(complaint);
  }
}

function programOf(io: CliIo, onError: (text: string) => void): Command {
  return new Command("payme-kit")
    .description("Payments through Payme (Paycom): tools that need no code of your shop.")
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
      outputError: (text) => onError(text.replace(/^error: /, "").trimEnd()),
      getOutHasColors: () => io.hasColours.out,
      getErrHasColors: () => io.hasColours.err,
    })
    .configureHelp({ styleTitle: (title) => paint({ ...io, hasColours: BOTH }, "out", "bold", title) })
    .addHelpText("after", "\nExit code 0: done. 1: it found something wrong, or Payme refused. 2: it could not run.");
}

// commander takes the colours out again where the stream shows none.
const BOTH = { out: true, err: true };

function isJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? args.length : end).includes("--json");
}

const stackOf = (error: unknown) => (error instanceof Error && error.stack !== undefined ? error.stack : String(error));
