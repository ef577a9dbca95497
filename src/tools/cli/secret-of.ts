import { type CliIo, UsageError } from "./io";

/**
 * A secret, from the environment or from standard input: never from an argument, which the list of processes and the
 * shell's history show.
 *
 * @throws UsageError when there is none.
 */
export async function secretOf(
  { variable, keyStdin }: { variable: string; keyStdin: true | undefined },
  io: CliIo,
): Promise<string> {
  // A line's end is not of the key; all else may be.
  const secret = keyStdin === true ? (await io.readStdin()).replace(/\r?\n$/, "") : io.env[variable];
  if (secret !== undefined && secret !== "") return secret;
  throw new UsageError(
    keyStdin === true
      ? "no key on standard input"
      : `no key: set ${variable}, or give --key-stdin. Never as an argument: others see those`,
  );
}
