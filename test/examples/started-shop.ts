import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** Payme's key in the examples' environment. */
export const KEY = "the-key-of-an-example-0123456789abcd";

/** A process of the example's shop, on a port that stays. */
export interface ExampleShop {
  readonly url: string;
  /** Ends the process at once, as a power cut does. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Starts a shop's source on an SQLite file that others may share, exactly as its `npm start` does. */
export async function startExample(source: string, file: string): Promise<ExampleShop> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  async function start() {
    const env = {
      ...process.env,
      PORT: String(port),
      SHOP_FILE: file,
      PAYME_MERCHANT_ID: "shop",
      PAYME_MERCHANT_KEY: KEY,
    };
    const started = spawn(process.execPath, ["--import", "tsx", source], {
      cwd: root,
      env,
      stdio: ["ignore", "pipe", "ignore"],
    });
    child = started;
    const ended = once(started, "exit").then(([code]) => {
      throw new Error(`the shop ended with ${code} before it listened`);
    });
    await Promise.race([once(started.stdout, "data"), ended]);
    ended.catch(() => {});
  }
  async function kill() {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }
  await start();
  return { url: `http://127.0.0.1:${port}`, start, kill };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("no port is free");
  return address.port;
}
