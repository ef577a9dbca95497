import { type Sleep, sleep } from "../../kit/clock";
import { isPaymeError } from "../../kit/errors";
import type { LastStep } from "../../ledger";
import { createHookScope } from "../hook-scope";
import { onlyReads } from "../only-reads";
import {
  asStorageError,
  hasEnded,
  isReadOnlyRefusal,
  isRetryable,
  timeLimit,
  unusable,
  within,
} from "../storage-errors";
import { type StorageEventOptions, watchStorage } from "../storage-event";
import type { Executor, SqlRow, SqlSeam, SqlValue } from "./executor";

/** The functions of a driver or an ORM over PostgreSQL. For writers of adapters. */
export interface PostgresBinding<Tx extends object> {
  /** Runs a statement outside any transaction. After `timeoutMs` its result is dropped. */
  query(sql: string, params: readonly SqlValue[], timeoutMs: number): Promise<readonly SqlRow[]>;
  /** Runs a statement inside a transaction, also one that the host opened. The last one may go together with the COMMIT. */
  queryIn(tx: Tx, sql: string, params: readonly SqlValue[], last?: LastStep): Promise<readonly SqlRow[]>;
  /** Runs a transaction at READ COMMITTED: commits when `work` returns, rolls back when it throws. `timeoutMs`: for an ORM with its own deadline. */
  transaction<R>(work: (tx: Tx) => Promise<R>, timeoutMs: number): Promise<R>;
  /** The same for a transaction that only reads. Otherwise one more statement makes it READ ONLY. */
  readTransaction?<R>(work: (tx: Tx) => Promise<R>, timeoutMs: number): Promise<R>;
  /** True where its commit fails after a failed statement. Otherwise one more statement checks: PostgreSQL answers such a COMMIT with a silent ROLLBACK. */
  readonly refusesAborted?: boolean | undefined;
  /** True where its transactions are durable whatever the default of the role is. Otherwise the seam sees to it. */
  readonly isDurable?: boolean | undefined;
}

/** Options of a storage over PostgreSQL. */
export interface PostgresSeamOptions extends StorageEventOptions {
  /** The schema of our tables. Default `payme`. */
  schema?: string | undefined;
  /** How long a transaction may take, hooks included, and a read. Default 15 s, then STORAGE_BUSY. */
  transactionTimeoutMs?: number | undefined;
  sleep?: Sleep | undefined;
  /** From 0 to 1, to spread repeats. Default `Math.random`. */
  random?: (() => number) | undefined;
}

/** How often a transaction runs that the database undid in favour of another one. */
const MAX_RUNS = 3;
/** How long a change of the schema may take: an index over millions of rows, or a wait for another process. */
const PATIENCE_MS = 600_000;

/**
 * Returns the seam over PostgreSQL for any driver or ORM. A transaction runs again after a deadlock or a serialisation failure.
 * Every wait has a limit. A database that is away is one error, STORAGE_BUSY.
 */
