import { createRequire } from "node:module";
import { join } from "node:path";
import type pg from "pg";
import type { DoctorDatabase } from "../../operate/doctor/subject";
import { postgresStorage } from "../../storage/postgres/postgres-storage";
import { tableNames } from "../../storage/sql/tables";
import { chooseDriver } from "../../storage/sqlite/choose-driver";
import { sqliteExecutor } from "../../storage/sqlite/connection";
import { type SqliteConnection, sqliteConnection } from "../../storage/sqlite/driver";
import { asUsage, UsageError } from "./io";

/** A database that is opened at the first read. */
export interface OpenedDatabase extends DoctorDatabase {
  close(): Promise<void>;
}

/** How long a database may take to answer, and to let a connection go. */
const TIMEOUT_MS = 5_000;

/**
 * Opens a database by its URL, to read only: `postgres://…`, `sqlite:shop.db`, or the path of a file.
 *
 * @throws UsageError for another kind, or where the driver is not installed.
 */
export function openDatabase(url: string, schema: string | undefined): OpenedDatabase {
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgres(url, schema);
  if (/^\w{2,}:\/\//.test(url)) throw new UsageError("--database: give postgres://…, sqlite:<file> or a file");
  return openSqlite(url.replace(/^(sqlite|file):/, ""));
}

function openPostgres(connectionString: string, schema: string | undefined): OpenedDatabase {
  const { Pool } = driver<typeof pg>("pg");
  const limits = { connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS };
  const pool = new Pool({ connectionString, max: 2, ...limits });
  const { sql, tables } = asUsage(() => postgresStorage(pool, { schema }));
  return {
    isForeign: true,
    tables,
    sql: { dialect: "postgres", read: (work) => sql.readOnly((tx) => work(sql.executorOf(tx))) },
    close: () => pool.end(),
  };
}

function openSqlite(file: string): OpenedDatabase {
  const open = asUsage(() => chooseDriver(projectFile()));
  let opened: SqliteConnection | undefined;
  return {
    isForeign: true,
    tables: tableNames(),
    sql: {
      dialect: "sqlite",
      async read(work) {
        opened ??= sqliteConnection(open(file, "readOnly"));
        return work(sqliteExecutor(opened));
      },
    },
    close: async () => void opened?.close(),
  };
}

/** Loads a driver of the project in this folder. */
function driver<Driver>(name: string): Driver {
  try {
    return createRequire(projectFile())(name);
  } catch {
    throw new UsageError(`--database needs the package ${name} in this folder: npm install ${name}`);
  }
}

const projectFile = () => join(process.cwd(), "package.json");
