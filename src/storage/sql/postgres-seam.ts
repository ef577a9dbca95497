import { type Sleep, sleep } from "../../kit/clock";
import { createHookScope } from "../hook-scope";
import type { Executor, SqlRow, SqlSeam, SqlValue } from "./executor";
import { asStorageError, hasEnded, isRetryable, timeLimit, within } from "./storage-errors";

/** What a driver or an ORM brings that reaches PostgreSQL: three functions. For writers of adapters. */
export interface PostgresBinding<Tx extends object> {
  /** Runs a statement outside any transaction; after `timeoutMs` nobody waits for it any more. */
  query(sql: string, params: readonly SqlValue[], timeoutMs: number): Promise<readonly SqlRow[]>;
  /** Runs a statement inside a transaction, also one that the host opened. */
  queryIn(tx: Tx, sql: string, params: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** One transaction at READ COMMITTED: commits when `work` returns, rolls back when it throws. `timeoutMs`: for an ORM with a deadline of its own. */
  transaction<R>(work: (tx: Tx) => Promise<R>, timeoutMs: number): Promise<R>;
  /** True: its commit fails where a statement has failed before. Else one statement more asks, since PostgreSQL answers such a COMMIT with a quiet ROLLBACK. */
  readonly refusesAborted?: boolean | undefined;
}

/** How long a transaction may take, and how it is run again. */
export interface PostgresSeamOptions {
  /** The schema of our tables. Default `payme`. */
  schema?: string | undefined;
  /** How long a transaction may take, hooks included, and a read. Default 15 s, then STORAGE_BUSY. */
  transactionTimeoutMs?: number | undefined;
  sleep?: Sleep | undefined;
  /** From 0 to 1, to spread repeats. Default `Math.random`. */
  random?: (() => number) | undefined;
}

/** How often a transaction is run that the database undid in favour of another one. */
const MAX_RUNS = 3;
/** How long a change of the schema may take: an index over millions of rows, or another process that makes it. */
const PATIENCE_MS = 600_000;

/**
 * The seam over PostgreSQL, whoever reaches it: transactions that a deadlock or a serialisation failure ended are run again,
 * nothing waits without end, and what is away is one error, STORAGE_BUSY.
 */
export function postgresSeam<Tx extends object>(
  binding: PostgresBinding<Tx>,
  options: PostgresSeamOptions = {},
): SqlSeam<Tx> {
  const timeoutMs = options.transactionTimeoutMs ?? 15_000;
  const { sleep: pause = sleep, random = Math.random } = options;
  const hookScope = createHookScope();
  const ended = new WeakSet<Tx>();

  async function runOnce<R>(work: (tx: Tx) => Promise<R>, limitMs: number): Promise<R> {
    const limit = timeLimit(limitMs, `a transaction was not done after ${limitMs} ms; it is rolled back`);
    const inside = async (tx: Tx) => {
      // A connection that came too late begins nothing.
      limit.assertInTime();
      // A driver's own connection is the handle of one transaction after another.
      ended.delete(tx);
      try {
        const result = await Promise.race([hookScope.run(() => work(tx)), limit.late]);
        if (binding.refusesAborted !== true) await binding.queryIn(tx, "SELECT 1 AS alive", []);
        return result;
      } finally {
        ended.add(tx);
      }
    };
    try {
      return await Promise.race([binding.transaction(inside, limitMs), limit.late]);
    } finally {
      limit.clear();
    }
  }

  async function transaction<R>(work: (tx: Tx) => Promise<R>, { patient = false } = {}): Promise<R> {
    hookScope.assertOutside();
    for (let run = 1; ; run += 1) {
      try {
        return await runOnce(work, patient ? PATIENCE_MS : timeoutMs);
      } catch (error) {
        if (run === MAX_RUNS || !isRetryable(error)) throw asStorageError(error);
      }
      await pause(random() * 20 * run);
    }
  }

  const reader: Executor = {
    async execute(sql, params) {
      try {
        const asked = binding.query(sql, storable(params), timeoutMs);
        return await within(timeoutMs, asked, `a read was not answered after ${timeoutMs} ms`);
      } catch (error) {
        throw asStorageError(error);
      }
    },
  };

  return {
    dialect: "postgres",
    schema: options.schema ?? "payme",
    async read(work) {
      hookScope.assertOutside();
      return work(reader);
    },
    transaction,
    executorOf: (tx) => ({
      async execute(sql, params) {
        if (ended.has(tx)) throw hasEnded();
        return binding.queryIn(tx, sql, storable(params));
      },
    }),
    // The connections are the host's.
    async close() {},
  };
}

/** PostgreSQL's text holds no NUL: it becomes U+FFFD, as lone surrogates do in UTF-8. What asks for such an id finds nothing. */
function storable(params: readonly SqlValue[]): readonly SqlValue[] {
  return params.map((value) => (typeof value === "string" ? value.replaceAll("\0", "\uFFFD") : value));
}
