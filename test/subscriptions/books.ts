import type { Storage } from "../../src/ledger";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MemoryTx } from "../../src/storage/memory/memory-table";
import { memorySubscriptionStore } from "../../src/subscriptions/memory-subscription-store";
import { sqlSubscriptionStore } from "../../src/subscriptions/sql-subscription-store";
import type { SubscriptionStore } from "../../src/subscriptions/subscription-store";
import { sqliteKit } from "../storage/kits";
import { postgresKit } from "../storage/postgres-kits";

/** The books of one process. */
interface ProcessBooks<Tx> {
  readonly storage: Storage<Tx>;
  readonly store: SubscriptionStore<Tx>;
}

/** The books of two processes on one database; in memory they share a storage. */
export interface Books<Tx> {
  readonly processes: readonly [ProcessBooks<Tx>, ProcessBooks<Tx>];
  close(): Promise<void>;
}

export function memoryBooks(): Books<MemoryTx> {
  const storage = memoryStorage();
  const books = { storage, store: memorySubscriptionStore(storage) };
  return { processes: [books, books], close: () => storage.close() };
}

export async function sqliteBooks() {
  const kit = await sqliteKit();
  const second = await kit.second();
  const store = sqlSubscriptionStore(kit.storage);
  await kit.storage.migrate();
  await store.migrate();
  // The second process opens the same file.
  return {
    processes: [
      { storage: kit.storage, store },
      { storage: second, store },
    ],
    close: () => kit.close(),
  } as const;
}

export async function postgresBooks() {
  const kit = await postgresKit();
  const second = kit.open();
  const store = sqlSubscriptionStore(kit.storage);
  await kit.storage.migrate();
  await store.migrate();
  return {
    processes: [
      { storage: kit.storage, store },
      { storage: second, store: sqlSubscriptionStore(second) },
    ],
    close: () => kit.close(),
  } as const;
}
