import type { Sleep } from "../clock";
import { stackOf } from "../ledger";
import type { Logger } from "../logger";

/** What a worker does, and how. */
interface WorkerOptions {
  /** Does what is due; true where there was something, so that more may be waiting. */
  readonly runOnce: () => Promise<boolean>;
  readonly pollMs: number;
  readonly sleep: Sleep;
  readonly logger: Logger;
}

/** After errors it waits longer and longer, up to so many times as long. */
const MAX_PATIENCE = 60;

/** Something done again and again, by one loop at a time. */
export function createWorker({ runOnce, pollMs, sleep, logger }: WorkerOptions) {
  let running: { readonly loop: Promise<void>; readonly stop: AbortController } | undefined;

  async function loop(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      let isMoreWaiting = false;
      try {
        isMoreWaiting = await runOnce();
        failures = 0;
      } catch (error) {
        failures += 1;
        logger.error("the outbox could not work; it goes on later", { stack: stackOf(error) });
      }
      const patience = Math.min(2 ** failures, MAX_PATIENCE);
      // An aborted wait is no error: the loop's condition ends it.
      if (!isMoreWaiting) await sleep(pollMs * patience, signal).catch(() => {});
    }
  }

  return {
    start(): void {
      if (running !== undefined) return;
      const stop = new AbortController();
      running = { stop, loop: loop(stop.signal) };
    },
    /** Resolves when the loop has ended. */
    async stop(): Promise<void> {
      const ending = running;
      ending?.stop.abort();
      await ending?.loop;
      if (running === ending) running = undefined;
    },
  };
}
