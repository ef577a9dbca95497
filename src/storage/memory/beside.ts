import type { Storage } from "../../ledger";
import type { MemoryStorage } from "./memory-storage";
import type { MemoryTx } from "./memory-table";

/** True for a `memoryStorage`: other rooms may keep their tables beside its payments. */
export function isMemoryStorage<Tx>(storage: Storage<Tx>): storage is Storage<Tx> & Pick<MemoryStorage, "published"> {
  return "published" in storage && typeof storage.published === "function" && isMemoryTx(storage.published());
}

/** The `using` of a store over a memory storage, for a handle of any type: only one of this storage ever comes. */
export function usingMemory<Tx, Verbs>(using: (tx: MemoryTx) => Verbs): (tx: Tx) => Verbs {
  return (tx) => {
    if (isMemoryTx(tx)) return using(tx);
    throw new TypeError("a memory storage gave a transaction handle without tables");
  };
}

function isMemoryTx(tx: unknown): tx is MemoryTx {
  return typeof tx === "object" && tx !== null && "table" in tx && typeof tx.table === "function";
}
