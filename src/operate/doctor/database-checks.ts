import { integer, text } from "../../storage/sql/columns";
import { doneSteps, indexesOf, ledgerMigrations } from "../../storage/sql/migrations";
import { isWeakCommit } from "../../storage/sql/postgres-seam";
import { quoted } from "../../storage/sql/tables";
import { type Check, right, type Seen, uncertain, wrong } from "./finding";
import type { DoctorDatabase, Subject } from "./subject";

/** Types of file systems on a network, by `statfs`: NFS, SMB, CIFS, SMB2, 9P, FUSE. */
const NETWORK_FILE_SYSTEMS = [0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997, 0x65735546];
/** SQLite's number of `synchronous=FULL`; 3 is EXTRA. */
const FULL = 2;
/** The longest name that PostgreSQL keeps. */
const LONGEST_NAME = 63;

const rowsOf = ({ sql }: DoctorDatabase, statement: string, params: readonly string[] = []) =>
  sql.read((executor) => executor.execute(statement, params));
const migrationsOf = ({ sql, tables }: DoctorDatabase) => ledgerMigrations(tables, sql.dialect);

/** The file of a database of SQLite; empty for one in memory, undefined for another database. */
export async function fileOf(database: DoctorDatabase | undefined): Promise<string | undefined> {
  if (database?.sql.dialect !== "sqlite") return undefined;
  const [main] = await rowsOf(database, "SELECT file FROM pragma_database_list WHERE name = 'main'");
  return text(main?.file);
}

/** The names of the indexes that are there; of PostgreSQL's, those that are valid. */
async function indexesIn(database: DoctorDatabase): Promise<string[]> {
  const { transaction, payment, event, count } = database.tables;
  const inSqlite = () => rowsOf(database, "SELECT name FROM sqlite_master WHERE type = 'index'");
  const inPostgres = () =>
    rowsOf(
      database,
      `SELECT c.relname AS name FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
        WHERE i.indisvalid AND i.indisready
          AND i.indrelid IN (to_regclass($1::text), to_regclass($2::text), to_regclass($3::text), to_regclass($4::text))`,
      [transaction, payment, event, count].map(quoted),
    );
  return (await (database.sql.dialect === "sqlite" ? inSqlite() : inPostgres())).map(({ name }) => text(name));
}

/** A check of one setting of one kind of database. */
function settingCheck({
  dialect,
  sql,
  judge,
  ...check
}: Omit<Check, "look" | "after"> & {
  dialect: DoctorDatabase["sql"]["dialect"];
  /** Selects it as `value`. */
  sql: string;
  judge(value: unknown, subject: Subject): Seen | undefined;
}): Check {
  return {
    ...check,
    after: ["database.reached"],
    async look(subject) {
      const { database } = subject;
      if (database?.sql.dialect !== dialect) return undefined;
      return judge((await rowsOf(database, sql))[0]?.value, subject);
    },
  };
}

export const databaseChecks: readonly Check[] = [
  {
    id: "database.reached",
    why: "Without the database every call of Payme is a system error.",
    fix: "Look at its address, its server and its log.",
    async look({ database }) {
      await (database && rowsOf(database, "SELECT 1 AS value"));
      return database && right("the database answers");
    },
  },
  {
    id: "database.migrated",
    after: ["database.reached"],
    why: "A statement on a missing table or column fails, and with it the payment.",
    fix: "Call await storage.migrate() at the start, or run the SQL of: npx payme-kit schema",
    async look({ database }) {
      if (database === undefined) return undefined;
      const { part, steps } = migrationsOf(database);
      const { sql, tables } = database;
      const done = await sql.read((executor) => doneSteps(executor, sql.dialect, tables, part));
      const missing = steps.filter((_step, index) => !done.has(index + 1)).length;
      if (missing > 0) return wrong(`${missing} of ${steps.length} steps of our tables are missing`);
      const isNewer = done.size > steps.length;
      return isNewer
        ? uncertain("a newer payme-kit made the tables", "Update payme-kit here, too.")
        : right("up to date");
    },
  },
  {
    id: "database.indexes",
    after: ["database.migrated"],
    why: "The unique indexes keep an order from being sold twice; without the others a call reads the whole table.",
    fix: "Make them again, by the SQL of: npx payme-kit schema",
    async look({ database }) {
      if (database === undefined) return undefined;
      const found = await indexesIn(database);
      const missing = indexesOf(migrationsOf(database)).filter((name) => !found.includes(name.slice(0, LONGEST_NAME)));
      return missing.length > 0 ? wrong(`missing or not valid: ${missing.join(", ")}`) : right("each is there");
    },
  },
  settingCheck({
    id: "database.fsync",
    why: "Without fsync a power cut loses payments that Payme was told of, or the whole database.",
    fix: "Set fsync = on in postgresql.conf, and start the server anew.",
    dialect: "postgres",
    sql: "SELECT current_setting('fsync') AS value",
    judge: (value) => (value === "on" ? right : wrong)(`fsync = ${value}`),
  }),
  settingCheck({
    id: "database.synchronous-commit",
    why: "A transaction that you open yourself may be lost after it was answered. payme-kit raises it in its own.",
    fix: "ALTER ROLE … SET synchronous_commit = on",
    dialect: "postgres",
    sql: "SELECT current_setting('synchronous_commit') AS value",
    judge: (value) => (isWeakCommit(value) ? uncertain : right)(`synchronous_commit = ${value}`),
  }),
  settingCheck({
    id: "database.wal",
    why: "In any other journal mode than WAL a reader stops the writers.",
    fix: "PRAGMA journal_mode = WAL",
    dialect: "sqlite",
    sql: "SELECT journal_mode AS value FROM pragma_journal_mode",
    judge: (value) => (value === "wal" || value === "memory" ? right : wrong)(`journal_mode = ${value}`),
  }),
  settingCheck({
    id: "database.synchronous",
    why: "With less than FULL a power cut loses payments that Payme was told of.",
    fix: "PRAGMA synchronous = FULL on each connection that writes",
    dialect: "sqlite",
    sql: "SELECT synchronous AS value FROM pragma_synchronous",
    judge: (value, { database }) =>
      database?.isForeign ? undefined : (integer(value) < FULL ? wrong : right)(`synchronous = ${value}`),
  }),
  {
    id: "database.local-file",
    after: ["database.reached"],
    why: "SQLite's locks do not work on a network: two processes then write at once.",
    fix: "Move the file to a local disk, or use PostgreSQL.",
    async look({ database, fileSystemOf }) {
      const file = await fileOf(database);
      if (!file) return undefined;
      const isRemote = NETWORK_FILE_SYSTEMS.includes(await fileSystemOf(file));
      return isRemote ? wrong("the file is on a network or foreign file system") : right("on a local disk");
    },
  },
];
