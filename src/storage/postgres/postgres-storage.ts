import { createHash } from "node:crypto";
import { PaymeStorageError } from "../../kit/errors";
import type { Logger } from "../../kit/logger";
import { rowsIn, type SqlRow, type SqlStorage, type SqlValue } from "../sql/executor";
import { isWeakCommit, type PostgresBinding, type PostgresSeamOptions, postgresSeam } from "../sql/postgres-seam";
import { type SqlStorageOptions, sqlStorage } from "../sql/sql-storage";
import { hasEnded, unusable, within } from "../storage-errors";
import type {
  PostgresClient,
  PostgresHandle,
  PostgresPool,
  PostgresQueries,
  PostgresResult,
  PostgresStatement,
} from "./driver";
import { lendClient } from "./lend-client";

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

/** How long a rollback may take. Then the connection is closed, and the server rolls back by itself. */
const ROLLBACK_TIMEOUT_MS = 1_000;

function poolBinding(pool: PostgresPool, options: PostgresStorageOptions): PostgresBinding<PostgresHandle> {
  const acquireTimeoutMs = options.acquireTimeoutMs ?? 5_000;
  const lockTimeoutMs = options.lockTimeoutMs ?? 5_000;
  const isNamed = options.namedStatements === true;
  // Without a name, text and values are two arguments: pg makes a slow copy of a statement object.
  const ask = async (handle: PostgresQueries, sql: string, params: readonly SqlValue[]): Promise<readonly SqlRow[]> =>
    (await (isNamed ? handle.query(namedStatement(sql, params)) : handle.query(sql, [...params]))).rows;

  return {
    refusesAborted: true,
    isDurable: true,
    queryIn: ask,

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

  async function between<R>(access: Access, work: (tx: PostgresHandle) => Promise<R>, timeoutMs: number): Promise<R> {
    const { client, giveBack } = await lendClient(pool, acquireTimeoutMs);
    const { handle, end } = openHandle(client);
    let isBroken = true;
    try {
      const limits = { lockTimeoutMs: Math.min(lockTimeoutMs, timeoutMs), timeoutMs };
      const began: Promise<unknown> =
        access === "READ ONLY" ? client.query(begin(access, limits)) : beginDurably(client, limits);
      await within(acquireTimeoutMs, began, NO_ANSWER);
      const result = await work(handle);
      end();
      await commit(client, timeoutMs);
      isBroken = false;
      return result;
    } catch (error) {
      end();
      isBroken = !(await isRolledBack(client));
      throw error;
    } finally {
      giveBack(isBroken);
    }
  }
}

type Access = "READ WRITE" | "READ ONLY";

const NO_ANSWER = "the database does not answer";

interface Limits {
  readonly lockTimeoutMs: number;
  readonly timeoutMs: number;
}

/** The connections that were asked for their default, and whether a commit can be lost under it. */
const weak = new WeakMap<PostgresClient, boolean>();

/**
 * Begins in one round trip, independent of the host's defaults. A connection is asked for its `synchronous_commit` with its
 * first BEGIN; only where that is too weak do transactions carry one setting more.
 */
async function beginDurably(client: PostgresClient, limits: Limits): Promise<void> {
  const known = weak.get(client);
  if (known !== undefined)
    return void (await client.query(begin("READ WRITE", limits) + (known ? `; ${DURABLE}` : "")));
  const answer: unknown = await client.query(`${begin("READ WRITE", limits)}; SHOW synchronous_commit`);
  // pg answers several statements with a list of results.
  const last: unknown = Array.isArray(answer) ? answer.at(-1) : answer;
  const isWeak = isWeakCommit(rowsIn(last)[0]?.synchronous_commit);
  if (isWeak) await client.query(DURABLE);
  weak.set(client, isWeak);
}

const DURABLE = "SET LOCAL synchronous_commit = on";

/**
 * The limits make the server end a statement that we stopped waiting for: it does not notice a closed connection while a
 * statement runs, and the statement would hold its rows.
 */
function begin(access: Access, { lockTimeoutMs, timeoutMs }: Limits): string {
  const limits = [
    `SET LOCAL lock_timeout = ${lockTimeoutMs}`,
    `SET LOCAL statement_timeout = ${timeoutMs}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${timeoutMs}`,
  ].join("; ");
  return `BEGIN ISOLATION LEVEL READ COMMITTED ${access}; ${limits}`;
}

/** After a failed statement, PostgreSQL answers COMMIT with a silent ROLLBACK: goods would be given and no payment recorded. */
async function commit(client: PostgresClient, timeoutMs: number): Promise<void> {
  if (client.getTransactionStatus?.() === "I") throw endedInside();
  const { command } = await within(timeoutMs, client.query("COMMIT"), NO_ANSWER);
  if (command === "COMMIT") return;
  throw new PaymeStorageError("STORAGE_MISUSE", "a statement of this transaction had failed: it was rolled back", {
    hint: "Let errors of statements leave the hook; to go on after one, use a SAVEPOINT.",
  });
}

function endedInside(): PaymeStorageError {
  return new PaymeStorageError("STORAGE_MISUSE", "a statement has ended this transaction", {
    hint: "Use neither COMMIT nor ROLLBACK in a hook.",
  });
}

async function isRolledBack(client: PostgresClient): Promise<boolean> {
  return within(ROLLBACK_TIMEOUT_MS, client.query("ROLLBACK"), NO_ANSWER).then(
    () => true,
    () => false,
  );
}

/** The handle of one transaction. A later use throws, instead of writing outside of it. */
function openHandle(client: PostgresClient): { handle: PostgresHandle; end(): void } {
  let isOpen = true;
  const assertOpen = () => {
    if (!isOpen) throw hasEnded();
    if (client.getTransactionStatus?.() === "I") throw endedInside();
  };
  function query<Row>(text: string, values?: unknown[]): Promise<PostgresResult<Row>>;
  function query<Row>(statement: PostgresStatement): Promise<PostgresResult<Row>>;
  async function query(statement: string | PostgresStatement, values?: unknown[]): Promise<PostgresResult<unknown>> {
    assertOpen();
    return typeof statement === "string" ? client.query(statement, values) : client.query(statement);
  }
  return {
    handle: { query },
    end() {
      isOpen = false;
    },
  };
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
