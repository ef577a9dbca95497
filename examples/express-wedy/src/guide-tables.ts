import {
  type Dialect,
  type Executor,
  indexName,
  type Migration,
  migrate,
  quoted,
  type SqlStorage,
  text,
} from "payme-kit/adapter";
import { keptInFile, keptOnPostgres } from "./guide-triggers";

/**
 * Makes and updates our tables and, beside them, the guide's `payment`. It is for whoever asks with the guide's queries: the
 * server itself reads `payme_payment`, and triggers bring each change from there. A `payment` table of somebody else is
 * refused before anything is made. Each part is one commit, and recorded in it: after a crash the next start goes on.
 *
 * @param guide the name of the guide's table; on PostgreSQL with its schema.
 */
export async function migrateWithGuide<Tx>(storage: SqlStorage<Tx>, guide: string): Promise<void> {
  const { sql, tables } = storage;
  const [earlierRows, kept] =
    sql.dialect === "sqlite" ? [earlierInFile, keptInFile] : [earlierOnPostgres, keptOnPostgres];
  const renamed = await sql.read((executor) => earlierRows(executor, guide, tables.payment));
  const made = createTable(guide, sql.dialect, renamed.length === 0 ? undefined : tables.payment);
  await migrate(sql, tables, { part: "guide", steps: [renamed, made] });
  await storage.migrate();
  await migrate(sql, tables, { part: "guide", steps: [renamed, made, kept(guide, tables.payment)] });
}

const COLUMNS = `id, user_id, amount, status, created_at, paid_at, payme_transaction_id, payme_cheque_id,
  tariff_id, payment_method, payme_error_code, payme_error_message, updated_at, webhook_received_at`;

/** The guide prints INTEGER. On PostgreSQL that ends at 21,474,836 som. */
const AMOUNT = { sqlite: "INTEGER", postgres: "BIGINT" };

/** The table and its indexes, as the guide prints them. `earlier`: the table that held these columns before. */
function createTable(name: string, dialect: Dialect, earlier: string | undefined): Migration {
  const table = quoted(name);
  const index = (column: string) => `CREATE INDEX ${indexName(name, column)} ON ${table} (${column})`;
  return [
    `CREATE TABLE ${table} (
      id VARCHAR PRIMARY KEY,
      user_id VARCHAR NOT NULL,
      amount ${AMOUNT[dialect]} NOT NULL,
      status VARCHAR DEFAULT 'PENDING',
      created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
      paid_at TIMESTAMP NULL,
      payme_transaction_id VARCHAR NULL,
      payme_cheque_id VARCHAR NULL,
      tariff_id INTEGER NULL,
      payment_method VARCHAR DEFAULT 'PAYME',
      payme_error_code VARCHAR NULL,
      payme_error_message VARCHAR NULL,
      updated_at TIMESTAMP NULL,
      webhook_received_at TIMESTAMP NULL
    )`,
    ...["user_id", "payme_transaction_id", "status", "created_at"].map(index),
    ...(earlier === undefined ? [] : [`INSERT INTO ${table} (${COLUMNS}) SELECT ${COLUMNS} FROM ${quoted(earlier)}`]),
  ];
}

/** In an earlier version `payment` was ours, too, with our columns after the guide's. Then its name and its indexes change. */
async function earlierInFile(executor: Executor, name: string, ours: string): Promise<Migration> {
  const column = "SELECT 1 AS found FROM pragma_table_info($1::text) WHERE name = 'created_ms'";
  if ((await executor.execute(column, [name])).length === 0) return [];
  const indexes = await executor.execute(
    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = $1::text AND sql IS NOT NULL",
    [name],
  );
  const ofOurs = indexes.filter((index) => text(index.name).startsWith(`idx_${name}_`));
  return [
    `ALTER TABLE ${quoted(name)} RENAME TO ${quoted(ours)}`,
    ...ofOurs.flatMap((index) => [
      `DROP INDEX ${quoted(text(index.name))}`,
      text(index.sql).replace(`"idx_${name}_`, `"idx_${ours}_`).replace(` ON "${name}"`, ` ON "${ours}"`),
    ]),
  ];
}

async function earlierOnPostgres(executor: Executor, name: string, ours: string): Promise<Migration> {
  const column = `SELECT 1 AS found FROM pg_attribute
    WHERE attrelid = to_regclass($1::text) AND attname = 'created_ms' AND NOT attisdropped`;
  if ((await executor.execute(column, [quoted(name)])).length === 0) return [];
  const indexes = await executor.execute(
    "SELECT relname::text AS name FROM pg_index JOIN pg_class ON oid = indexrelid WHERE indrelid = to_regclass($1::text)",
    [quoted(name)],
  );
  const [, table = ""] = name.split(".");
  const [schema = "", ourTable = ""] = ours.split(".");
  const ofOurs = indexes
    .map((index) => text(index.name))
    .filter((index) => index === `${table}_pkey` || index.startsWith(`idx_${table}_`));
  return [
    `ALTER TABLE ${quoted(name)} SET SCHEMA ${quoted(schema)}`,
    `ALTER TABLE ${quoted(`${schema}.${table}`)} RENAME TO ${quoted(ourTable)}`,
    ...ofOurs.map(
      (index) => `ALTER INDEX ${quoted(`${schema}.${index}`)} RENAME TO ${quoted(index.replace(table, ourTable))}`,
    ),
  ];
}
