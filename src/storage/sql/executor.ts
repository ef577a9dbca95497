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
