import Database from "better-sqlite3";
import { drizzle as drizzleOver } from "drizzle-orm/better-sqlite3";
import { expect, it, onTestFinished } from "vitest";
import { type SqliteDatabase, sqliteConnection, sqliteStorage } from "../../src/entry/sqlite";
import { isPaymeError } from "../../src/kit/errors";
import { asStorageError } from "../../src/storage/storage-errors";
import { paymentRow, scope } from "../ledger/rows";
import { temporaryFolder } from "./kits";

type Change = (database: Database.Database) => object;

/** Opens better-sqlite3 with some members changed. */
function changed(change: Change): (file: string) => SqliteDatabase {
  return (file) => Object.assign(new Database(file), change(new Database(":memory:")));
}

function hidden(...names: string[]): (file: string) => SqliteDatabase {
  return (file) =>
    new Proxy(new Database(file), {
      get(database, name) {
        if (names.includes(String(name))) return undefined;
        const member: unknown = Reflect.get(database, name, database);
        return typeof member === "function" ? member.bind(database) : member;
      },
    });
}

/** As node:sqlite, whose error has its number in `errcode`. */
function renamed(rename: (error: unknown) => object): (file: string) => SqliteDatabase {
  return (file) => {
    const database = new Database(file);
    const exec = database.exec.bind(database);
    return Object.assign(database, {
      exec(sql: string) {
        try {
          return exec(sql);
        } catch (error) {
          throw Object.assign(new Error(String(error)), rename(error));
        }
      },
    });
  };
}

const refusedDrivers: readonly [name: string, open: (file: string) => SqliteDatabase, says: string][] = [
  ["tells of no transaction", hidden("inTransaction"), "whether a transaction is open"],
  ["is an ORM's handle", (file) => Object.create(drizzleOver(new Database(file))), "no prepare, exec and close"],
  ["is opened later", (file) => Object.create(Promise.resolve(new Database(file))), "no prepare, exec and close"],
  [
    "answers later",
    changed((database) => ({
      prepare: () => ({ get: async () => database, all: async () => [], run: async () => {} }),
    })),
    "asynchronous",
  ],
  ["has no name for a locked file", renamed(() => ({ code: "ERR_UNKNOWN" })), "error of a locked file is unknown"],
  ["has no write-ahead log", unwritten("journal_mode = WAL", "journal_mode = DELETE"), "write ahead"],
  ["locks nothing", unwritten("BEGIN IMMEDIATE", "BEGIN"), "write to one file at once"],
  ["opens the file to read only", (file) => new Database(created(file), { readonly: true }), "or none can"],
  ["is older than RETURNING", ofVersion("3.34.1"), "3.34.1"],
];

function unwritten(from: string, to: string): (file: string) => SqliteDatabase {
  return (file) => {
    const database = new Database(file);
    const exec = database.exec.bind(database);
    return Object.assign(database, { exec: (sql: string) => exec(sql.replace(from, to)) });
  };
}

function created(file: string): string {
  const database = new Database(file);
  database.pragma("journal_mode = WAL");
  database.close();
  return file;
}

function ofVersion(version: string): (file: string) => SqliteDatabase {
  return (file) => {
    const database = new Database(file);
    database.function("sqlite_version", () => version);
    return database;
  };
}

it.each(refusedDrivers)("a driver that %s is refused at the start, with what to use", (_name, open, says) => {
  const { file, remove } = temporaryFolder();
  onTestFinished(remove);
  expect(() => sqliteStorage({ file, open })).toThrow(
    expect.objectContaining({
      name: "PaymeConfigError",
      message: expect.stringContaining(says),
      hint: expect.stringContaining("node:sqlite"),
    }),
  );
});

it("a driver whose error has the number of SQLite waits for another process, as others do", async () => {
  const { file, remove } = temporaryFolder();
  onTestFinished(remove);
  // SQLITE_BUSY_SNAPSHOT: the kind is in the low byte.
  const open = renamed(() => ({ code: "ERR_SQLITE_ERROR", errcode: 517 }));
  const storage = sqliteStorage({ file, open, busyTimeoutMs: 10_000 });
  onTestFinished(() => storage.close());
  await storage.migrate();
  const other = new Database(file);
  onTestFinished(() => void other.close());
  other.exec("BEGIN IMMEDIATE");
  const write = storage.addPayment(paymentRow());
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await storage.findPayment(scope, { id: "payment-1" })).toBeUndefined();
  other.exec("COMMIT");
  expect((await write).outcome).toBe("applied");
});

it.each([
  [5, true],
  [10 | (3 << 8), true],
  [26, true],
  [1, false],
  [19 | (8 << 8), false],
])("SQLite's number %i means that the database is away: %s", (errcode, isAway) => {
  expect(isPaymeError(asStorageError(Object.assign(new Error("x"), { code: "ERR_SQLITE_ERROR", errcode })))).toBe(
    isAway,
  );
});

it.each([
  ["database is locked", true],
  ["unable to open database file: /none/shop.db", true],
  ["UNIQUE constraint failed: shop.id", false],
])("Deno's words for an error without a number, %s: away is %s", (message, isAway) => {
  const error = Object.assign(new Error(message), { code: "ERR_SQLITE_ERROR" });
  expect(isPaymeError(asStorageError(error))).toBe(isAway);
  expect(isPaymeError(asStorageError(new Error(message)))).toBe(false);
});

it("a driver that tells of a transaction as node:sqlite does is believed", async () => {
  const { file, remove } = temporaryFolder();
  onTestFinished(remove);
  const open = (path: string): SqliteDatabase => {
    const database = new Database(path);
    const { inTransaction: _, ...rest } = sqliteConnection(database);
    return Object.defineProperty(rest, "isTransaction", { get: () => database.inTransaction });
  };
  const storage = sqliteStorage({ file, open });
  onTestFinished(() => storage.close());
  await storage.transaction(async (tx) =>
    tx.exec("CREATE TABLE goods (id TEXT PRIMARY KEY); INSERT INTO goods VALUES ('a')"),
  );
  const swallowing = storage.transaction(async (tx) => {
    try {
      tx.exec("INSERT OR ROLLBACK INTO goods VALUES ('a')");
    } catch {
      // As a hook does that takes it for "given already".
    }
    tx.exec("INSERT INTO goods VALUES ('b')");
  });
  await expect(swallowing).rejects.toMatchObject({ code: "STORAGE_MISUSE" });
  expect(await storage.read(async (tx) => tx.prepare("SELECT id FROM goods").all())).toEqual([{ id: "a" }]);
});

it("a driver that gives every integer as a bigint gives the same rows", async () => {
  const { file, remove } = temporaryFolder();
  onTestFinished(remove);
  const storage = sqliteStorage({ file, open: (path) => new Database(path).defaultSafeIntegers() });
  onTestFinished(() => storage.close());
  await storage.migrate();
  const row = paymentRow();
  await storage.addPayment(row);
  expect(await storage.findPayment(scope, { id: row.id })).toMatchObject(row);
  expect((await storage.paymentStatistics(scope, {})).total).toBe(1);
});
