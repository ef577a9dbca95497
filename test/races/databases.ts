import pg from "pg";
import type { SqlStorage } from "../../src/entry/adapter";
import { postgresStorage } from "../../src/entry/postgres";
import { sqliteStorage } from "../../src/entry/sqlite";
import type { PostgresPool } from "../../src/storage/postgres/driver";
import { openUnguarded } from "../faulty/adapters/unguarded";
import { unguardedPool } from "./unguarded-pool";

/** `guarded` is what the package does; `unguarded` reads the row, looks at it, then writes it, as much code does. */
export type Variant = "guarded" | "unguarded";

/** A storage that a process of a race has opened. */
export interface RacingStorage {
  readonly storage: SqlStorage<unknown>;
  close(): Promise<void>;
}

/** True for the URL of a PostgreSQL database; other addresses are paths of SQLite files. */
export function isPostgres(address: string): boolean {
  return address.startsWith("postgres:");
}

/** Opens the database at an address. Unguarded: its statements and indexes guard nothing. */
export function openAt(address: string, variant: Variant = "guarded"): RacingStorage {
  return isPostgres(address) ? onPostgres(address, variant) : inFile(address, variant);
}

function inFile(file: string, variant: Variant): RacingStorage {
  const storage = variant === "guarded" ? sqliteStorage({ file }) : sqliteStorage({ file, open: openUnguarded });
  return { storage, close: () => storage.close() };
}

function onPostgres(connectionString: string, variant: Variant): RacingStorage {
  const pool = new pg.Pool({ connectionString });
  const guarded: PostgresPool = pool;
  const storage = postgresStorage(variant === "guarded" ? guarded : unguardedPool(pool));
  return { storage, close: () => pool.end() };
}
