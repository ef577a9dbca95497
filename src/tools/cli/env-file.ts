import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { codeOf } from "./code-of";
import { type CliIo, UsageError } from "./io";

/**
 * The environment as the application has it: what is set already wins over the file, as with `process.loadEnvFile` and dotenv.
 * Without a path it is `.env` of the working folder, where there is one.
 *
 * @throws UsageError for a file that cannot be read.
 */
export async function environmentOf(path: string | undefined, { env, cwd }: CliIo): Promise<CliIo["env"]> {
  try {
    return { ...parseEnv(await readFile(resolve(cwd, path ?? ".env"), "utf8")), ...env };
  } catch (error) {
    // A folder of this name is a virtual environment of Python's.
    if (path === undefined && ["ENOENT", "EISDIR"].includes(codeOf(error))) return env;
    throw new UsageError(`--env-file ${path ?? ".env"}: cannot read it (${codeOf(error)})`);
  }
}
