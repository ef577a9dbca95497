import Database from "better-sqlite3";
import type { StorageUnderTest } from "../../../src/entry/testing";
import type { Storage, Verbs } from "../../../src/ledger";
import type { SqliteDatabase } from "../../../src/storage/sqlite/driver";

/** The kit with some verbs replaced, outside transactions and inside them. */
export function withVerbs<Kit extends StorageUnderTest<Tx>, Tx>(
  kit: Kit,
  replace: (verbs: Verbs) => Partial<Verbs>,
): Kit {
  const broken = (storage: Storage<Tx>): Storage<Tx> => ({
    ...storage,
    ...replace(storage),
    using: (tx) => ({ ...storage.using(tx), ...replace(storage.using(tx)) }),
  });
  const { second, reopen } = kit;
  return {
    ...kit,
    storage: broken(kit.storage),
    ...(second === undefined ? {} : { second: async () => broken(await second()) }),
    ...(reopen === undefined ? {} : { reopen: async () => broken(await reopen()) }),
  };
}

/** Waiting for the disk proves nothing about these faults, and would take most of the time. */
const UNSYNCED = ["synchronous = FULL", "synchronous = OFF"] as const;

/** Opens connections on which a part of our SQL is another: a clause left out, an index that is not unique. */
export function rewritten(
  ...changes: readonly (readonly [from: string, to: string])[]
): (file: string) => SqliteDatabase {
  const rewrite = (sql: string) => [UNSYNCED, ...changes].reduce((text, [from, to]) => text.replaceAll(from, to), sql);
  return (file) => {
    const database = new Database(file);
    return {
      get inTransaction() {
        return database.inTransaction;
      },
      prepare: (sql) => database.prepare(rewrite(sql)),
      exec: (sql) => database.exec(rewrite(sql)),
      close: () => database.close(),
    };
  };
}
