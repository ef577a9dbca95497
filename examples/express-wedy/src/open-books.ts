import { closeSync, openSync } from "node:fs";
import { eventLogger, type Logger, type Storage } from "payme-kit";
import { postgresStorage } from "payme-kit/postgres";
import { sqliteStorage } from "payme-kit/sqlite";
import { sqlTariffStore, type TariffStore } from "payme-kit/tariffs";
import pg from "pg";
import type { Database } from "./config";
import { migrateWithGuide } from "./guide-tables";

/** Where this server keeps payments, tariffs and users. */
export interface Books {
  readonly storage: Storage<unknown>;
  readonly store: TariffStore<unknown>;
  close(): Promise<void>;
}

/** Opens the database. `storage.migrate()` makes our tables and those that the guide prints. */
export function openBooks(database: Database, logger: Logger): Books {
  const told = { logger, onEvent: eventLogger(logger) };
  return "file" in database ? inFile(database.file, told) : onPostgres(database.url, told);
}

type Told = Parameters<typeof postgresStorage>[1];

function inFile(file: string, told: Told): Books {
  // A new file is its owner's alone. SQLite would let everybody read it, and gives its `-wal` file the same rights.
  closeSync(openSync(file, "a", 0o600));
  const sqlite = sqliteStorage({ file, ...told });
  const storage = { ...sqlite, migrate: () => migrateWithGuide(sqlite, "payment") };
  const store = sqlTariffStore(storage, { tables: { tariff: "tariff", user: "user" } });
  return { storage, store, close: () => storage.close() };
}

/** The guide's tables where its queries look for them, ours in the schema `payme`. */
function onPostgres(connectionString: string, told: Told): Books {
  const pool = new pg.Pool({ connectionString, application_name: "wedy" });
  const postgres = postgresStorage(pool, told);
  const storage = {
    ...postgres,
    migrate: () => migrateWithGuide(postgres, "public.payment"),
  };
  const store = sqlTariffStore(storage, { tables: { tariff: "public.tariff", user: "public.user" } });
  return { storage, store, close: () => pool.end() };
}
