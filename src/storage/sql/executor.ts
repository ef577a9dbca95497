import { isRecord } from "../../kit/json";
import type { LastStep, Storage, TurnOptions } from "../../ledger";
import type { TableNames } from "./tables";

/** The databases that our statements are written for. */
export type Dialect = "sqlite" | "postgres";

/** A parameter of a statement. JSON goes in as text, true and false as 1 and 0. */
export type SqlValue = string | number | null;

/** A row of a driver, decoded in `rows.ts`. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** Runs statements on a database: the one function that a driver or an ORM must have. */
export interface Executor {
  /** Runs a statement and returns its rows. Placeholders are `$1::type`; {@link compile} makes `?` of them. */
  execute(sql: string, params: readonly SqlValue[], last?: LastStep): Promise<readonly SqlRow[]>;
}

/** Options of a transaction. */
export interface TransactionOptions extends TurnOptions {
  /** True for a change of the schema: it may wait for others, and take long. */
  readonly patient?: boolean | undefined;
}

/** The way of a storage to its database. An adapter for another driver or ORM brings one. */
export interface SqlSeam<Tx> {
  readonly dialect: Dialect;
  /** The schema of our tables that are named without one: PostgreSQL only. */
  readonly schema?: string | undefined;
  /** Runs our own reads outside any transaction: each sees committed rows. */
  read<R>(work: (executor: Executor) => Promise<R>): Promise<R>;
  /** As {@link Storage.transaction}. */
  transaction<R>(work: (tx: Tx) => Promise<R>, options?: TransactionOptions): Promise<R>;
  /** As {@link Storage.read}: a write or a lock through the handle is refused with STORAGE_MISUSE. */
  readOnly<R>(work: (tx: Tx) => Promise<R>): Promise<R>;
  /** Returns the executor of a transaction, also of one that the host opened. */
  executorOf(tx: Tx): Executor;
  close(): Promise<void>;
}

/** A storage on an SQL database. Other packages may keep their tables beside ours, through the same seam. */
export interface SqlStorage<Tx> extends Storage<Tx> {
  readonly sql: SqlSeam<Tx>;
  readonly tables: TableNames;
}

/** True for a storage on an SQL database. */
export function isSqlStorage<Tx>(storage: Storage<Tx>): storage is SqlStorage<Tx> {
  return "sql" in storage && "tables" in storage;
}

/** A statement for a driver with `?` placeholders. */
export interface CompiledStatement {
  readonly text: string;
  /** The number of the parameter, from 1, for each `?`. */
  readonly order: readonly number[];
  /** True where the statement returns rows. */
  readonly returnsRows: boolean;
}

/**
 * Compiles a statement for SQLite: `$2::bigint` becomes `?`, without the cast. Both databases share one set of statements.
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
 * Returns a statement for a template tag: Drizzle and Kysely take raw SQL with parameters in this way.
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

/** Returns the rows of a result, from the result itself or from its member `rows`. */
export function rowsIn(result: unknown): SqlRow[] {
  if (Array.isArray(result)) return result.filter(isRecord);
  return isRecord(result) && Array.isArray(result.rows) ? result.rows.filter(isRecord) : [];
}
