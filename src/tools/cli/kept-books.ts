import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import * as z from "zod";
import { codeOf } from "./code-of";
import { UsageError } from "./io";

/** The file of `payme-kit mock --keep`: keys and books. A shop's settings and receipts stay valid in the next run. */
export interface KeptBooks {
  /** By cashbox. */
  readonly keys: Readonly<Record<string, string>>;
  /** The result of `mock.snapshot()`. */
  readonly books: unknown;
}

const schema = z.object({
  keptBy: z.literal("payme-kit mock"),
  keys: z.record(z.string(), z.string()),
  books: z.unknown(),
});

/** Reads the books; undefined without a file. @throws UsageError when the file is not readable or not a file of the mock. */
export function readKeptBooks(file: string): KeptBooks | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw new UsageError(`--keep ${file}: cannot read it (${codeOf(error)})`);
  }
  const parsed = schema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new UsageError(`--keep ${file}: is not a file of payme-kit mock; give the name of a new file`);
}

/** Replaces the file at once: a crash leaves the old or the new file. Only the owner can read it. @throws UsageError */
export function writeKeptBooks(file: string, { keys, books }: KeptBooks): void {
  const draft = `${file}.${process.pid}.new`;
  try {
    const descriptor = openSync(draft, "w", 0o600);
    try {
      writeSync(descriptor, JSON.stringify({ keptBy: "payme-kit mock", keys, books }));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new UsageError(`--keep ${file}: cannot write it (${codeOf(error)})`);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
