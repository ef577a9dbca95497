import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A server in a process of its own. */
export interface Worker {
  /** Without the path: it has `/payme/webhook` and `/payme/merchant`. */
  readonly url: string;
  /** Payme ids of payments whose transaction has begun, in order. */
  readonly begun: string[];
  /** Payme ids that it has answered with the guide's ok. */
  readonly answered: Set<string>;
  /** Resolves when the next transaction begins. */
  nextBegun(): Promise<void>;
  /** `kill -9`; resolves when everything that it wrote has been read. */
  kill(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;

/** The mistakes of worker.mjs. */
export type Mistake = "two-commits" | "weak-commit";

export async function startWorker(address: string, secret: string, mistake: Mistake | undefined): Promise<Worker> {
  const args = [join(import.meta.dirname, "worker.mjs"), address, secret, ...(mistake === undefined ? [] : [mistake])];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  const begun: string[] = [];
  const waiting: (() => void)[] = [];
  const port = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the worker did not start")), START_TIMEOUT_MS);
    closed.then(() => reject(new Error("the worker ended before it was ready")));
    createInterface(child.stdout).on("line", (line) => {
      const [word, rest = ""] = line.split(" ");
      if (word === "begun") {
        begun.push(rest);
        for (const tell of waiting.splice(0)) tell();
      }
      if (word !== "ready") return;
      clearTimeout(timer);
      resolve(rest);
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    begun,
    answered: new Set(),
    nextBegun: () => new Promise((resolve) => void waiting.push(resolve)),
    async kill() {
      child.kill("SIGKILL");
      await closed;
    },
  };
}
