import type { Sleep } from "../kit/clock";
import type { Logger } from "../kit/logger";
import { waitFor } from "../kit/wait-for";
import { stackOf } from "../ledger";

/** Options of {@link createDeliveryLoop}. */
interface DeliveryLoopOptions {
  /** Begins what is due, at most `limit`: a promise for each, which ends with it. */
  readonly begin: (limit: number) => Promise<readonly Promise<unknown>[]>;
  /** How many may be in hand at a time. */
  readonly size: number;
  readonly pollMs: number;
  readonly sleep: Sleep;
  readonly logger: Logger;
}

/** After errors the loop waits longer and longer, up to this many times `pollMs`. */
const MAX_PATIENCE = 60;

/** Works in one loop at a time. Work that hangs keeps only its own place: after `pollMs` the loop fills the free places. */
export function createDeliveryLoop({ begin, size, pollMs, sleep, logger }: DeliveryLoopOptions) {
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
        logFailure(error);
      }
      const patience = Math.min(2 ** failures, MAX_PATIENCE);
      // Taking is a write, so a whole batch is awaited. Where nothing was due, one end may free the next of its subject.
      // After a failure, only time ends the wait.
      const until = batch.length > 0 ? Promise.all(batch) : Promise.race(inHand);
      await waitFor(failures === 0 ? until : new Promise(() => {}), pollMs * patience, sleep, signal);
    }
    await Promise.all(inHand);
  }

  function hold(work: Promise<unknown>, inHand: Set<Promise<void>>): Promise<void> {
    const held = work.then(() => {}, logFailure).finally(() => inHand.delete(held));
    inHand.add(held);
    return held;
  }

  function logFailure(error: unknown): void {
    logger.error("the outbox could not work; it goes on later", { stack: stackOf(error) });
  }

  return {
    start(): void {
      if (running !== undefined) return;
      const stop = new AbortController();
      running = { stop, loop: loop(stop.signal) };
    },
    /** Resolves when the loop has ended and all work in hand is done. */
    async stop(): Promise<void> {
      const ending = running;
      ending?.stop.abort();
      await ending?.loop;
      if (running === ending) running = undefined;
    },
  };
}
