import { PaymeStorageError } from "../../kit/errors";
import { isRecord } from "../../kit/json";
import { type CompiledStatement, compile, type Executor, type SqlRow, type SqlValue } from "../sql/executor";
import { awayCode } from "../storage-errors";
import type { SqliteHandle, SqliteStatement } from "./driver";

/**
 * Returns the executor of a connection or of a transaction's handle. Each statement is compiled and prepared once. A handle that
 * is not ours must be of the same file as `own`.
 */
export function sqliteExecutor(handle: SqliteHandle, own?: SqliteHandle): Executor {
  const prepared = new Map<string, CompiledStatement & { statement: SqliteStatement }>();

  function prepare(sql: string) {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    if (own !== undefined && prepared.size === 0) requireSameFile(handle, own);
    const compiled = compile(sql);
    const made = { ...compiled, statement: handle.prepare(compiled.text) };
    prepared.set(sql, made);
    return made;
  }

  return {
    async execute(sql: string, params: readonly SqlValue[]): Promise<readonly SqlRow[]> {
      const { statement, order, returnsRows } = prepare(sql);
      const values = order.map((number) => params[number - 1] ?? null);
      if (returnsRows) return statement.all(...values).filter(isRecord);
      statement.run(...values);
      return [];
    },
  };
}

/** The most of a file that SQLite can read through memory: 2 GB. */
const MAPPED_BYTES = 2 ** 31;

/**
 * Configures a connection. WAL lets readers go on while one writes; FULL makes a commit wait for the disk. Books that are too
 * large for SQLite's cache are read through memory, without a system call for each page. The busy timeout ends as 0: a wait
 * inside the driver stops the whole process, so we wait in JavaScript.
 */
export function configure(database: SqliteHandle): void {
  database.exec("PRAGMA busy_timeout = 5000");
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = FULL");
  database.exec("PRAGMA foreign_keys = ON");
  database.exec(`PRAGMA mmap_size = ${MAPPED_BYTES}`);
  database.exec("PRAGMA busy_timeout = 0");
}

/** @throws PaymeStorageError for a handle of another database, whose writes would be in none of our books. */
function requireSameFile(handle: SqliteHandle, own: SqliteHandle): void {
  if (mainFile(handle) === mainFile(own)) return;
  throw new PaymeStorageError("STORAGE_MISUSE", "storage.using was given a handle of another database", {
    hint: "Give it the tx of this storage's own hook or transaction, or sqliteConnection(database) on the same file.",
  });
}

/** The file of a connection, empty for one in memory; undefined for what is no handle of SQLite. */
function mainFile(handle: Partial<SqliteHandle>): string | undefined {
  const files = handle.prepare?.<{ name: string; file: string | null }>("PRAGMA database_list").all();
  return files && (files.find(({ name }) => name === "main")?.file ?? "");
}

/** True for an error of SQLite because another connection is at work. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(awayCode(error) ?? "");
}