export function postgresSeam<Tx extends object>(
  binding: PostgresBinding<Tx>,
  options: PostgresSeamOptions = {},
): SqlSeam<Tx> {
  const timeoutMs = options.transactionTimeoutMs ?? 15_000;
  const { sleep: pause = sleep, random = Math.random } = options;
  const watch = watchStorage("postgres", options);
  const hookScope = createHookScope();
  const ended = new WeakSet<Tx>();
  /** Transactions whose last statement went well: they are not aborted. */
  const sound = new WeakSet<Tx>();
  let isWeak: boolean | undefined;

  /** Asked once, before all else: an ORM's connections have one role, and so one default. */
  async function askDefault(ask: (sql: string) => Promise<readonly SqlRow[]>): Promise<void> {
    if (binding.isDurable === true || isWeak !== undefined) return;
    const rows = await ask("SELECT current_setting('synchronous_commit') AS synchronous_commit").catch((error) => {
      throw isPaymeError(error) || asStorageError(error) !== error ? error : notPostgres(undefined, error);
    });
    if (rows[0]?.synchronous_commit === undefined) throw notPostgres("it renames columns, or returns no rows");
    isWeak = isWeakCommit(rows[0].synchronous_commit);
  }

  async function makeDurable(tx: Tx): Promise<void> {
    await askDefault((sql) => binding.queryIn(tx, sql, []));
    if (isWeak)
      await binding.queryIn(tx, "SELECT set_config('synchronous_commit', 'on', true) AS synchronous_commit", []);
  }

  async function runOnce<R>(begin: Begin<Tx>, work: (tx: Tx) => Promise<R>, limitMs: number): Promise<R> {
    const limit = timeLimit(limitMs, `a transaction was not done after ${limitMs} ms; it is rolled back`);
    const inside = async (tx: Tx) => {
      // A connection that came too late starts nothing.
      limit.assertInTime();
      // Some drivers use the connection as the handle: of one transaction after another.
      ended.delete(tx);
      sound.delete(tx);
      try {
        return await Promise.race([hookScope.run(() => work(tx)), limit.late]);
      } finally {
        ended.add(tx);
      }
    };
    try {
      return await Promise.race([begin(inside, limitMs), limit.late]);
    } finally {
      limit.clear();
    }
  }

  async function run<R>(begin: Begin<Tx>, work: (tx: Tx) => Promise<R>, limitMs: number): Promise<R> {
    hookScope.assertOutside();
    return watch.run(async (start) => {
      for (let run = 1, refusal: unknown; ; run += 1) {
        try {
          const result = await runOnce(begin, work, limitMs);
          if (run > 1) watch.retried(start, refusal);
          return result;
        } catch (error) {
          if (run === MAX_RUNS || !isRetryable(error)) throw error;
          refusal = error;
        }
        await pause(random() * 20 * run);
      }
    });
  }

  function transaction<R>(work: (tx: Tx) => Promise<R>, { patient = false } = {}): Promise<R> {
    const checked = async (tx: Tx) => {
      await makeDurable(tx);
      const result = await work(tx);
      if (binding.refusesAborted !== true && !sound.has(tx)) await binding.queryIn(tx, "SELECT 1 AS alive", []);
      return result;
    };
    return run((each, limitMs) => binding.transaction(each, limitMs), checked, patient ? PATIENCE_MS : timeoutMs);
  }

  async function readOnly<R>(work: (tx: Tx) => Promise<R>): Promise<R> {
    const { readTransaction } = binding;
    const begin: Begin<Tx> =
      readTransaction ??
      ((each, limitMs) =>
        binding.transaction(async (tx) => {
          await binding.queryIn(tx, "SET TRANSACTION READ ONLY", []);
          return each(tx);
        }, limitMs));
    try {
      return await run(begin, work, timeoutMs);
    } catch (error) {
      throw isReadOnlyRefusal(error) ? onlyReads(error) : error;
    }
  }

  const reader: Executor = {
    execute: (sql, params) =>
      watch.run(async () => {
        await askDefault((text) => binding.query(text, [], timeoutMs));
        const asked = binding.query(sql, storable(params), timeoutMs);
        return within(timeoutMs, asked, `a read was not answered after ${timeoutMs} ms`);
      }),
  };

  return {
    dialect: "postgres",
    schema: options.schema ?? "payme",
    async read(work) {
      hookScope.assertOutside();
      return work(reader);
    },
    transaction,
    readOnly,
    executorOf: (tx) => ({
      async execute(sql, params, last) {
        if (ended.has(tx)) throw hasEnded();
        const rows = await binding.queryIn(tx, sql, storable(params), last);
        if (last !== undefined) sound.add(tx);
        return rows;
      },
    }),
    // The host closes its connections.
    async close() {},
  };
}

/**
 * True for a `synchronous_commit` under which a commit that was acknowledged can be lost: with the server (`off`), or where a
 * standby takes over (`local`, `remote_write`).
 */
export function isWeakCommit(setting: unknown): boolean {
  return setting !== "on" && setting !== "remote_apply";
}

/** Returns the error of a handle that is none of PostgreSQL's, or not a faithful one. */
export function notPostgres(what = "this database is not PostgreSQL", cause?: unknown) {
  return unusable(what, cause);
}

/** Begins a transaction, runs work in it and ends it. */
type Begin<Tx extends object> = PostgresBinding<Tx>["transaction"];

/** PostgreSQL's text has no NUL: it becomes U+FFFD, as lone surrogates do in UTF-8. A query for such an id finds nothing. */
function storable(params: readonly SqlValue[]): readonly SqlValue[] {
  return params.map((value) => (typeof value === "string" ? value.replaceAll("\0", "\uFFFD") : value));
}
