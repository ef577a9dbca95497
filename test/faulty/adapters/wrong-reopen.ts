import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { sqliteStorage } from "../../../src/entry/sqlite";
import { memoryKit, sqliteKit } from "../../storage/kits";
import { failedGroups } from "./failed-groups";
import type { FaultyAdapter } from "./variants";

/** What was acknowledged does not outlive the process. */
export const wrongReopen: readonly FaultyAdapter[] = [
  {
    fault: "calls itself durable, and cannot be opened again",
    caughtBy: "reopen",
    run: () => failedGroups({ create: memoryKit, shared: false }),
  },
  {
    fault: "loses the journal in which the newest commits are",
    caughtBy: "reopen",
    run: () => failedGroups({ create: withoutJournal }),
  },
];

async function withoutJournal() {
  const kit = await sqliteKit();
  const opened: { close(): Promise<void> }[] = [];
  return {
    ...kit,
    async reopen() {
      const file = join(dirname(kit.file), "restored", "books.db");
      mkdirSync(dirname(file));
      copyFileSync(kit.file, file);
      const storage = sqliteStorage({ file });
      opened.push(storage);
      return storage;
    },
    async close() {
      for (const each of opened) await each.close();
      await kit.close();
    },
  };
}
