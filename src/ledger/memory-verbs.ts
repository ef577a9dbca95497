import { memoryEvents } from "./memory-events";
import { memoryPayments } from "./memory-payments";
import type { MemoryTx } from "./memory-storage";
import { memoryTransactions } from "./memory-transactions";
import type { Verbs } from "./storage";

/** All verbs over memory tables. Nothing in them waits, so nothing can come between a guard and its change. */
export function memoryVerbs(tx: MemoryTx): Verbs {
  const known = verbsOfTx.get(tx);
  if (known !== undefined) return known;
  // Assigned onto one of them: copying all three into a new object costs several times as much.
  const verbs = Object.assign(memoryPayments(tx), memoryTransactions(tx), memoryEvents(tx));
  verbsOfTx.set(tx, verbs);
  return verbs;
}

/** Making them costs more than most calls: once for a transaction, once for all reads. */
const verbsOfTx = new WeakMap<MemoryTx, Verbs>();
