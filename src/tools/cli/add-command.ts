import type { Command } from "commander";
import type { CliIo, ExitCode } from "./io";

/** Adds a command's options, its texts of help and its action. */
export type AddCommand = (command: Command, io: CliIo, end: (code: ExitCode) => void) => void;
