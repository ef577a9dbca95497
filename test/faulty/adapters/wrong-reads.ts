import Database from "better-sqlite3";
import type { Storage, Verbs } from "../../../src/ledger";
import type { MemoryTx } from "../../../src/storage/memory/memory-table";
import { readingVerbs } from "../../../src/storage/only-reads";
import type { SqliteHandle } from "../../../src/storage/sqlite/driver";
import { memoryKit, sqliteKit } from "../../storage/kits";
import { rewritten } from "./broken";
import { failedGroups } from "./failed-groups";
import type { FaultyAdapter } from "./variants";

/** A read that waits, writes, or sees too much. */
export const wrongReads: readonly FaultyAdapter[] = [
  {
    fault: "reads in a transaction that writes, and waits for its turn",
    caughtBy: "reads",
    run: () => failedGroups({ create: () => reading(({ storage }) => storage.transaction) }),
  },
  {
    fault: "takes what a read writes, and rolls it back without a word",
    caughtBy: "reads",
    run: () => failedGroups({ create: () => reading(({ storage }) => takingBack(storage)) }),
  },
  {
    fault: "gives find a connection that can write",
    caughtBy: "reads",
    run: () => failedGroups({ create: onBareConnection }),
  },
  {
    fault: "reads what is not committed",
    caughtBy: "reads",
    run: () => failedGroups({ create: readingDrafts, durable: false }),
  },
];

type Read<Tx> = Storage<Tx>["read"];

/** A kit whose storages read in another way. */
async function reading(readOf: (kit: { storage: Storage<SqliteHandle> }) => Read<SqliteHandle>) {
  const kit = await sqliteKit({ open: rewritten() });
  const broken = (storage: Storage<SqliteHandle>) => ({ ...storage, read: readOf({ storage }) });
  const { second, reopen } = kit;
  return {
    ...kit,
    storage: broken(kit.storage),
    second: async () => broken(await second()),
    reopen: async () => broken(await reopen()),
  };
}

function takingBack<Tx>(storage: Storage<Tx>): Read<Tx> {
  const undone = new Error("undone");
  return async <R>(work: (tx: Tx) => Promise<R>) => {
    const done: { work?: { readonly result: R } } = {};
    const undoing = storage.transaction(async (tx) => {
      done.work = { result: await work(tx) };
      throw undone;
    });
    const error = await undoing.catch((thrown: unknown) => thrown);
    if (error !== undone || done.work === undefined) throw error;
    return done.work.result;
  };
}

/** As a shop's own connection is: each statement commits by itself. Our own verbs refuse to write, the host's may. */
async function onBareConnection() {
  const kit = await sqliteKit({ open: rewritten() });
  const bare = new Database(kit.file);
  const readers = new WeakMap<SqliteHandle, Verbs>();
  const broken = (storage: Storage<SqliteHandle>): Storage<SqliteHandle> => ({
    ...storage,
    read: (work) =>
      storage.read((tx) => {
        const handle: SqliteHandle = { prepare: (sql) => bare.prepare(sql), exec: (sql) => bare.exec(sql) };
        readers.set(handle, storage.using(tx));
        return work(handle);
      }),
    using: (tx) => readers.get(tx) ?? storage.using(tx),
  });
  return {
    ...kit,
    storage: broken(kit.storage),
    second: async () => broken(await kit.second()),
    reopen: async () => broken(await kit.reopen()),
    async close() {
      bare.close();
      await kit.close();
    },
  };
}

/** A read gets the drafts of the transaction that is open. */
async function readingDrafts() {
  const kit = await memoryKit();
  const { storage } = kit;
  const open = new Set<MemoryTx>();
  const drafts = new Map<MemoryTx, Verbs>();
  async function transaction<R>(work: (tx: MemoryTx) => Promise<R>): Promise<R> {
    return storage.transaction(async (tx) => {
      open.add(tx);
      try {
        return await work(tx);
      } finally {
        open.delete(tx);
      }
    });
  }
  const read = <R>(work: (tx: MemoryTx) => Promise<R>) =>
    storage.read((tx) => {
      const [draft] = open;
      if (draft !== undefined) drafts.set(tx, readingVerbs(storage.using(draft)));
      return work(tx).finally(() => drafts.delete(tx));
    });
  return {
    ...kit,
    storage: { ...storage, transaction, read, using: (tx: MemoryTx) => drafts.get(tx) ?? storage.using(tx) },
  };
}
