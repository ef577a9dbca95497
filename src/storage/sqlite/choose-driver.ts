import { createRequire } from "node:module";
import { PaymeConfigError } from "../../kit/errors";
import type { SqliteDatabase } from "./driver";
import { openConnection } from "./open-connection";

/** Opens a file with the chosen driver; with `readOnly`, one that exists. */
export type OpenSqlite = (file: string, access?: "readOnly") => SqliteDatabase;

type DriverClass = new (file: string, options?: object) => SqliteDatabase;

/** A driver's class in its module, and its way to open a file without writing. */
interface Candidate {
  readonly name: string;
  classIn(load: NodeJS.Require): DriverClass;
  readonly readOnly: object;
}

const BETTER_SQLITE3: Candidate = {
  name: "better-sqlite3",
  readOnly: { readonly: true, fileMustExist: true },
  classIn(load) {
    const { version }: { version: string } = load("better-sqlite3/package.json");
    // Version 13 ends a process of Node 20 without a word.
    if (Number.parseInt(version, 10) > 12 && Number.parseInt(process.versions.node, 10) < 22) {
      throw new Error(`version ${version} needs Node 22: npm install better-sqlite3@12`);
    }
    return load("better-sqlite3");
  },
};
const NODE_SQLITE: Candidate = {
  name: "node:sqlite",
  readOnly: { readOnly: true },
  classIn: (load) => load("node:sqlite").DatabaseSync,
};
const BUN_SQLITE: Candidate = {
  name: "bun:sqlite",
  readOnly: { readonly: true },
  classIn: (load) => load("bun:sqlite").Database,
};

/**
 * Chooses the driver: in Bun its own, elsewhere better-sqlite3 where it is installed, or else that of Node. One that is built
 * for another Node, or that cannot keep the guarantees, is passed over.
 *
 * @param from The file or URL whose packages are looked at.
 * @throws PaymeConfigError where none works: it says what to install.
 */
export function chooseDriver(from: string = import.meta.url): OpenSqlite {
  const load = createRequire(from);
  const refusals: unknown[] = [];
  for (const candidate of process.versions.bun === undefined ? [BETTER_SQLITE3, NODE_SQLITE] : [BUN_SQLITE]) {
    try {
      const Database = candidate.classIn(load);
      const open: OpenSqlite = (file, access) =>
        access === undefined ? new Database(file) : new Database(file, candidate.readOnly);
      openConnection(open, ":memory:").close();
      return open;
    } catch (error) {
      refusals.push(`${candidate.name}: ${String(error).split("\n", 1)[0]}`);
    }
  }
  throw new PaymeConfigError("payme-kit/sqlite found no SQLite driver that works here", {
    hint: "npm install better-sqlite3 (version 12 for Node 20). Node 22.16 and later need nothing: node:sqlite is used.",
    cause: refusals.join("; "),
  });
}

let chosen: OpenSqlite | undefined;

/** Opens a file with the driver that {@link chooseDriver} finds beside this package. */
export function openSqlite(file: string): SqliteDatabase {
  chosen ??= chooseDriver();
  return chosen(file);
}
