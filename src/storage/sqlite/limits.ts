import { type Sleep, sleep } from "../../kit/clock";
import { type StorageEventOptions, watchStorage } from "../storage-event";
import { createWriteQueue, type WriteQueue } from "../write-queue";
import type { TransactionLimits } from "./transaction";

/** How long each may wait in a storage over SQLite. */
export interface SqliteLimitOptions extends StorageEventOptions {
  /** How many writes may wait for their turn. Default 1,000; another one gets STORAGE_BUSY. */
  queueLimit?: number | undefined;
  /** How long a write may wait for its turn behind others of this process. Default 15 s, then STORAGE_BUSY. */
  queueTimeoutMs?: number | undefined;
  /** How long to wait for another process that writes. Default 5 s, then STORAGE_BUSY. */
  busyTimeoutMs?: number | undefined;
  /** How long a hook may hold the transaction. Default 5 s, then it is rolled back. */
  hookTimeoutMs?: number | undefined;
  sleep?: Sleep | undefined;
  /** From 0 to 1, to spread repeats. Default `Math.random`. */
  random?: (() => number) | undefined;
}

/** Returns the limits of a transaction, with their defaults. */
export function limitsOf(options: SqliteLimitOptions): TransactionLimits {
  const { busyTimeoutMs = 5_000, hookTimeoutMs = 5_000, sleep: wait = sleep, random = Math.random } = options;
  return { busyTimeoutMs, hookTimeoutMs, watch: watchStorage("sqlite", options), sleep: wait, random };
}

/** Returns the line in which the writers of a process wait. */
export function queueOf({ queueLimit = 1_000, queueTimeoutMs = 15_000 }: SqliteLimitOptions): WriteQueue {
  return createWriteQueue({ limit: queueLimit, waitMs: queueTimeoutMs });
}
