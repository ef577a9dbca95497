import { Command, CommanderError } from "commander";
import { certifyCommand } from "./certify";
import { type CliIo, ExitCode, UsageError } from "./io";

/** Adds a command; what it resolves with is the process's exit code. */
export type AddCommand = (program: Command, io: CliIo, end: (code: ExitCode) => void) => void;

/** A line a command. */
const commands: readonly AddCommand[] = [certifyCommand];

/** Runs a command line (without `node` and the script) and says how it ended. Never throws for what a user can do. */
export async function runCli(args: readonly string[], io: CliIo): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.OK;
  const program = new Command("payme-kit")
    .description("Payments through Payme (Paycom): what needs no code of your shop.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
    });
  for (const add of commands) {
    add(program, io, (code) => {
      exitCode = code;
    });
  }
  for (const command of program.commands) command.copyInheritedSettings(program);
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.OK : ExitCode.UNUSABLE;
    if (!(error instanceof UsageError)) throw error;
    io.err(`payme-kit: ${error.message}`);
    return ExitCode.UNUSABLE;
  }
}
