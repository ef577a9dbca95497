import type { SqlValue } from "../sql/executor";

/**
 * Writes the values into a statement, so that it can go to the database in one message with BEGIN or COMMIT: such a message has
 * no parameters. Only letters, digits and `_ . : , -` stand there as they are; any other text goes in as hexadecimal digits.
 *
 * @example inlineValues("SELECT $1::text, $2::bigint", ["a'b", 7])
 * // SELECT convert_from(decode('612762', 'hex'), 'UTF8')::text, '7'::bigint
 */
export function inlineValues(sql: string, params: readonly SqlValue[]): string {
  return sql.replace(/\$(\d+)/g, (_placeholder, number: string) => literal(params[Number(number) - 1] ?? null));
}

function literal(value: SqlValue): string {
  if (value === null) return "NULL";
  const text = String(value);
  if (/^[\w.:,-]*$/.test(text)) return `'${text}'`;
  return `convert_from(decode('${Buffer.from(text).toString("hex")}', 'hex'), 'UTF8')`;
}
