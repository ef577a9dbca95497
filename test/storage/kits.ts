import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import type { SqlStorage } from "../../src/entry/adapter";
import { type SqliteHandle, type SqliteStorageOptions, sqliteStorage } from "../../src/entry/sqlite";
import { memoryTariffStore, sqlTariffStore } from "../../src/entry/tariffs";
import { type StorageUnderTest, sqlWitness } from "../../src/entry/testing";
import type { Storage } from "../../src/ledger";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import type { MemoryTx } from "../../src/storage/memory/memory-table";

/** A memory storage with a table of the host's. */
export async function memoryKit(): Promise<StorageUnderTest<MemoryTx>> {
  const storage = memoryStorage();
  return {
    storage,
    tariffs: memoryTariffStore(storage),
    host: {
      add: (tx, id) => tx.table<{ id: string }>("host").set(id, { id }),
      has: async (id) => storage.published().table("host").get(id) !== undefined,
    },
    close: () => storage.close(),
  };
}

/** A folder of its own for a database; `remove` it when done. */
export function temporaryFolder(): { file: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "payme-storage-"));
  return { file: join(folder, "books.db"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const WORKER = fileURLToPath(new URL("./sqlite-suite-worker.ts", import.meta.url));

/** A kit on a file: others can open it too. */
export interface SqliteKit extends StorageUnderTest<SqliteHandle> {
  readonly storage: SqlStorage<SqliteHandle>;
  readonly file: string;
  readonly second: () => Promise<Storage<SqliteHandle>>;
  readonly reopen: () => Promise<Storage<SqliteHandle>>;
}

/** Storages on one new SQLite file, with a table of the host's beside ours. */
export async function sqliteKit(options: Partial<SqliteStorageOptions> = {}): Promise<SqliteKit> {
  const { file, remove } = temporaryFolder();
  const opened = new Set<Storage<SqliteHandle>>();
  const open = () => {
    const storage = sqliteStorage({ file, ...options });
    opened.add(storage);
    return storage;
  };
  const storage = open();
  const bare = new Database(file);
  bare.exec("CREATE TABLE host (id TEXT PRIMARY KEY)");
  return {
    storage,
    file,
    tariffs: sqlTariffStore(storage),
    witness: sqlWitness(async (sql) => bare.prepare(sql).all(), options.tables),
    host: {
      add: (tx, id) => tx.prepare("INSERT INTO host (id) VALUES (?)").run(id),
      has: async (id) => bare.prepare("SELECT 1 FROM host WHERE id = ?").get(id) !== undefined,
    },
    second: async () => open(),
    process: () => fork(WORKER, [file, JSON.stringify(options.tables ?? {})], { execArgv: ["--import", "tsx"] }),
    async reopen() {
      for (const each of opened) await each.close();
      opened.clear();
      return open();
    },
    async close() {
      for (const each of opened) await each.close();
      bare.close();
      remove();
    },
  };
}

/** A private database: one connection, readers take turns with writers. */
export async function privateSqliteKit(
  options: Partial<SqliteStorageOptions> = {},
): Promise<StorageUnderTest<SqliteHandle>> {
  const storage = sqliteStorage({ file: ":memory:", ...options });
  await storage.transaction(async (tx) => tx.exec("CREATE TABLE host (id TEXT PRIMARY KEY)"));
  return {
    storage,
    tariffs: sqlTariffStore(storage),
    host: {
      add: (tx, id) => tx.prepare("INSERT INTO host (id) VALUES (?)").run(id),
      has: (id) =>
        storage.transaction(async (tx) => tx.prepare("SELECT 1 FROM host WHERE id = ?").get(id) !== undefined),
    },
    close: () => storage.close(),
  };
}
