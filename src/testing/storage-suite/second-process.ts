import type { Storage } from "../../ledger";
import { StorageSuiteFailure } from "./check";
import { isRaceName, type ProcessRaceName, runRace } from "./process-races";

/** A process that was forked with a channel for messages: what `fork` of `node:child_process` returns. */
export interface SuiteProcess {
  send(message: string): unknown;
  on(event: string, listener: (value: unknown) => void): unknown;
  off(event: string, listener: (value: unknown) => void): unknown;
  kill(): unknown;
}

/**
 * The other end of the suite's races between processes. Call it in a script of its own, with a storage over the data that
 * the suite works on; `create().process` forks that script.
 *
 * @example
 * // storage-worker.ts, forked by: process: () => fork(new URL("./storage-worker.ts", import.meta.url), [file])
 * import { sqliteStorage } from "payme-kit/sqlite";
 * import { serveStorageSuite } from "payme-kit/testing";
 *
 * serveStorageSuite(sqliteStorage({ file: process.argv[2] ?? "" }));
 */
export function serveStorageSuite<Tx>(storage: Storage<Tx>): void {
  const answer = (message: unknown) => process.send?.(message);
  if (process.send === undefined) {
    throw new StorageSuiteFailure("how the script with serveStorageSuite was started", "by itself", "by fork()");
  }
  process.on("message", (race: unknown) => {
    if (!isRaceName(race)) return;
    runRace(storage, race, "child").then(
      (outcomes) => answer({ outcomes }),
      (error: unknown) => answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  process.once("disconnect", () => void storage.close());
  answer({ ready: true });
}

/** A second process that is ready to race. */
export interface Opponent {
  /** Has it make its calls of a race; how each ended. */
  race(name: ProcessRaceName): Promise<string[]>;
  end(): void;
}

/** Waits until the forked process has opened its storage. */
export async function readyOpponent(child: SuiteProcess): Promise<Opponent> {
  await nextMessage(child);
  return {
    async race(name) {
      const answered = nextMessage(child);
      child.send(name);
      const message = await answered;
      const outcomes: unknown = Reflect.get(message, "outcomes");
      if (Array.isArray(outcomes)) return outcomes.map(String);
      throw new StorageSuiteFailure("what the second process met", Reflect.get(message, "error"), "no error");
    },
    end: () => void child.kill(),
  };
}

/** The next message; a failure where the process ends without one. */
function nextMessage(child: SuiteProcess): Promise<object> {
  return new Promise((resolve, reject) => {
    const done = () => {
      child.off("message", onMessage);
      child.off("exit", onExit);
    };
    const onMessage = (message: unknown) => {
      done();
      resolve(typeof message === "object" && message !== null ? message : {});
    };
    const onExit = (code: unknown) => {
      done();
      reject(
        new StorageSuiteFailure(
          "how the second process ended",
          `with code ${String(code)} and no answer (its own output says why)`,
          "an answer: call serveStorageSuite(storage) in the script that create().process forks",
        ),
      );
    };
    child.on("message", onMessage);
    child.on("exit", onExit);
  });
}
