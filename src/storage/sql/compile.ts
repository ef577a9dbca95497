/** A statement as a driver with `?` placeholders takes it. */
export interface CompiledStatement {
  readonly text: string;
  /** Which parameter, counted from 1, each `?` stands for. */
  readonly order: readonly number[];
  /** True where it gives rows back. */
  readonly returnsRows: boolean;
}

/**
 * A statement of ours for SQLite: `$2::bigint` becomes `?`, casts go. One set of statements serves both databases.
 *
 * @example compile("SELECT $1::text, $1") // { text: "SELECT ?, ?", order: [1, 1], returnsRows: true }
 */
export function compile(sql: string): CompiledStatement {
  const order: number[] = [];
  const text = sql.replace(/\$(\d+)(?:::[a-z]+)*/g, (_placeholder, number: string) => {
    order.push(Number(number));
    return "?";
  });
  return { text, order, returnsRows: /^\s*(?:SELECT|WITH)\b|\bRETURNING\b/i.test(sql) };
}
