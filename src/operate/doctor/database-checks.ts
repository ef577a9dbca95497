import { ledgerMigrations, doneSteps, indexesOf } from "../../storage/sql/migrations";
import { isWeakCommit } from "../../storage/sql/postgres-seam";
import { integer, text } from "../../storage/sql/rows";
import { quoted } from "../../storage/sql/tables";
import { checksOf } from "./check";
import { right, uncertain, wrong } from "./finding";
import type { DoctorDatabase } from "./subject";

/** Types of file systems on a network, by `statfs`: NFS, SMB, CIFS, SMB2, 9P, FUSE. */
const NETWORK_FILE_SYSTEMS = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997, 0x65735546]);
/** SQLite's number of `synchronous=FULL`; 3 is EXTRA. */
const FULL = 2;
const MIGRATE = "Call await storage.migrate() at the start, or run the SQL of: npx payme-kit schema";

const rowsOf = ({ sql }: DoctorDatabase, statement: string, params: readonly string[] = []) =>
  sql.read((executor) => executor.execute(statement, params));
const valueOf = async (database: DoctorDatabase, statement: string) => (await rowsOf(database, statement))[0]?.value;
const setting = (database: DoctorDatabase, name: string) =>
  valueOf(database, `SELECT current_setting('${name}') AS value`);

const migrationsOf = ({ sql, tables }: DoctorDatabase) => ledgerMigrations(tables, sql.dialect);

/** The names of the indexes that are there; of PostgreSQL's, those that are valid. */
async function indexesIn(database: DoctorDatabase): Promise<string[]> {
  const { transaction, payment, event, count } = database.tables;
  const rows =
    database.sql.dialect === "sqlite"
      ? await rowsOf(database, "SELECT name FROM sqlite_master WHERE type = 'index'")
      : await rowsOf(
          database,
          `SELECT c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            WHERE i.indisvalid AND i.indisready
              AND i.indrelid IN (to_regclass($1::text), to_regclass($2::text), to_regclass($3::text), to_regclass($4::text))`,
          [transaction, payment, event, count].map(quoted),
        );
  return rows.map(({ name }) => text(name));
}

/** The longest name that PostgreSQL keeps. */
const LONGEST_NAME = 63;

export const databaseChecks = [
  ...checksOf("database", ({ database }) => database, [
    {
      id: "reached",
      looksAt: "the database answers",
      why: "Without it every call of Payme is a system error.",
      async look(database) {
        await rowsOf(database, "SELECT 1 AS value");
        return right("the database answers");
      },
    },
    {
      id: "migrated",
      after: ["reached"],
      looksAt: "our tables are there, in the form of this version",
      why: "The first statement on a missing table or column fails, and with it the payment.",
      async look(database) {
        const { part, steps } = migrationsOf(database);
        const { sql, tables } = database;
        const done = await sql.read((executor) => doneSteps(executor, sql.dialect, tables, part));
        const missing = steps.filter((_step, index) => !done.has(index + 1)).length;
        if (missing > 0) return wrong(`${missing} of ${steps.length} steps of the tables are missing`, MIGRATE);
        const saw = `${done.size} steps of the tables are made, ${steps.length} are known`;
        return done.size > steps.length ? uncertain(saw, "A newer payme-kit made them: update this one.") : right(saw);
      },
    },
    {
      id: "indexes",
      after: ["migrated"],
      looksAt: "each of our indexes is there, and valid",
      why: "The unique ones keep an order from being sold twice; without the others a call reads the whole table.",
      async look(database) {
        const found = new Set(await indexesIn(database));
        const missing = indexesOf(migrationsOf(database)).filter((name) => !found.has(name.slice(0, LONGEST_NAME)));
        if (missing.length === 0) return right(`${found.size} indexes`);
        return wrong(`missing or not valid: ${missing.join(", ")}`, "Make them again, by the SQL of: npx payme-kit schema");
      },
    },
  ]),
  ...checksOf("database", ({ database }) => (database?.sql.dialect === "postgres" ? database : undefined), [
    {
      id: "fsync",
      after: ["reached"],
      looksAt: "PostgreSQL: `fsync` is on",
      why: "Without it a power cut loses payments that Payme was told of, or the whole database.",
      async look(database) {
        const value = await setting(database, "fsync");
        return value === "on" ? right("fsync = on") : wrong(`fsync = ${text(value)}`, "Set fsync = on, and start it anew.");
      },
    },
    {
      id: "synchronous-commit",
      after: ["reached"],
      looksAt: "PostgreSQL: `synchronous_commit` loses no commit",
      why: "payme-kit raises it in its own transactions; one that you open yourself may be lost after it was answered.",
      async look(database) {
        const value = await setting(database, "synchronous_commit");
        const saw = `synchronous_commit = ${text(value)}`;
        return isWeakCommit(value) ? uncertain(saw, "ALTER ROLE … SET synchronous_commit = on") : right(saw);
      },
    },
  ]),
  ...checksOf("database", ({ database }) => (database?.sql.dialect === "sqlite" ? database : undefined), [
    {
      id: "wal",
      after: ["reached"],
      looksAt: "SQLite: the journal is WAL",
      why: "In any other mode a reader stops the writers.",
      async look(database) {
        const mode = text(await valueOf(database, "SELECT journal_mode AS value FROM pragma_journal_mode"));
        // A database in memory has no journal.
        const isRight = mode === "wal" || mode === "memory";
        return isRight ? right(`journal_mode = ${mode}`) : wrong(`journal_mode = ${mode}`, "PRAGMA journal_mode = WAL");
      },
    },
    {
      id: "synchronous",
      after: ["reached"],
      looksAt: "SQLite: `synchronous` is FULL, on the connection of the storage",
      why: "With less, a power cut loses payments that Payme was told of.",
      async look(database) {
        if (!database.isOurs) return undefined;
        const level = integer(await valueOf(database, "SELECT synchronous AS value FROM pragma_synchronous"));
        const saw = `synchronous = ${level}`;
        return level >= FULL ? right(saw) : wrong(saw, "PRAGMA synchronous = FULL on this connection");
      },
    },
    {
      id: "local-file",
      after: ["reached"],
      looksAt: "SQLite: the file is on a local disk",
      why: "Locks do not work on a network: two processes then write at once.",
      async look(database, { fileSystemOf }) {
        const file = text(await valueOf(database, "SELECT file AS value FROM pragma_database_list WHERE name = 'main'"));
        if (file === "") return undefined;
        const isRemote = NETWORK_FILE_SYSTEMS.has(await fileSystemOf(file));
        if (!isRemote) return right("on a local disk");
        return wrong("the file is on a network or foreign file system", "Move it to a local disk, or use PostgreSQL.");
      },
    },
  ]),
];
