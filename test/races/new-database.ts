import { describe, onTestFinished } from "vitest";
import { describeOnPostgres, newDatabase } from "../postgres/database";
import { temporaryFolder } from "../storage/kits";

/** Makes an empty database and gives its address: the path of a file, or a URL. Gone when `onEnd` says so. */
export type NewDatabase = (onEnd?: (remove: () => void) => void) => Promise<string>;

/** The same races on SQLite and on PostgreSQL. */
export function onEachDatabase(rules: (newAddress: NewDatabase) => void): void {
  describe("on SQLite", () => rules(newFile));
  describeOnPostgres("on PostgreSQL", () => rules(newDatabase));
}

async function newFile(onEnd: (remove: () => void) => void = onTestFinished): Promise<string> {
  const { file, remove } = temporaryFolder();
  onEnd(remove);
  return file;
}
