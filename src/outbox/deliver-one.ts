import type { Clock, Sleep } from "../kit/clock";
import type { Logger } from "../kit/logger";
import { onAbort } from "../kit/on-abort";
import { type EventRow, type Scope, type Storage, stackOf } from "../ledger";
import { type DeliverMessage, messageOf } from "./message";

/** The checked options of `createOutbox`. */
export interface OutboxContext<Tx> {
  readonly storage: Storage<Tx>;
  readonly scope: Scope;
  readonly deliver: DeliverMessage;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly now: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly logger: Logger;
}

/** How an attempt ended in the books. */
export type Ended = "delivered" | "retried" | "parked" | "lost";

const FIRST_DELAY_MS = 5_000;
const LONGEST_DELAY_MS = 3_600_000;

/** Delivers a leased message, outside any transaction, and records how it ended. */
export async function deliverOne<Tx>(
  context: OutboxContext<Tx>,
  row: EventRow,
  token: string,
  stop: AbortSignal,
): Promise<Ended> {
  const { deliver, storage, scope, now, maxAttempts } = context;
  // A message that ends the process is never seen to fail: it must not come for ever.
  if (row.attempts > maxAttempts) return park(context, row, token);
  try {
    await within(context, stop, (signal) => deliver(messageOf(row), { signal }));
  } catch (error) {
    return notDelivered(context, row, token, error, stop.aborted);
  }
  const closed = await storage.closeEvent(scope, row.id, { result: "delivered", token, at: now() });
  return closed.outcome === "applied" ? "delivered" : "lost";
}

/**
 * Runs work that may hang, for `timeoutMs` at most. Its signal is aborted when the time is over or `stop` is; then this
 * rejects at once, whether the work heeds the signal or not.
 */
async function within<Tx>(
  { timeoutMs, sleep }: OutboxContext<Tx>,
  stop: AbortSignal,
  work: (signal: AbortSignal) => unknown,
): Promise<void> {
  const attempt = new AbortController();
  const done = new AbortController();
  const forget = onAbort(stop, () => attempt.abort(new DOMException("the outbox was stopped", "AbortError")));
  const aborted = new Promise<never>((_, reject) => {
    onAbort(attempt.signal, () => reject(attempt.signal.reason));
  });
  sleep(timeoutMs, done.signal).then(
    () => attempt.abort(new DOMException(`not delivered within ${timeoutMs} ms`, "TimeoutError")),
    () => {},
  );
  try {
    await Promise.race([aborted, (async () => work(attempt.signal))()]);
  } finally {
    done.abort();
    forget();
  }
}

async function notDelivered<Tx>(
  context: OutboxContext<Tx>,
  row: EventRow,
  token: string,
  error: unknown,
  isStopped: boolean,
): Promise<Ended> {
  const { storage, scope, now, random, logger, maxAttempts } = context;
  const { id, kind, attempts } = row;
  logger.warn("a message was not delivered", { id, kind, attempt: attempts, stack: stackOf(error) });
  if (attempts >= maxAttempts) return park(context, row, token);
  const at = now();
  // An attempt that we ended ourselves is not the receiver's failure: it is due at once.
  const deliverAt = isStopped ? at : at + retryDelayMs(attempts, random);
  const closed = await storage.closeEvent(scope, id, { result: "retry", token, at, deliverAt });
  return closed.outcome === "applied" ? "retried" : "lost";
}

/** The delay before the attempt after the n-th: 5 s, 10 s, 20 s … an hour at most, less up to a fifth by chance. */
function retryDelayMs(attempt: number, random: () => number): number {
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
  return Math.round(delay * (1 - random() / 5));
}

/** Leaves the message alone and lets its subject go on; the same commit records an incident. */
async function park<Tx>(context: OutboxContext<Tx>, row: EventRow, token: string): Promise<Ended> {
  const { storage, scope, now, logger } = context;
  const { id, kind, subject, attempts } = row;
  const at = now();
  const isParked = await storage.transaction(async (tx) => {
    const verbs = storage.using(tx);
    const closed = await verbs.closeEvent(scope, id, { result: "parked", token, at });
    if (closed.outcome !== "applied") return false;
    await verbs.appendEvents([{ ...scope, kind: "message_parked", subject, at, data: { id, kind, attempts } }]);
    return true;
  });
  if (!isParked) return "lost";
  logger.error("a message was parked: no attempt delivered it", { id, kind, attempts });
  return "parked";
}
