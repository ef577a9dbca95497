import { setTimeout } from "node:timers/promises";
import type { Logger, MerchantApi, Mode } from "payme-kit";
import type { Tariffs } from "payme-kit/tariffs";

const EVERY_MS = 60_000;
/** How long stopping waits for a run; one that is cut off loses nothing, and is made good by the next. */
const PATIENCE_MS = 5_000;

/** What has something to do every minute. */
export interface LoopWork {
  readonly tariffs: Tariffs;
  readonly merchant: Pick<MerchantApi, "sweep">;
  readonly mode: Mode;
}

/**
 * Once a minute: asks Payme about payments whose end is not known, frees what Merchant transactions held for 12 hours, and
 * brings users' tariffs up to date.
 */
export function startLoop(work: LoopWork, logger: Logger, everyMs = EVERY_MS): { stop(): Promise<void> } {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    // A run that takes longer than its minute is not joined by another.
    running ??= runOnce(work, logger).finally(() => {
      running = undefined;
    });
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await Promise.race([running, setTimeout(PATIENCE_MS, undefined, { ref: false })]);
    },
  };
}

async function runOnce({ tariffs, merchant, mode }: LoopWork, logger: Logger): Promise<void> {
  try {
    const report = await tariffs.payments.reconcile({ limit: 100 });
    await merchant.sweep({ limit: 100, mode });
    await tariffs.sweep({ limit: 100 });
    if (report.checked > 0) logger.info("reconciled", { ...report });
  } catch (error) {
    logger.error("the minute's work failed; it is tried again", {
      stack: error instanceof Error ? error.stack : String(error),
    });
  }
}
