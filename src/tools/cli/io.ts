/** What a command reads and writes; given from outside, so that a test can stand in. */
export interface CliIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes a line of what was asked for. */
  out(line: string): void;
  /** Writes a line about it: hints, errors. */
  err(line: string): void;
  /** Everything that comes in. */
  readStdin(): Promise<string>;
  /** Calls back when somebody interrupts the command (Ctrl-C, or SIGTERM), once; gives what takes that back. */
  onInterrupt(stop: () => void): () => void;
}

/** How a command ends. */
export const ExitCode = {
  OK: 0,
  /** It ran, and found something wrong. */
  FOUND: 1,
  /** It could not run. */
  UNUSABLE: 2,
  /** It sent a change and does not know whether it was made: running it again may make it twice. */
  UNKNOWN: 3,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** A command cannot run as it was asked to: told in one sentence, without a stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** The process's own. */
export const processIo: CliIo = {
  env: process.env,
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  async readStdin() {
    const chunks: Uint8Array[] = [];
    for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString("utf8");
  },
  onInterrupt(stop) {
    // Once: a second Ctrl-C ends the process, as it always does.
    for (const signal of SIGNALS) process.once(signal, stop);
    return () => {
      for (const signal of SIGNALS) process.off(signal, stop);
    };
  },
};
