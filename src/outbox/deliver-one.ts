import { type EventRow, stackOf } from "../ledger";
import type { OutboxContext } from "./context";
import { messageOf } from "./message";
import { retryDelayMs } from "./retry-schedule";
import { within } from "./within";

/** How an attempt ended in the books. */
export type Ended = "delivered" | "retried" | "parked" | "lost";

/** Delivers a leased message, outside any transaction, and writes down how that went. */
export async function deliverOne<Tx>(
  context: OutboxContext<Tx>,
  row: EventRow,
  token: string,
  stop: AbortSignal,
): Promise<Ended> {
  const { deliver, timeoutMs, sleep, maxAttempts } = context;
  // A message that ends the process is never seen to fail: it must not come for ever.
  if (row.attempts > maxAttempts) return park(context, row, token);
  try {
    await within((signal) => deliver(messageOf(row), { signal }), { timeoutMs, sleep, stop });
  } catch (error) {
    return notDelivered(context, row, token, error, stop.aborted);
  }
  const { storage, scope, now } = context;
  const closed = await storage.closeEvent(scope, row.id, { result: "delivered", token, at: now() });
  return closed.outcome === "applied" ? "delivered" : "lost";
}

async function notDelivered<Tx>(
  context: OutboxContext<Tx>,
  row: EventRow,
  token: string,
  error: unknown,
  isStopped: boolean,
): Promise<Ended> {
  const { storage, scope, now, random, logger, maxAttempts } = context;
  const { id, kind, subject, attempts } = row;
  logger.warn("a message was not delivered", { id, kind, subject, attempt: attempts, stack: stackOf(error) });
  if (attempts >= maxAttempts) return park(context, row, token);
  const at = now();
  // What we ended ourselves is no failure of whom it was for: it is due at once.
  const deliverAt = isStopped ? at : at + retryDelayMs(attempts, random);
  const closed = await storage.closeEvent(scope, id, { result: "retry", token, at, deliverAt });
  return closed.outcome === "applied" ? "retried" : "lost";
}

/** The message is left alone, and what it kept back goes on; a person is told in the same commit. */
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
  logger.error("a message was parked: nobody took it", { id, kind, subject, attempts });
  return "parked";
}
