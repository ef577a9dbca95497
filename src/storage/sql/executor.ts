import { isRecord } from "../../kit/json";
import type { Storage } from "../../ledger";
import type { TableNames } from "./tables";

/** The databases that our statements are written for. */
export type Dialect = "sqlite" | "postgres";

/** What our statements take. JSON goes in as text, true and false as 1 and 0. */
export type SqlValue = string | number | null;

/** A row as a driver gives it; decoded in one place, `rows.ts`. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** The one function that a database, or an ORM around it, must give: runs a statement, gives the rows that it returns. */
export interface Executor {
  /** Statements are written with placeholders `$1::type`; {@link compile} makes them what a driver takes. */
  execute(sql: string, params: readonly SqlValue[]): Promise<readonly SqlRow[]>;
}

/** How a transaction is to be run. */
export interface TransactionOptions {
  /** A change of the schema: it may wait for others, and take its time. */
  readonly patient?: boolean | undefined;
}

/** How a storage reaches its database: what an adapter for another driver or ORM brings. */
export interface SqlSeam<Tx> {
  readonly dialect: Dialect;
  /** Where our tables are that are named without a schema: PostgreSQL only. */
  readonly schema?: string | undefined;
  /** Runs reads outside any transaction, where each sees what is committed. */
  read<R>(work: (executor: Executor) => Promise<R>): Promise<R>;
  /** As {@link Storage.transaction}. */
  transaction<R>(work: (tx: Tx) => Promise<R>, options?: TransactionOptions): Promise<R>;
  /** Statements inside a transaction, also one that the host opened. */
  executorOf(tx: Tx): Executor;
  close(): Promise<void>;
}

/** A storage on an SQL database. Others may keep tables of theirs beside ours, through the same seam. */
export interface SqlStorage<Tx> extends Storage<Tx> {
  readonly sql: SqlSeam<Tx>;
  readonly tables: TableNames;
}

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
  if (Array.isArray(result)) return result.filter(isRecord);
  return isRecord(result) && Array.isArray(result.rows) ? result.rows.filter(isRecord) : [];
}
