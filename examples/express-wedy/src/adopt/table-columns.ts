import { quoted, type SqlSeam, text } from "payme-kit/adapter";

/** A column as the database describes it. */
export interface Column {
  readonly name: string;
  /** Its type, as SQL writes it. */
  readonly type: string;
  /** True where a row needs a value for it, and the database has none to give. */
  readonly isNeeded: boolean;
}

/** Columns by name; none where there is no such table. */
export type TableColumns = ReadonlyMap<string, Column>;

const FROM_SQLITE = `SELECT name, type, "notnull" = 1 AND dflt_value IS NULL AND pk = 0 AS is_needed
  FROM pragma_table_info($1::text) ORDER BY cid`;

const FROM_POSTGRES = `SELECT attname::text AS name, format_type(atttypid, atttypmod) AS type,
    (attnotnull AND NOT atthasdef AND attidentity = '')::integer AS is_needed
  FROM pg_attribute WHERE attrelid = to_regclass($1::text) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`;

/** Reads the columns of a table. */
export async function columnsOf(sql: SqlSeam<unknown>, table: string): Promise<TableColumns> {
  const isFile = sql.dialect === "sqlite";
  const rows = await sql.read((executor) =>
    executor.execute(isFile ? FROM_SQLITE : FROM_POSTGRES, [isFile ? table : quoted(table)]),
  );
  return new Map(
    rows.map((row) => [text(row.name), { name: text(row.name), type: text(row.type), isNeeded: row.is_needed === 1 }]),
  );
}
