import { createHookScope } from "../hook-scope";
import type { Executor, SqlSeam, SqlStorage, TransactionOptions } from "../sql/executor";
import { type SqlStorageOptions, sqlStorage } from "../sql/sql-storage";
import { tableNames } from "../sql/tables";
import { chooseDriver } from "./choose-driver";
import { sqliteExecutor } from "./connection";
import type { SqliteDatabase, SqliteHandle } from "./driver";
import { limitsOf, queueOf, type SqliteLimitOptions } from "./limits";
import { assertLocks, openConnection } from "./open-connection";
import { queryOnly } from "./query-only";
import {
  immediateTransaction,
  type OpenHandle,
  openHandle,
  readWork,
  type TransactionLimits,
  whenFree,
} from "./transaction";

/** Options of {@link sqliteStorage}. */
export interface SqliteStorageOptions extends SqlStorageOptions, SqliteLimitOptions {
  /** The file of the database, created if it is missing; `:memory:` for one that lives as long as the storage. */
  file: string;
  /** Opens a connection with a driver of your choice: better-sqlite3, `node:sqlite`, `bun:sqlite` or one with the same methods. */
  open?: ((file: string) => SqliteDatabase) | undefined;
}

/**
 * Keeps the books in an SQLite file, durably (WAL, `synchronous=FULL`), for any number of processes on one machine.
 * Hooks get a handle with `prepare` and `exec`: rows that they write commit with the payment. The driver is Bun's own,
 * better-sqlite3 where it is installed, or else `node:sqlite` (Node 22.16 or later).
 *
 * @throws PaymeConfigError where no driver works, or yours cannot keep what is promised.
 *
 * @example
 * const storage = sqliteStorage({ file: "shop.db" });
 * await storage.migrate();
 */
export function sqliteStorage(options: SqliteStorageOptions): SqlStorage<SqliteHandle> {
  // Wrong names are refused before the file is created.
  const tables = tableNames(options.tables);
  return sqlStorage(seamOf(options), { tables });
}

function seamOf(options: SqliteStorageOptions): SqlSeam<SqliteHandle> {
  const open = options.open ?? chooseDriver();
  const isPrivate = options.file === ":memory:";
  const writer = openConnection(open, options.file);
  // A private database has one connection: its readers take turns with the writers, or they would see half of a change.
  const reader = isPrivate ? writer : openConnection(open, options.file);
  if (!isPrivate) assertLocks(writer, reader);
  const queue = queueOf(options);
  const hookScope = createHookScope();
  const limits = limitsOf(options);
  const { watch } = limits;
  // Of the last transaction only: a WeakMap of all of them costs the garbage collector more than the work of a payment.
  let current: { readonly handle: SqliteHandle; readonly executor: Executor } | undefined;
  const foreign = new WeakMap<SqliteHandle, Executor>();
  const writerExecutor = sqliteExecutor(writer);
  const queueState = { isWriting: false };
  const readerExecutor = patient(
    isPrivate ? writerExecutor : idleOrReader(queueState, writerExecutor, sqliteExecutor(reader)),
    limits,
  );

  const onlyReader = queryOnly(reader);
  const onlyReaderExecutor = patient(sqliteExecutor(onlyReader), limits);

  function transaction<R>(work: (tx: SqliteHandle) => Promise<R>, { first }: TransactionOptions = {}): Promise<R> {
    const write = async () => {
      queueState.isWriting = true;
      try {
        const inside = (handle: OpenHandle) => {
          // Our statements are prepared once for the connection, not for the handle of each transaction.
          current = { handle, executor: whileOpen(handle, writerExecutor) };
          return hookScope.run(() => work(handle));
        };
        return await immediateTransaction(writer, inside, limits);
      } finally {
        queueState.isWriting = false;
      }
    };
    return outside(() => queue.run(write, first));
  }

  async function outside<R>(work: () => Promise<R>): Promise<R> {
    hookScope.assertOutside();
    return watch.run(work);
  }

  return {
    dialect: "sqlite",
    async read(work) {
      if (isPrivate) return transaction(() => work(writerExecutor));
      return outside(() => work(readerExecutor));
    },
    transaction,
    async readOnly(work) {
      const handle = openHandle(onlyReader);
      foreign.set(handle, whileOpen(handle, onlyReaderExecutor));
      if (isPrivate) return transaction(() => readWork(handle, work, limits));
      return outside(() => readWork(handle, (tx) => hookScope.run(() => work(tx)), limits));
    },
    executorOf(tx) {
      if (tx === current?.handle) return current.executor;
      const executor = foreign.get(tx) ?? sqliteExecutor(tx, writer);
      foreign.set(tx, executor);
      return executor;
    },
    async close() {
      await queue.idle();
      writer.close();
      if (!isPrivate) reader.close();
    },
  };
}

/**
 * Chooses the connection of each read. The writer's while nothing is written: a commit empties the cache of every other
 * connection. The reader's while a transaction is open: its changes must not be seen yet.
 */
function idleOrReader(state: { isWriting: boolean }, writer: Executor, reader: Executor): Executor {
  return { execute: (sql, params) => (state.isWriting ? reader : writer).execute(sql, params) };
}

/** Waits where another process recovers the database after a crash. */
function patient(executor: Executor, limits: TransactionLimits): Executor {
  return {
    async execute(sql, params) {
      return whenFree(() => executor.execute(sql, params), limits);
    },
  };
}

/** Makes our statements fail after the end of their transaction, as the host's do. */
function whileOpen(handle: OpenHandle, executor: Executor): Executor {
  return {
    async execute(sql, params) {
      handle.assertOpen();
      return executor.execute(sql, params);
    },
  };
}
