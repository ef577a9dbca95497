import { type Executor, type Migration, quoted, text } from "payme-kit/adapter";
import { keptName, type OldTables } from "./old-tables";

/** The indexes that the guide prints. Ours of these names come in their place. */
const INDEXES = [
  "payment_pkey",
  ...["user_id", "payme_transaction_id", "status", "created_at"].map((c) => `idx_payment_${c}`),
];

/** The statements that put the old payments aside, and copy what `run` may change in other tables. */
export async function keepingSteps(old: OldTables): Promise<Migration> {
  const { storage, names, kept, columns } = old;
  const indexes = await storage.sql.read((executor) => indexesOn(executor, old, names.payment));
  const userColumns = ["id", "tariff_id", "tariff_expires_at"].filter((name) => columns.user.has(name));
  return [
    `ALTER TABLE ${quoted(names.payment)} RENAME TO ${bare(kept.payment)}`,
    ...indexes.flatMap((index) => renamed(old, index, keptName(index.name))),
    ...(columns.user.size > 0
      ? [`CREATE TABLE ${quoted(kept.user)} AS SELECT ${userColumns.map(quoted).join(", ")} FROM ${quoted(names.user)}`]
      : []),
    ...(columns.tariff.size > 0
      ? [`CREATE TABLE ${quoted(kept.tariff)} AS SELECT * FROM ${quoted(names.tariff)}`]
      : []),
    ...(columns.user.size > 0
      ? [`CREATE UNIQUE INDEX ${quoted(`idx_${bareName(kept.user)}`)} ON ${quoted(kept.user)} (id)`]
      : []),
  ];
}

/** The statements that give the old payments their name back. Ours of this name must be gone. */
export async function returningSteps(executor: Executor, old: OldTables): Promise<Migration> {
  const { names, kept } = old;
  const indexes = await indexesOn(executor, old, kept.payment);
  return [
    `ALTER TABLE ${quoted(kept.payment)} RENAME TO ${bare(names.payment)}`,
    ...indexes.flatMap((index) => renamed(old, index, index.name.slice(0, -keptName("").length))),
  ];
}

interface Index {
  readonly name: string;
  /** What made it; on PostgreSQL not needed. */
  readonly sql: string;
}

/** The indexes of the table that stand where ours come, or stood there. */
async function indexesOn(executor: Executor, { storage }: OldTables, table: string): Promise<Index[]> {
  const rows =
    storage.sql.dialect === "sqlite"
      ? await executor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = $1::text", [
          table,
        ])
      : await executor.execute(
          `SELECT relname::text AS name, '' AS sql FROM pg_index JOIN pg_class ON oid = indexrelid
            WHERE indrelid = to_regclass($1::text)`,
          [quoted(table)],
        );
  return rows
    .map((row) => ({ name: text(row.name), sql: typeof row.sql === "string" ? row.sql : "" }))
    .filter(({ name }) => INDEXES.some((index) => name === index || name === keptName(index)));
}

/** SQLite renames no index: it is made anew, by what made it. */
function renamed({ storage, names }: OldTables, { name, sql }: Index, to: string): Migration {
  if (storage.sql.dialect === "postgres") {
    const schema = names.payment.split(".")[0] ?? "public";
    return [`ALTER INDEX ${quoted(`${schema}.${name}`)} RENAME TO ${quoted(to)}`];
  }
  const [, columns = ""] = /\bON\s+[^(]+(\(.*)$/is.exec(sql) ?? [];
  const table = to === keptName(name) ? keptName(names.payment) : names.payment;
  const unique = /^\s*CREATE\s+UNIQUE/i.test(sql) ? "UNIQUE " : "";
  return [`DROP INDEX ${quoted(name)}`, `CREATE ${unique}INDEX ${quoted(to)} ON ${quoted(table)}${columns}`];
}

const bareName = (name: string) => name.split(".").at(-1) ?? name;
const bare = (name: string) => quoted(bareName(name));
