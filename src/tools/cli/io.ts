import { createInterface } from "node:readline/promises";
import { isPaymeError } from "../../kit/errors";

/** The input and output of a command. Tests give their own. */
export interface CliIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working folder. */
  readonly cwd: string;
  /** Whether a stream is a terminal that wants colours. */
  readonly hasColours: Readonly<Record<"out" | "err", boolean>>;
  /** Writes a line of the result. */
  out(line: string): void;
  /** Writes a line about the result: a hint or an error. */
  err(line: string): void;
  /** Reads all of standard input. */
  readStdin(): Promise<string>;
  /** Asks the person in front of the terminal; undefined where there is none. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** Calls `stop` once, on Ctrl-C or SIGTERM. Returns a function that undoes this. */
  onInterrupt(stop: () => void): () => void;
}

/** The exit code of a command. */
export const ExitCode = {
  OK: 0,
  /** The command ran and found something wrong. */
  FOUND: 1,
  /** The command could not run. */
  UNUSABLE: 2,
  /** The command sent a change and does not know its outcome. A second run may make the change twice. */
  UNKNOWN: 3,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The user must correct the command line or its environment. Printed as a sentence, without a stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Runs work and turns the errors that the user can correct into a {@link UsageError} with their hint. */
export function asUsage<R>(work: () => R): R {
  try {
    return work();
  } catch (error) {
    if (isPaymeError(error)) throw new UsageError([error.message, error.hint].filter(Boolean).join("\n"));
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** True for a terminal, unless NO_COLOR holds any text (https://no-color.org). */
export function showsColours({ isTTY }: { isTTY?: boolean }, { NO_COLOR }: CliIo["env"]): boolean {
  return isTTY === true && !NO_COLOR;
}

/** The input and output of this process. */
export const processIo: CliIo = {
  env: process.env,
  cwd: process.cwd(),
  hasColours: { out: showsColours(process.stdout, process.env), err: showsColours(process.stderr, process.env) },
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  async readStdin() {
    const chunks: Uint8Array[] = [];
    for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString("utf8");
  },
  ask: process.stdin.isTTY === true ? askTerminal : undefined,
  onInterrupt(stop) {
    // Once: a second Ctrl-C ends the process, as it always does.
    for (const signal of SIGNALS) process.once(signal, stop);
    return () => {
      for (const signal of SIGNALS) process.off(signal, stop);
    };
  },
};

/** The question goes to standard error: standard output is the result. */
async function askTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}
