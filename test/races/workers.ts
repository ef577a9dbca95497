import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/**
 * Starts a worker script several times, waits until each says that it is ready, tells all to go at once, and brings what
 * each answers.
 */
export async function runWorkers(script: string, argumentsOf: readonly (readonly string[])[]): Promise<unknown[]> {
  const workers = argumentsOf.map((args) => fork(fileURLToPath(new URL(script, import.meta.url)), args, TSX));
  onTestFinished(() => workers.forEach((worker) => void worker.kill()));
  await Promise.all(workers.map(answerOf));
  const answers = workers.map(answerOf);
  for (const worker of workers) worker.send("go");
  return Promise.all(answers);
}

const TSX = { execArgv: ["--import", "tsx"] };

/** The worker's next message; an error where it ends without one. */
async function answerOf(worker: ChildProcess): Promise<unknown> {
  const ended = once(worker, "exit").then(([code]) => {
    throw new Error(`a worker ended with ${code} and no answer`);
  });
  const [message] = await Promise.race([once(worker, "message"), ended]);
  return message;
}
