import { join } from "node:path";
import type { CliIo } from "../../src/tools/cli/io";
import { runCli } from "../../src/tools/cli/run-cli";
import { serve } from "../../src/tools/mock-server/server";
import { createEndpoint, KEY, type Rules } from "../faulty/endpoints/reference";

/** An input and output that nothing is read from, and nobody looks at. */
export const SILENT: CliIo = {
  env: {},
  // No folder of ours has a file of settings, but somebody's could.
  cwd: join(import.meta.dirname, "no-such-folder"),
  hasColours: { out: false, err: false },
  ask: undefined,
  out() {},
  err() {},
  readStdin: async () => "",
  onInterrupt: () => () => {},
};

/** Runs a command line, and tells how it ended and what it wrote. */
export async function cli(
  args: readonly string[],
  { stdin, interruptAt, ...given }: Partial<CliIo> & { stdin?: string; interruptAt?: string } = {},
) {
  const [out, err]: [string[], string[]] = [[], []];
  let interrupt: (() => void) | undefined;
  let isDue = false;
  const code = await runCli(args, {
    ...SILENT,
    env: { PAYME_KEY: KEY },
    ...given,
    out(line) {
      out.push(line);
      if (interruptAt === undefined || !line.includes(interruptAt)) return;
      isDue = true;
      interrupt?.();
    },
    err: (line) => void err.push(line),
    readStdin: async () => stdin ?? "",
    onInterrupt(stop) {
      interrupt = stop;
      if (isDue) stop();
      return () => {};
    },
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

/**
 * The reference endpoint over HTTP, right or with a mistake, and how often it was called. It creates old transactions, which is
 * a warning: nobody waits for one to become old.
 */
export async function served(mistake: Partial<Rules> = {}) {
  const endpoint = createEndpoint({ takesOldOnes: true, ...mistake });
  let calls = 0;
  const server = await serve((request) => {
    calls += 1;
    return endpoint.fetch(request);
  });
  return { ...server, calls: () => calls };
}
