import { existsSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { sqliteStorage } from "../../src/entry/sqlite";
import { PaymeConfigError, PaymeStorageError } from "../../src/kit/errors";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { type SqliteDatabase, sqliteConnection } from "../../src/storage/sqlite/driver";
import { paymentRow, scope } from "../ledger/rows";
import { sqliteKit, temporaryFolder } from "./kits";

function temporaryFolderFor() {
  const { file, remove } = temporaryFolder();
  onTestFinished(remove);
  return dirname(file);
}

async function openKit(...options: Parameters<typeof sqliteKit>) {
  const kit = await sqliteKit(...options);
  onTestFinished(() => kit.close());
  await kit.storage.migrate();
  return kit;
}

describe("the connections of sqliteStorage", () => {
  it("write ahead, wait for the disk at each commit, keep foreign keys, read through memory, and never wait inside the driver", async () => {
    const opened: SqliteDatabase[] = [];
    const open = (file: string) => {
      const database = new Database(file);
      opened.push(database);
      return database;
    };
    await openKit({ open });
    expect(opened).toHaveLength(2);
    for (const database of opened) {
      const read = (pragma: string) => Object.values(Object(database.prepare(`PRAGMA ${pragma}`).get()))[0];
      expect(["journal_mode", "synchronous", "foreign_keys", "busy_timeout"].map(read)).toEqual(["wal", 2, 1, 0]);
      expect(read("mmap_size")).toBeGreaterThan(2_000_000_000);
    }
  });

  it("are closed with the storage, after what is queued has been written", async () => {
    const { storage, file } = await openKit();
    const writes = Array.from({ length: 20 }, (_, n) => storage.addPayment(paymentRow({ id: `payment-${n}` })));
    await storage.close();
    expect((await Promise.all(writes)).every(({ outcome }) => outcome === "applied")).toBe(true);
    const bare = new Database(file);
    expect(bare.prepare("SELECT COUNT(*) AS count FROM payme_payment").get()).toEqual({ count: 20 });
    bare.close();
  });

  it("names that are no identifiers are refused before a file is touched", () => {
    const { file, remove } = temporaryFolder();
    onTestFinished(remove);
    for (const payment of ['payment"; DROP TABLE user; --', "pay ment", "", "1st", "p".repeat(64), 'x"', "plată"]) {
      expect(() => sqliteStorage({ file, tables: { payment } }), payment).toThrow(PaymeConfigError);
    }
    expect(existsSync(file)).toBe(false);
  });
});

describe("a handle of another connection", () => {
  it("is the connection that the verbs run on: what it rolls back was never there", async () => {
    const { storage, file } = await openKit();
    const theirs = new Database(file);
    onTestFinished(() => void theirs.close());
    const count = "SELECT COUNT(*) AS count FROM payme_payment";
    for (const [end, kept] of [
      ["ROLLBACK", 0],
      ["COMMIT", 1],
    ] as const) {
      theirs.exec("BEGIN IMMEDIATE");
      expect(await storage.using(theirs).addPayment(paymentRow())).toMatchObject({ outcome: "applied" });
      expect(theirs.prepare(count).get()).toEqual({ count: 1 });
      expect(await storage.findPayment(scope, { id: "payment-1" })).toBeUndefined();
      theirs.exec(end);
      expect(theirs.prepare(count).get()).toEqual({ count: kept });
    }
    expect(await storage.findPayment(scope, { id: "payment-1" })).toMatchObject({ status: "PENDING" });
  });
});

describe("a handle that storage.using refuses, because its writes would be in other books, is", () => {
  const refused = (work: () => unknown) =>
    expect(async () => work()).rejects.toMatchObject({
      code: "STORAGE_MISUSE",
      message: "storage.using was given a handle of another database",
      hint: expect.stringContaining("sqliteConnection"),
    });

  it("the tx of another storage, of its transactions and of its reads", async () => {
    const [ours, theirs] = [(await openKit()).storage, (await openKit()).storage];
    const add = (tx: Parameters<typeof ours.using>[0]) => ours.using(tx).addPayment(paymentRow());
    await theirs.transaction((tx) => refused(() => add(tx)));
    await theirs.read((tx) => refused(() => ours.using(tx).findPayment(scope, { id: "payment-1" })));
    for (const storage of [ours, theirs]) expect(await storage.findPayment(scope, { id: "payment-1" })).toBeUndefined();
    // Its own are taken all the same, the other one inside as well.
    await ours.transaction((tx) => theirs.transaction(() => add(tx)));
    expect(await ours.findPayment(scope, { id: "payment-1" })).toMatchObject({ status: "PENDING" });
  });

  it.each([":memory:", ""])("a connection to another file or to none (%j)", async (name) => {
    const { storage } = await openKit();
    const theirs = new Database(name === "" ? `${temporaryFolderFor()}/other.db` : name);
    onTestFinished(() => void theirs.close());
    theirs.exec("BEGIN");
    await refused(() => storage.using(theirs).addPayment(paymentRow()));
    await refused(() => storage.using(sqliteConnection(theirs)).findPayment(scope, { id: "payment-1" }));
  });

  it.each([
    ["an object", {}],
    ["a pool of pg's", { query: async () => ({ rows: [] }) }],
    ["the handle of a memory storage", memoryStorage().published()],
  ])("no handle of SQLite: %s", async (_what, handle) => {
    const { storage } = await openKit();
    const verbs: typeof storage = Reflect.apply(storage.using, storage, [handle]);
    await refused(() => verbs.findPayment(scope, { id: "payment-1" }));
    await refused(() => verbs.addPayment(paymentRow()));
  });

  it("not one that reached the same file by another path", async () => {
    const { storage, file } = await openKit();
    symlinkSync(file, `${file}-link`);
    const theirs = new Database(`${file}-link`);
    onTestFinished(() => void theirs.close());
    theirs.exec("BEGIN IMMEDIATE");
    expect(await storage.using(sqliteConnection(theirs)).addPayment(paymentRow())).toMatchObject({
      outcome: "applied",
    });
    theirs.exec("COMMIT");
    expect(await storage.findPayment(scope, { id: "payment-1" })).toMatchObject({ status: "PENDING" });
  });
});

describe("a writer that comes when", () => {
  it("as many as may wait are waiting, is refused at once, and those that wait are served", async () => {
    const { storage } = await openKit({ queueLimit: 10 });
    const calls = Array.from({ length: 11 }, (_, n) => storage.addPayment(paymentRow({ id: `payment-${n}` })));
    const settled = await Promise.allSettled(calls);
    expect(settled.map(({ status }) => status)).toEqual([...Array(10).fill("fulfilled"), "rejected"]);
    await expect(calls[10]).rejects.toMatchObject({ code: "STORAGE_BUSY", hint: expect.stringContaining("503") });
    expect((await storage.addPayment(paymentRow({ id: "later" }))).outcome).toBe("applied");
  });

  it("hooks hang one after another waits no longer than it may, is never run, and the next one is served", async () => {
    const { storage } = await openKit({ hookTimeoutMs: 100, queueTimeoutMs: 150 });
    const hang = () => storage.transaction(() => new Promise(() => {}));
    const hanging = [hang(), hang(), hang()];
    const behind = storage.addPayment(paymentRow({ id: "behind" }));
    const settled = await Promise.allSettled([...hanging, behind]);
    expect(settled.map(({ status }) => status)).toEqual(Array(4).fill("rejected"));
    await expect(behind).rejects.toMatchObject({ code: "STORAGE_BUSY", message: expect.stringContaining("turn") });
    expect((await storage.addPayment(paymentRow({ id: "later" }))).outcome).toBe("applied");
    expect(await storage.findPayment(scope, { id: "behind" })).toBeUndefined();
  });

  it("a hook holds the transaction for too long: the hook is rolled back, and the writer served", async () => {
    const { storage, host } = await openKit({ hookTimeoutMs: 50 });
    let late: unknown;
    const hanging = storage.transaction(async (tx) => {
      await storage.using(tx).addPayment(paymentRow());
      host.add(tx, "host-1");
      await new Promise((resolve) => setTimeout(resolve, 150));
      // What the hook still does after its time must not land in another's transaction, nor outside of any.
      late = await storage
        .using(tx)
        .addPayment(paymentRow({ id: "late" }))
        .catch((error: unknown) => error);
    });
    const behind = storage.addPayment(paymentRow({ id: "behind" }));
    await expect(hanging).rejects.toMatchObject({ code: "STORAGE_BUSY" });
    expect((await behind).outcome).toBe("applied");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(late).toMatchObject({ code: "STORAGE_MISUSE" });
    expect(await storage.findPayment(scope, { id: "payment-1" })).toBeUndefined();
    expect(await storage.findPayment(scope, { id: "late" })).toBeUndefined();
    expect(await host.has("host-1")).toBe(false);
  });
});

describe("a tx whose transaction has ended", () => {
  it("refuses every statement, prepared before or after", async () => {
    const { storage } = await openKit();
    const kept = await storage.transaction(async (tx) => ({ tx, insert: tx.prepare("INSERT INTO host VALUES (?)") }));
    const uses = [
      () => kept.insert.run("late"),
      () => kept.tx.prepare("SELECT 1"),
      () => kept.tx.exec("DELETE FROM host"),
    ];
    for (const use of uses) expect(use).toThrow(PaymeStorageError);
    await expect(storage.using(kept.tx).addPayment(paymentRow())).rejects.toMatchObject({ code: "STORAGE_MISUSE" });
    const failed = storage.transaction(async (tx) => Promise.reject(tx));
    const stale = await failed.catch((tx: unknown) => tx);
    expect(() => Reflect.get(Object(stale), "exec")("SELECT 1")).toThrow(PaymeStorageError);
  });
});
