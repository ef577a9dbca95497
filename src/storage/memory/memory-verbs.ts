import type { Verbs } from "../../ledger/storage";
import { memoryEvents } from "./memory-events";
import { memoryPayments } from "./memory-payments";
import type { MemoryTx } from "./memory-table";
import { memoryTransactions } from "./memory-transactions";

/** All verbs over memory tables. Nothing in them waits, so nothing can come between a guard and its change. */
export function memoryVerbs(tx: MemoryTx): Verbs {
  // Assigned onto one of them: copying all three into a new object costs several times as much.
  return Object.assign(memoryPayments(tx), memoryTransactions(tx), memoryEvents(tx));
}
