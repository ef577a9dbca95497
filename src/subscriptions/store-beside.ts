import { PaymeConfigError } from "../kit/errors";
import type { Storage } from "../ledger";
import { isMemoryStorage, usingMemory } from "../storage/memory/beside";
import { isSqlStorage } from "../storage/sql/executor";
import { memorySubscriptionStore } from "./memory-subscription-store";
import { sqlSubscriptionStore } from "./sql-subscription-store";
import type { SubscriptionStore } from "./subscription-store";

/** The store that keeps subscriptions where a storage keeps payments. */
export function storeBeside<Tx>(storage: Storage<Tx>): SubscriptionStore<Tx> {
  if (isMemoryStorage(storage)) {
    const store = memorySubscriptionStore(storage);
    return { ...store, using: usingMemory(store.using) };
  }
  if (isSqlStorage(storage)) return sqlSubscriptionStore(storage);
  throw new PaymeConfigError("createSubscriptions: there is no subscription store for this storage", {
    hint: "Pass store: one that keeps cards, subscriptions, periods and attempts in the storage's database.",
  });
}
