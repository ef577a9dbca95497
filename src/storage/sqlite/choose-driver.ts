import { createRequire } from "node:module";
import { unusable } from "../storage-errors";
import type { SqliteDatabase } from "./driver";
import { openConnection } from "./open-connection";

/** Opens a file; with `readOnly` one that exists. */
type OpenSqlite = (file: string, access?: "readOnly") => SqliteDatabase;

/**
 * Chooses the driver: in Bun its own, elsewhere better-sqlite3 where it is installed, or else that of Node. One that was built
 * for another Node, or that cannot keep the guarantees, is passed over.
 *
 * @param from The file or URL beside which packages are looked for.
 * @throws PaymeConfigError where none works.
 */
export function chooseDriver(from: string = import.meta.url): OpenSqlite {
  const refusals: string[] = [];
  for (const name of process.versions.bun === undefined ? ["better-sqlite3", "node:sqlite"] : ["bun:sqlite"]) {
    try {
      const open = opener(name, createRequire(from));
      openConnection(open, ":memory:").close();
      return open;
    } catch (error) {
      refusals.push(`${name}: ${String(error).split("\n", 1)[0]}`);
    }
  }
  throw unusable("payme-kit/sqlite found no driver that works here", refusals.join("; "));
}

function opener(name: string, load: NodeJS.Require): OpenSqlite {
  if (name === "better-sqlite3" && Number.parseInt(process.versions.node, 10) < 22) {
    const { version } = load("better-sqlite3/package.json");
    // It would end the process without a word.
    if (Number.parseInt(version, 10) > 12) throw new Error(`version ${version} needs Node 22`);
  }
  const loaded = load(name);
  const Database: new (file: string, ...options: object[]) => SqliteDatabase =
    loaded.DatabaseSync ?? loaded.Database ?? loaded;
  // Each of the two spellings is refused by one of the drivers.
  const readOnly = name === "node:sqlite" ? { readOnly: true } : { readonly: true, fileMustExist: true };
  return (file, access) => new Database(file, ...(access === undefined ? [] : [readOnly]));
}
