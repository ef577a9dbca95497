import { AsyncLocalStorage } from "node:async_hooks";
import type { NewEvent, Verbs } from "../../../src/ledger";
import type { MemoryTx } from "../../../src/storage/memory/memory-table";
import type { SqliteDatabase } from "../../../src/storage/sqlite/driver";
import { memoryKit, sqliteKit } from "../../storage/kits";
import { rewritten } from "./broken";
import { failedGroups } from "./failed-groups";
import type { FaultyAdapter } from "./variants";

/** A transaction that is not all or nothing. */
export const wrongRollback: readonly FaultyAdapter[] = [
  {
    fault: "runs the effect outside the transaction: what the host writes commits by itself",
    caughtBy: "rollback",
    alsoFails: ["reads"],
    run: () => failedGroups({ create: hostOutside, durable: false }),
  },
  {
    fault: "keeps what a failed transaction wrote",
    caughtBy: "rollback",
    alsoFails: ["reopen", "events", "timetable", "subscriptions"],
    run: () => failedGroups({ create: () => sqliteKit({ open: rewritten(["ROLLBACK", "COMMIT"]) }) }),
  },
  {
    fault: "writes events outside the transaction",
    caughtBy: "rollback",
    alsoFails: ["events"],
    run: () => failedGroups({ create: eventsOutside, durable: false }),
  },
  {
    fault: "reads on the connection that writes",
    caughtBy: "rollback",
    alsoFails: ["reads"],
    run: () => failedGroups({ create: () => sqliteKit({ open: sharingOneConnection() }) }),
  },
  {
    fault: "lets a call inside a transaction wait for that transaction",
    caughtBy: "rollback",
    run: () => failedGroups({ create: waitingForItself, durable: false }),
  },
];

async function hostOutside() {
  const rows = new Set<string>();
  const host = { add: (_tx: unknown, id: string) => rows.add(id), has: async (id: string) => rows.has(id) };
  return { ...(await memoryKit()), host };
}

/** Events go to a table of their own accord: what a transaction told is written whatever becomes of it. */
async function eventsOutside() {
  const kit = await memoryKit();
  const { storage } = kit;
  const told = new WeakMap<MemoryTx, NewEvent[]>();
  const using = (tx: MemoryTx): Verbs => ({
    ...storage.using(tx),
    async appendEvents(events) {
      told.set(tx, [...(told.get(tx) ?? []), ...events]);
      return storage.using(tx).appendEvents(events);
    },
  });
  async function transaction<R>(work: (tx: MemoryTx) => Promise<R>): Promise<R> {
    let events: readonly NewEvent[] = [];
    const run = async (tx: MemoryTx) => {
      try {
        return await work(tx);
      } finally {
        events = told.get(tx) ?? [];
      }
    };
    try {
      return await storage.transaction(run);
    } catch (error) {
      await storage.appendEvents(events);
      throw error;
    }
  }
  return { ...kit, storage: { ...storage, using, transaction } };
}

/** A storage opens a writer and a reader: here what the reader prepares runs on the writer. */
function sharingOneConnection(): (file: string) => SqliteDatabase {
  const open = rewritten();
  let writer: SqliteDatabase | undefined;
  return (file) => {
    const opened = open(file);
    const shared = writer;
    writer = shared === undefined ? opened : undefined;
    if (shared === undefined) return opened;
    return {
      get inTransaction() {
        return opened.inTransaction;
      },
      prepare: (sql) => shared.prepare(sql),
      exec: (sql) => opened.exec(sql),
      close: () => opened.close(),
    };
  };
}

async function waitingForItself() {
  const kit = await memoryKit();
  const outside = AsyncLocalStorage.snapshot();
  const { storage } = kit;
  const transaction: typeof storage.transaction = (work) => storage.transaction((tx) => outside(() => work(tx)));
  return { ...kit, storage: { ...storage, transaction } };
}
