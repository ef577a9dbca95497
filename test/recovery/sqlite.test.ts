import { copyFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import type { SqliteHandle } from "../../src/entry/sqlite";
import { sqliteBooks } from "../merchant/shop-books";
import { temporaryFolder } from "../storage/kits";
import { type BackedUp, openSite } from "./lost-day";
import { lostDayRules, wholeCopyRule } from "./lost-day-rules";

type Copy = (file: string, copy: string) => unknown;

const onlineBackup: Copy = async (file, copy) => {
  const database = new Database(file, { readonly: true });
  await database.backup(copy);
  database.close();
};
const vacuumInto: Copy = (file, copy) => {
  const database = new Database(file, { readonly: true });
  database.prepare("VACUUM INTO ?").run(copy);
  database.close();
};

async function inFile(
  backUp: Copy,
): Promise<BackedUp<SqliteHandle> & { readonly file: string; readonly copy: string }> {
  const { file, remove } = temporaryFolder();
  const copy = join(file, "../copy.db");
  onTestFinished(remove);
  return {
    file,
    copy,
    open() {
      const books = sqliteBooks(file);
      return { books, close: () => books.close() };
    },
    async backUp() {
      rmSync(copy, { force: true });
      await backUp(file, copy);
    },
    async restore() {
      // What belongs to the old file must not meet the new one.
      for (const end of ["-wal", "-shm", ""]) rmSync(`${file}${end}`, { force: true });
      renameSync(copy, file);
    },
  };
}

describe("a day lost on SQLite", () => {
  lostDayRules(() => inFile(onlineBackup));
});

describe.each([
  ["the online backup of better-sqlite3", onlineBackup],
  ["VACUUM INTO", vacuumInto],
])("a copy by %s", (_way, backUp) => {
  wholeCopyRule(() => inFile(backUp));

  it("passes SQLite's own check", async () => {
    const database = await inFile(backUp);
    const site = await openSite(database);
    await site.sell(1);
    await site.backUp();
    await site.close();
    const copy = new Database(database.copy, { readonly: true });
    onTestFinished(() => void copy.close());
    expect(copy.pragma("integrity_check", { simple: true })).toBe("ok");
  });
});

it("a copy of the file alone lacks what is still in -wal", async () => {
  const database = await inFile((file, copy) => copyFileSync(file, copy));
  const site = await openSite(database);
  await site.sell(1);
  await site.backUp();
  expect(statSync(`${database.file}-wal`).size).toBeGreaterThan(0);
  await site.loseAndRestore();
  expect(await site.order(1)).toMatchObject({ fulfilled: 0 });
  await site.close();
});
