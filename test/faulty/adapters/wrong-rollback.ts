import { AsyncLocalStorage } from "node:async_hooks";
import type { SqliteDatabase } from "../../../src/storage/sqlite/driver";
import { memoryKit, sqliteKit } from "../../storage/kits";
import { rewritten } from "./broken";
import { failedGroups } from "./failed-groups";
import type { FaultyAdapter } from "./variants";

/** A transaction that is not all or nothing. */
export const wrongRollback: readonly FaultyAdapter[] = [
  {
    fault: "lets what the host writes commit by itself",
    failsIn: ["rollback"],
    run: () => failedGroups({ create: hostOutside, durable: false }),
  },
  {
    fault: "keeps what a failed transaction wrote",
    failsIn: ["rollback", "reopen"],
    run: () => failedGroups({ create: () => sqliteKit({ open: rewritten(["ROLLBACK", "COMMIT"]) }) }),
  },
  {
    fault: "reads on the connection that writes",
    failsIn: ["rollback"],
    run: () => failedGroups({ create: () => sqliteKit({ open: sharingOneConnection() }) }),
  },
  {
    fault: "lets a call inside a transaction wait for that transaction",
    failsIn: ["rollback"],
    run: () => failedGroups({ create: waitingForItself, durable: false }),
  },
];

async function hostOutside() {
  const rows = new Set<string>();
  const host = { add: (_tx: unknown, id: string) => rows.add(id), has: async (id: string) => rows.has(id) };
  return { ...(await memoryKit()), host };
}

/** A storage opens a writer and a reader: here they are one. */
function sharingOneConnection(): (file: string) => SqliteDatabase {
  const open = rewritten();
  let writer: SqliteDatabase | undefined;
  return (file) => {
    const shared = writer ?? open(file);
    writer = writer === undefined ? shared : undefined;
    return shared;
  };
}

async function waitingForItself() {
  const kit = await memoryKit();
  const outside = AsyncLocalStorage.snapshot();
  const { storage } = kit;
  const transaction: typeof storage.transaction = (work) => storage.transaction((tx) => outside(() => work(tx)));
  return { ...kit, storage: { ...storage, transaction } };
}
