import { createHash } from "node:crypto";
import type { Logger } from "../../kit/logger";
import type { SqlRow, SqlStorage, SqlValue } from "../sql/executor";
import { type PostgresBinding, type PostgresSeamOptions, postgresSeam } from "../sql/postgres-seam";
import { type SqlStorageOptions, sqlStorage } from "../sql/sql-storage";
import { unusable, within } from "../storage-errors";
import type { PostgresHandle, PostgresPool, PostgresQueries, PostgresStatement } from "./driver";
import { lendClient } from "./lend-client";
import { NO_ANSWER, type OpenTransaction, openTransaction, type TransactionTerms } from "./open-transaction";

/** Options of {@link postgresStorage}. */
export interface PostgresStorageOptions extends SqlStorageOptions, PostgresSeamOptions {
  /** How long to wait for a connection of the pool. Default 5 s, then STORAGE_BUSY. */
  acquireTimeoutMs?: number | undefined;
  /** How long a statement of a transaction may wait for a row that another one holds. Default 5 s, then STORAGE_BUSY. */
  lockTimeoutMs?: number | undefined;
  /** True: each connection prepares a statement once. Not behind a PgBouncer that shares connections between transactions. Default false. */
  namedStatements?: boolean | undefined;
}

/**
 * Keeps the books in PostgreSQL (12 or later) through a pool of pg, for any number of processes. You configure and close the
 * pool. Hooks get a handle with `query`: rows that they write commit with the payment.
 *
 * @example
 * import { Pool } from "pg";
 *
 * const storage = postgresStorage(new Pool({ connectionString: process.env.DATABASE_URL }));
 * await storage.migrate();
 */
export function postgresStorage(pool: PostgresPool, options: PostgresStorageOptions = {}): SqlStorage<PostgresHandle> {
  // A Client connects, too, and lends nothing: it has what a pool has not.
  if (!("connect" in pool && "on" in pool) || "escapeLiteral" in pool) throw unusable("this is no Pool of pg");
  listen(pool, options.logger);
  return sqlStorage(postgresSeam(poolBinding(pool, options), options), { tables: options.tables });
}

function poolBinding(pool: PostgresPool, options: PostgresStorageOptions): PostgresBinding<PostgresHandle> {
  const acquireTimeoutMs = options.acquireTimeoutMs ?? 5_000;
  const lockTimeoutMs = options.lockTimeoutMs ?? 5_000;
  const isNamed = options.namedStatements === true;
  // Without a name, text and values are two arguments: pg makes a slow copy of a statement object.
  const ask = async (handle: PostgresQueries, sql: string, params: readonly SqlValue[]): Promise<readonly SqlRow[]> =>
    (await (isNamed ? handle.query(namedStatement(sql, params)) : handle.query(sql, [...params]))).rows;

  const transactions = new WeakMap<PostgresHandle, OpenTransaction>();
  return {
    refusesAborted: true,
    isDurable: true,
    queryIn: (tx, sql, params, last) => transactions.get(tx)?.run(sql, params, last) ?? ask(tx, sql, params),

    async query(sql, params, timeoutMs) {
      const { client, giveBack } = await lendClient(pool, acquireTimeoutMs);
      let isBroken = true;
      try {
        const rows = await within(timeoutMs, ask(client, sql, params), NO_ANSWER);
        isBroken = false;
        return rows;
      } finally {
        giveBack(isBroken);
      }
    },

    transaction: (work, timeoutMs) => between("READ WRITE", work, timeoutMs),
    readTransaction: (work, timeoutMs) => between("READ ONLY", work, timeoutMs),
  };

  async function between<R>(
    access: TransactionTerms["access"],
    work: (tx: PostgresHandle) => Promise<R>,
    timeoutMs: number,
  ): Promise<R> {
    const { client, giveBack } = await lendClient(pool, acquireTimeoutMs);
    const transaction = openTransaction(client, { access, acquireTimeoutMs, lockTimeoutMs, timeoutMs }, ask);
    transactions.set(transaction.handle, transaction);
    let isBroken = true;
    try {
      const result = await work(transaction.handle);
      await transaction.commit();
      isBroken = false;
      return result;
    } catch (error) {
      isBroken = !(await transaction.rollBack());
      throw error;
    } finally {
      giveBack(isBroken);
    }
  }
}

const names = new Map<string, string>();

/** Names a statement after its text: two storages on one pool may have other tables. */
function namedStatement(text: string, params: readonly SqlValue[]): PostgresStatement {
  let name = names.get(text);
  if (name === undefined) {
    name = `payme_${createHash("sha256").update(text).digest("hex").slice(0, 32)}`;
    names.set(text, name);
  }
  return { name, text, values: [...params] };
}

const listened = new WeakSet<PostgresPool>();

/** Listens once to each pool: a lost idle connection emits an error event, which would end a process without a listener. */
function listen(pool: PostgresPool, logger: Logger | undefined): void {
  if (listened.has(pool)) return;
  listened.add(pool);
  pool.on("error", ({ message }) =>
    logger?.warn("the pool lost an idle connection to PostgreSQL", { reason: message }),
  );
}
