import { readFile } from "node:fs/promises";
import { isLoopback } from "../../kit/loopback";
import { isTiyin, type Tiyin } from "../../kit/money";
import { codeOf } from "./code-of";
import { type CliIo, UsageError } from "./io";

/**
 * Reads a secret from the environment or from standard input. Never from an argument: the list of processes and the history
 * of the shell show arguments.
 *
 * @throws UsageError when there is no secret.
 */
export async function secretOf(
  { variables = [], keyStdin }: { variables?: readonly string[]; keyStdin: true | undefined },
  io: CliIo,
): Promise<string> {
  // Only the line end is not part of the key.
  const secret =
    keyStdin === true
      ? (await io.readStdin()).replace(/\r?\n$/, "")
      : variables.map((name) => io.env[name]).find(Boolean);
  if (secret !== undefined && secret !== "") return secret;
  throw new UsageError(
    keyStdin === true
      ? "no key on standard input"
      : `no key: set ${variables[0]}, or give --key-stdin. Other users of this machine can read an argument`,
  );
}

/** The key of a Merchant API endpoint: as these commands call it, and as a shop calls it. */
export const ENDPOINT_KEYS = ["PAYME_KEY", "PAYME_MERCHANT_KEY"] as const;

/** The source of a text. */
export interface TextSource {
  readonly argument?: string | undefined;
  /** A path; `-` is standard input. */
  readonly file?: string | undefined;
  /** Standard input holds the key. */
  readonly keyStdin?: true | undefined;
}

/**
 * Reads a text from an argument, a file or standard input. Returns undefined without an argument and a file.
 *
 * @throws UsageError for both at once, a file that cannot be read, or two uses of standard input.
 */
export async function textOf({ argument, file, keyStdin }: TextSource, io: CliIo): Promise<string | undefined> {
  if (argument !== undefined && file !== undefined) throw new UsageError("give the JSON or --file, one of them");
  if (file === undefined) return argument;
  if (file === "-") {
    if (keyStdin === true) throw new UsageError("standard input cannot be both the key and the JSON");
    return io.readStdin();
  }
  return readFile(file, "utf8").catch((error: unknown) => {
    throw new UsageError(`--file ${file}: cannot read it (${codeOf(error)})`);
  });
}

/** Returns the address. @throws UsageError unless it begins with http:// or https://. */
export function httpAddress(flag: string, text: string): string {
  if (/^https?:\/\/\S+$/i.test(text) && URL.canParse(text)) return text;
  throw new UsageError(`${flag} ${text}: not an http(s) address`);
}

/** Returns the address of an endpoint. @throws UsageError unless it is one of http or https. */
export function endpointOf(text: string): URL {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text);
  throw new UsageError(`${text} is not an address: give one with http:// or https://`);
}

/** @throws UsageError for an address that is not this machine's, without `--yes`. */
export function requireYes({ host, hostname }: URL, yes: true | undefined): void {
  if (yes === true || isLoopback(hostname)) return;
  throw new UsageError(`${host} is not this machine; allow these calls with --yes`);
}

/** Reads `--amount`. @throws UsageError unless it is a whole number of tiyin. */
export function amountOf(text: string): Tiyin {
  const amount = Number(text);
  if (/^[1-9]\d*$/.test(text) && isTiyin(amount)) return amount;
  throw new UsageError(`--amount ${text}: must be a whole number of tiyin, 1 or more`);
}

/** Gathers the values of a flag that may be repeated. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

/** Reads `--account field=value`, each. @throws UsageError */
export function accountOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text): [string, string] => {
      const [, name, value] = /^([^=]+)=(.*)$/su.exec(text) ?? [];
      if (name === undefined || value === undefined) throw new UsageError(`--account ${text}: write field=value`);
      return [name, value];
    }),
  );
}

/** Reads a whole number. @throws UsageError for any other text. */
export function wholeNumber(flag: string, text: string, max: number = Number.MAX_SAFE_INTEGER): number {
  if (/^\d+$/.test(text) && Number(text) <= max) return Number(text);
  throw new UsageError(`${flag} ${text}: must be a whole number up to ${max}`);
}
