import { readFile } from "node:fs/promises";
import { type CliIo, UsageError } from "./io";

/** Where a text comes from. */
export interface TextSource {
  readonly argument?: string | undefined;
  /** A path; `-` is standard input. */
  readonly file?: string | undefined;
  /** Standard input is taken by the key. */
  readonly keyStdin?: true | undefined;
}

/**
 * A text given as an argument, in a file or on standard input; undefined where neither an argument nor a file is given.
 *
 * @throws UsageError when both are given, the file cannot be read, or standard input is wanted twice.
 */
export async function textOf({ argument, file, keyStdin }: TextSource, io: CliIo): Promise<string | undefined> {
  if (argument !== undefined && file !== undefined) throw new UsageError("give the JSON or --file, one of them");
  if (file === undefined) return argument;
  if (file === "-") {
    if (keyStdin === true) throw new UsageError("standard input cannot be both the key and the JSON");
    return io.readStdin();
  }
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`--file ${file}: cannot be read (${error.code ?? error.message})`);
  });
}
