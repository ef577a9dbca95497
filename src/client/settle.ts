import type { Clock, Sleep } from "../kit/clock";
import { PaymeAPIError, PaymeConnectionError, type PaymeError } from "../kit/errors";
import { type Asked, outcomeOfState } from "./charge-outcome";
import type { Receipts } from "./receipts";

/** What asking for a receipt's end works with. */
export interface Asking {
  readonly receipts: Pick<Receipts, "check">;
  readonly sleep: Sleep;
  readonly now: Clock;
}

/** How long to ask, and for what. */
export interface AskOptions {
  /** How long to go on asking, in ms. */
  readonly forMs: number;
  /** The first pause; each later one is half as long again, up to `longestPauseMs`. */
  readonly firstPauseMs?: number | undefined;
  readonly longestPauseMs?: number | undefined;
  /** True for an outcome that ends the asking. */
  readonly isEnd: (outcome: Asked) => boolean;
  readonly signal?: AbortSignal | undefined;
}

const PAUSE_GROWTH = 1.5;

/**
 * Asks `receipts.check`, with growing pauses, until the receipt has come to an end or the time is over. A Payme that is not
 * reached is asked again; one that refuses to tell is not.
 */
export async function ask({ receipts, sleep, now }: Asking, id: string, options: AskOptions): Promise<Asked> {
  const { forMs, firstPauseMs = 500, longestPauseMs = 15_000, isEnd, signal } = options;
  const end = now() + forMs;
  let pauseMs = firstPauseMs;
  let last: Asked = { status: "unknown", receiptId: id, state: null, error: null };
  for (;;) {
    try {
      last = outcomeOfState(id, (await receipts.check(id, { signal })).state);
    } catch (error) {
      if (!isPaymeFailure(error)) throw error;
      last = { status: "unknown", receiptId: id, state: null, error };
      if (error instanceof PaymeAPIError && error.reason !== "unavailable") return last;
    }
    const leftMs = end - now();
    if (isEnd(last) || leftMs <= 0) return last;
    await sleep(Math.min(pauseMs, leftMs), signal);
    pauseMs = Math.min(pauseMs * PAUSE_GROWTH, longestPauseMs);
  }
}

function isPaymeFailure(error: unknown): error is PaymeError {
  return error instanceof PaymeAPIError || error instanceof PaymeConnectionError;
}
