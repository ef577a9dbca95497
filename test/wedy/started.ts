import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
/** How long a start may take on a busy machine. */
const START_MS = 25_000;

/** The server in a process of its own, as `npm start` runs it. */
export interface Started {
  readonly url: string;
  readonly process: ChildProcess;
  /** All that it has printed so far. */
  output(): string;
  /** Sends a signal and gives the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "wedy-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A port that was free just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Starts the server in `folder` and waits until it takes requests. */
export async function start(
  folder: string,
  env: Readonly<Record<string, string>> = {},
  options: RunOptions = {},
): Promise<Started> {
  const port = env.PORT ?? String(await freePort());
  const child = run(folder, { PORT: port, MOCK_PORT: String(await freePort()), ...env }, options);
  const { output } = child;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not started: ${output()}`)), START_MS);
    child.process.stdout?.on("data", () => {
      if (!output().includes("Ctrl-C stops it.")) return;
      clearTimeout(timer);
      resolve();
    });
    child.process.once("exit", (code) => reject(new Error(`ended with ${code}: ${output()}`)));
  });
  return { ...child, url: `http://localhost:${port}` };
}

/** Starts the server where it is to fail; gives what it printed and its exit code. */
export async function startInVain(folder: string, env: Readonly<Record<string, string>>) {
  const child = run(folder, env);
  const [code] = await once(child.process, "close");
  return { code, output: child.output() };
}

interface RunOptions {
  /** As npm does it: a shell in between, which passes no signal on. */
  readonly underShell?: boolean;
}

function run(folder: string, env: Readonly<Record<string, string>>, { underShell = false }: RunOptions = {}) {
  const command = [process.execPath, "--import", import.meta.resolve("tsx"), root("examples/express-wedy/src/main.ts")];
  const [program = "", ...parameters] = underShell ? ["sh", "-c", '"$@"; true', "sh", ...command] : command;
  const child = spawn(program, parameters, {
    cwd: folder,
    // Nothing of this machine's own settings; payme-kit by name is the source, as in all tests.
    env: { PATH: process.env.PATH, npm_lifecycle_event: "start", TSX_TSCONFIG_PATH: root("tsconfig.json"), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      text += String(chunk);
    });
  }
  onTestFinished(() => void child.kill("SIGKILL"));
  return {
    process: child,
    output: () => text,
    async stop(signal: NodeJS.Signals = "SIGTERM") {
      const ended = once(child, "exit");
      child.kill(signal);
      const [code] = await ended;
      return code;
    },
  };
}

/** A token that demo mode printed. */
export function printedToken(output: string, whose: "User" | "Admin"): string {
  const token = new RegExp(`${whose} token [^\\n]*\\n\\n(\\S+)`).exec(output)?.[1];
  if (token === undefined) throw new Error(`no ${whose} token in: ${output}`);
  return token;
}
