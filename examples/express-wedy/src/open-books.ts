import { closeSync, openSync } from "node:fs";
import { eventLogger, type Logger } from "payme-kit";
import type { SqlStorage } from "payme-kit/adapter";
import { postgresStorage } from "payme-kit/postgres";
import { sqliteStorage } from "payme-kit/sqlite";
import { sqlTariffStore, type TariffStore } from "payme-kit/tariffs";
import pg from "pg";
import type { Database } from "./config";
import { migrateWithGuide } from "./guide-tables";

/** Where this server keeps payments, tariffs and users. */
export interface Books {
  readonly storage: SqlStorage<unknown>;
  /** The same books for Payme's calls, which must not wait for payers. */
  readonly forPayme: SqlStorage<unknown>;
  readonly store: TariffStore<unknown>;
  readonly names: GuideNames;
  /** False while the connections are taken: then no further payer is started. */
  readonly hasRoom?: () => boolean;
  close(): Promise<void>;
}

/** The tables that the guide prints; on PostgreSQL with their schema. */
export interface GuideNames {
  readonly payment: string;
  readonly tariff: string;
  readonly user: string;
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
  const names = { payment: "payment", tariff: "tariff", user: "user" };
  const storage = { ...sqlite, migrate: () => migrateWithGuide(sqlite, names.payment) };
  const store = sqlTariffStore(storage, { tables: { tariff: names.tariff, user: names.user } });
  // In a file Payme's calls have their turn first.
  return { storage, forPayme: storage, store, names, close: () => storage.close() };
}

/** As many may wait for a connection as there are: none stands idle. */
const PAYERS_WAITING = 10;

/** The guide's tables where its queries look for them, ours in the schema `payme`. */
function onPostgres(connectionString: string, told: Told): Books {
  const pool = new pg.Pool({ connectionString, application_name: "wedy" });
  const postgres = postgresStorage(pool, told);
  const names = { payment: "public.payment", tariff: "public.tariff", user: "public.user" };
  const storage = { ...postgres, migrate: () => migrateWithGuide(postgres, names.payment) };
  const store = sqlTariffStore(storage, { tables: { tariff: names.tariff, user: names.user } });
  // Connections that no payer can take. Payme's calls are short: a few are enough.
  const paymePool = new pg.Pool({ connectionString, application_name: "wedy-payme", max: 4 });
  const forPayme = postgresStorage(paymePool, told);
  const hasRoom = () => pool.waitingCount < PAYERS_WAITING && paymePool.waitingCount === 0;
  const close = async () => void (await Promise.all([pool.end(), paymePool.end()]));
  return { storage, forPayme, store, names, hasRoom, close };
}
