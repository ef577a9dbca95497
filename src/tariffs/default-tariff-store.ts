import { PaymeConfigError } from "../kit/errors";
import type { Storage } from "../ledger";
import type { MemoryStorage } from "../storage/memory/memory-storage";
import type { MemoryTx } from "../storage/memory/memory-table";
import type { SqlStorage } from "../storage/sql/executor";
import { memoryTariffStore } from "./memory-tariff-store";
import { sqlTariffStore } from "./sql-tariff-store";
import type { TariffStore } from "./tariff-store";

/** The store that keeps tariffs where a storage keeps payments. */
export function defaultTariffStore<Tx>(storage: Storage<Tx>): TariffStore<Tx> {
  if (isMemoryStorage(storage)) return overMemory(storage);
  if (isSqlStorage(storage)) return sqlTariffStore(storage);
  throw new PaymeConfigError("createTariffs: there is no tariff store for this storage", {
    hint: "Pass store: one that keeps tariffs, users and grants in the storage's database.",
  });
}

function overMemory<Tx>(storage: Pick<MemoryStorage, "read">): TariffStore<Tx> {
  const store = memoryTariffStore(storage);
  return {
    ...store,
    using(tx) {
      if (isMemoryTx(tx)) return store.using(tx);
      throw new TypeError("a memory storage gave a transaction handle without tables");
    },
  };
}

function isMemoryStorage<Tx>(storage: Storage<Tx>): storage is Storage<Tx> & Pick<MemoryStorage, "read"> {
  return "read" in storage && typeof storage.read === "function" && isMemoryTx(storage.read());
}

function isSqlStorage<Tx>(storage: Storage<Tx>): storage is SqlStorage<Tx> {
  return "sql" in storage && "tables" in storage;
}

function isMemoryTx(tx: unknown): tx is MemoryTx {
  return typeof tx === "object" && tx !== null && "table" in tx && typeof tx.table === "function";
}
