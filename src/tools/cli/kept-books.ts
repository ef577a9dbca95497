import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import * as z from "zod";
import { codeOf } from "./code-of";
import { UsageError } from "./io";

/** What `payme-kit mock --keep` keeps: keys and books, so that a shop's settings and receipts outlive the run. */
export interface KeptBooks {
  /** By cashbox. */
  readonly keys: Readonly<Record<string, string>>;
  /** What `mock.snapshot()` gave. */
  readonly books: unknown;
}

const schema = z.object({
  keptBy: z.literal("payme-kit mock"),
  keys: z.record(z.string(), z.string()),
  books: z.unknown(),
});

/** The kept books; undefined where there is no such file yet. @throws UsageError for a file that cannot be read, or is another one. */
export function readKeptBooks(file: string): KeptBooks | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw new UsageError(`--keep ${file}: cannot be read (${codeOf(error)})`);
  }
  const parsed = schema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new UsageError(`--keep ${file}: is not a file of payme-kit mock; give another name, and it is made anew`);
}

/** Writes them beside the file and then in its place: a crash leaves the old or the new one. Only its owner can read it. @throws UsageError */
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
    throw new UsageError(`--keep ${file}: cannot be written (${codeOf(error)})`);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
