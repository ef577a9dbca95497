import type { Sleep } from "../kit/clock";
import type { Logger } from "../kit/logger";
import { stackOf } from "../ledger";

/** What a worker does, and how. */
interface WorkerOptions {
  /** Begins what is due, so many at most: a promise for each, which is done when that is. */
  readonly begin: (limit: number) => Promise<readonly Promise<unknown>[]>;
  /** How many may be in hand at a time. */
  readonly size: number;
  readonly pollMs: number;
  readonly sleep: Sleep;
  readonly logger: Logger;
}

/** After errors it waits longer and longer, up to so many times as long. */
const MAX_PATIENCE = 60;
/** A race without runners is never won. */
const NOTHING: readonly Promise<void>[] = [];

/**
 * Something done again and again, by one loop at a time. What hangs keeps its own place and nothing else: after `pollMs` the
 * loop goes on with the places that are free.
 */
export function createWorker({ begin, size, pollMs, sleep, logger }: WorkerOptions) {
  let running: { readonly loop: Promise<void>; readonly stop: AbortController } | undefined;

  async function loop(signal: AbortSignal): Promise<void> {
    const inHand = new Set<Promise<void>>();
    for (let failures = 0; !signal.aborted; ) {
      let batch: readonly Promise<void>[] = [];
      try {
        if (inHand.size < size) batch = (await begin(size - inHand.size)).map((work) => hold(work, inHand));
        failures = 0;
      } catch (error) {
        failures += 1;
        tell(error);
      }
      const patience = Math.min(2 ** failures, MAX_PATIENCE);
      // A whole batch, since taking is a write; where nothing was due, what is done may let the next of its subject go.
      const until = batch.length > 0 ? Promise.all(batch) : Promise.race(inHand);
      await waitFor(failures === 0 ? until : Promise.race(NOTHING), pollMs * patience, signal);
    }
    await Promise.all(inHand);
  }

  function hold(work: Promise<unknown>, inHand: Set<Promise<void>>): Promise<void> {
    const held = work.then(() => {}, tell).finally(() => inHand.delete(held));
    inHand.add(held);
    return held;
  }

  function tell(error: unknown): void {
    logger.error("the outbox could not work; it goes on later", { stack: stackOf(error) });
  }

  /** Until something is done, or for so long, or until it is stopped. */
  async function waitFor(done: Promise<unknown>, ms: number, stop: AbortSignal): Promise<void> {
    const over = new AbortController();
    const end = () => over.abort();
    stop.addEventListener("abort", end, { once: true });
    if (stop.aborted) end();
    // An aborted wait is no error: the loop's condition ends it.
    await Promise.race([done, sleep(ms, over.signal).catch(() => {})]);
    stop.removeEventListener("abort", end);
    end();
  }

  return {
    start(): void {
      if (running !== undefined) return;
      const stop = new AbortController();
      running = { stop, loop: loop(stop.signal) };
    },
    /** Resolves when the loop has ended, and nothing is in hand. */
    async stop(): Promise<void> {
      const ending = running;
      ending?.stop.abort();
      await ending?.loop;
      if (running === ending) running = undefined;
    },
  };
}
