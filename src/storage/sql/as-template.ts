import type { SqlRow, SqlValue } from "./executor";

/**
 * A statement of ours as a template tag takes it, which is how Drizzle and Kysely let raw SQL in with parameters.
 *
 * @example asTemplate("SELECT $2::text, $1", ["a", "b"]) // { strings: ["SELECT ", "::text, ", ""], values: ["b", "a"] }
 */
export function asTemplate(
  sql: string,
  params: readonly SqlValue[],
): { strings: TemplateStringsArray; values: SqlValue[] } {
  const parts = sql.split(/\$(\d+)/);
  const texts = parts.filter((_part, index) => index % 2 === 0);
  const numbers = parts.filter((_part, index) => index % 2 === 1);
  return {
    strings: Object.assign(texts, { raw: texts }),
    values: numbers.map((number) => params[Number(number) - 1] ?? null),
  };
}

/** The rows of a result, whether a driver gives them bare or as its member `rows`. */
export function rowsIn(result: unknown): SqlRow[] {
  if (Array.isArray(result)) return result.filter(isRow);
  return isRow(result) && Array.isArray(result.rows) ? result.rows.filter(isRow) : [];
}

function isRow(row: unknown): row is SqlRow {
  return typeof row === "object" && row !== null;
}
