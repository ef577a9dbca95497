import { quoted, type SqlSeam } from "payme-kit/adapter";
import type { TableColumns } from "./table-columns";

/** A row, each value as text: no driver's own idea of times and numbers comes in between. */
export type TextRow<Name extends string> = { readonly [Column in Name]: string | null };

const PAGE_ROWS = 500;

/** What to read: a table, its columns, and those that are wanted. One that is not there reads as null. */
export interface Reading<Name extends string> {
  readonly table: string;
  readonly columns: TableColumns;
  readonly wanted: readonly Name[];
}

/** The rows of a table in the order of `id`, a page at a time. */
export async function* keyPages<Name extends string>(
  sql: SqlSeam<unknown>,
  reading: Reading<Name | "id">,
): AsyncGenerator<readonly TextRow<Name | "id">[]> {
  const { table, columns } = reading;
  const list = reading.wanted.map((name) => asText(name, columns)).join(", ");
  const idType = sql.dialect === "sqlite" ? undefined : columns.get("id")?.type;
  const after = idType === undefined ? "$1::text" : `CAST($1::text AS ${idType})`;
  const page = (where: string) => `SELECT ${list} FROM ${quoted(table)} AS t ${where} ORDER BY t.id LIMIT ${PAGE_ROWS}`;
  let last: string | null | undefined;
  do {
    const [statement, params] = last === undefined ? [page(""), []] : [page(`WHERE t.id > ${after}`), [last]];
    const rows = (await sql.read((executor) => executor.execute(statement, params))).map((row) =>
      textRow(row, reading.wanted),
    );
    if (rows.length > 0) yield rows;
    last = rows.length < PAGE_ROWS ? null : rows.at(-1)?.id;
  } while (last !== null && last !== undefined);
}

/** The text of a column; NULL where the table has no such column. */
export function asText(name: string, columns: TableColumns, table = "t"): string {
  return columns.has(name) ? `CAST(${table}.${quoted(name)} AS text) AS ${quoted(name)}` : `NULL AS ${quoted(name)}`;
}

/** A row of texts, of what a driver gave. */
export function textRow<Name extends string>(
  row: Readonly<Record<string, unknown>>,
  names: readonly Name[],
): TextRow<Name> {
  const read: Partial<Record<Name, string | null>> = {};
  for (const name of names) {
    const value = row[name];
    read[name] = typeof value === "string" ? value : null;
  }
  if (isComplete(read, names)) return read;
  throw new TypeError("a row lacks a column");
}

function isComplete<Name extends string>(
  row: Partial<Record<Name, string | null>>,
  names: readonly Name[],
): row is Record<Name, string | null> {
  return names.every((name) => row[name] !== undefined);
}
