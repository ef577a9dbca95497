import type { Clock, Sleep } from "../../kit/clock";
import { PaymeStorageError } from "../../kit/errors";
import { isBusy } from "./connection";
import type { SqliteDatabase, SqliteHandle } from "./driver";

/** How long to wait for other processes and for hooks. */
export interface TransactionLimits {
  /** For another process that writes. */
  readonly busyTimeoutMs: number;
  /** For a hook: others wait while it holds the transaction. */
  readonly hookTimeoutMs: number;
  readonly now: Clock;
  readonly sleep: Sleep;
  /** From 0 to 1, to spread repeats. */
  readonly random: () => number;
}

/** How often a rollback is tried. */
const MAX_ROLLBACKS = 3;

/** A handle that belongs to one transaction: what uses it later is told so, instead of writing outside of it. */
export interface OpenHandle extends SqliteHandle {
  /** Throws a STORAGE_MISUSE error once the transaction has ended. */
  assertOpen(): void;
  end(): void;
}

/**
 * Runs `work` between BEGIN IMMEDIATE and COMMIT. By hand, since the driver's own transactions take no asynchronous work;
 * IMMEDIATE, since a transaction that begins by reading and then writes is refused when another wrote in between.
 */
export async function immediateTransaction<R>(
  database: SqliteDatabase,
  work: (handle: OpenHandle) => Promise<R>,
  limits: TransactionLimits,
): Promise<R> {
  const handle = openHandle(database);
  try {
    await whenFree(() => database.exec("BEGIN IMMEDIATE"), limits);
    const result = await withinHookTimeout(work(handle), limits.hookTimeoutMs);
    handle.end();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    handle.end();
    rollBack(database);
    throw error;
  }
}

/** Does something that SQLite may refuse because another process is at work, again until it is let. */
export async function whenFree<R>(work: () => R | Promise<R>, limits: TransactionLimits): Promise<R> {
  const deadline = limits.now() + limits.busyTimeoutMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (limits.now() >= deadline) throw busy("another process has held the database for too long");
    }
    await limits.sleep(1 + limits.random() * 9);
  }
}

/**
 * Some errors (a full disk, say) make SQLite roll back by itself: then there is nothing left to do. A rollback that fails
 * is made again, since no transaction could begin on a connection that is left in one.
 */
function rollBack(database: SqliteDatabase): void {
  for (let attempt = 0; attempt < MAX_ROLLBACKS; attempt += 1) {
    try {
      database.exec("ROLLBACK");
      return;
    } catch {
      if (database.inTransaction === false) return;
    }
  }
}

async function withinHookTimeout<R>(work: Promise<R>, hookTimeoutMs: number): Promise<R> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(busy(`a hook held the transaction for more than ${hookTimeoutMs} ms; it was rolled back`)),
      hookTimeoutMs,
    );
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function busy(message: string): PaymeStorageError {
  return new PaymeStorageError("STORAGE_BUSY", message, { hint: "Answer 503 and let the caller repeat." });
}

function openHandle(database: SqliteDatabase): OpenHandle {
  let open = true;
  const assertOpen = () => {
    if (!open) {
      throw new PaymeStorageError("STORAGE_MISUSE", "this tx has ended: its transaction was committed or rolled back", {
        hint: "Await everything that a hook does with its tx.",
      });
    }
    // Without this, what follows would be written outside of any transaction: goods given, and no payment booked.
    if (database.inTransaction === false) {
      throw new PaymeStorageError("STORAGE_MISUSE", "a statement has ended this transaction: it was rolled back", {
        hint: "Let errors of statements leave the hook, and use neither OR ROLLBACK nor COMMIT in it.",
      });
    }
  };
  return {
    prepare(sql) {
      assertOpen();
      const statement = database.prepare(sql);
      const guarded = <Result>(call: (...params: unknown[]) => Result) => {
        return (...params: unknown[]) => {
          assertOpen();
          return call(...params);
        };
      };
      return {
        run: guarded((...params) => statement.run(...params)),
        get: guarded((...params) => statement.get(...params)),
        all: guarded((...params) => statement.all(...params)),
      };
    },
    exec(sql) {
      assertOpen();
      return database.exec(sql);
    },
    assertOpen,
    end() {
      open = false;
    },
  };
}
