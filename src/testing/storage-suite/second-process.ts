import type { Storage } from "../../ledger";
import { StorageSuiteFailure } from "./check";
import { isRaceName, type ProcessRaceName, runRace } from "./process-races";

/** A forked process with a channel for messages, as `fork` of `node:child_process` returns it. */
export interface SuiteProcess {
  send(message: string): unknown;
  on(event: string, listener: (value: unknown) => void): unknown;
  off(event: string, listener: (value: unknown) => void): unknown;
  kill(): unknown;
}

/**
 * Serves the suite's races in a second process. Call it in a separate script, with a storage on the data of the suite;
 * `create().process` forks that script.
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
    throw new StorageSuiteFailure("the start of the script with serveStorageSuite", "without fork()", "with fork()");
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
  /** Lets it make its calls of a race, and returns their outcomes. */
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
      throw new StorageSuiteFailure("the second process", Reflect.get(message, "error"), "no error");
    },
    end: () => void child.kill(),
  };
}

/** Returns the next message. Fails where the process ends without one. */
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
          "the end of the second process",
          `code ${String(code)} and no answer (see its output)`,
          "an answer: call serveStorageSuite(storage) in the script that create().process forks",
        ),
      );
    };
    child.on("message", onMessage);
    child.on("exit", onExit);
  });
}
