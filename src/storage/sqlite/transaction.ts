import type { Sleep } from "../../kit/clock";
import { PaymeStorageError } from "../../kit/errors";
import { busy, hasEnded, within } from "../storage-errors";
import type { StorageWatch } from "../storage-event";
import { isBusy } from "./connection";
import { aroundCalls, type SqliteConnection, type SqliteHandle } from "./driver";

/** Limits of a transaction. */
export interface TransactionLimits {
  /** How long to wait for another process that writes. */
  readonly busyTimeoutMs: number;
  /** How long to wait for a hook: others wait while it holds the transaction. */
  readonly hookTimeoutMs: number;
  readonly watch: StorageWatch;
  readonly sleep: Sleep;
  /** From 0 to 1, to spread repeats. */
  readonly random: () => number;
}

/** How often a rollback is tried. */
const MAX_ROLLBACKS = 3;

/** The handle of one transaction. A later use throws, instead of writing outside of it. */
export interface OpenHandle extends SqliteHandle {
  /** Throws a STORAGE_MISUSE error once the transaction has ended. */
  assertOpen(): void;
  end(): void;
}

/**
 * Runs `work` between BEGIN IMMEDIATE and COMMIT. The driver's own transactions take no asynchronous work. SQLite refuses a
 * transaction that first reads and then writes when another one wrote in between: hence IMMEDIATE.
 */
export async function immediateTransaction<R>(
  database: SqliteConnection,
  work: (handle: OpenHandle) => Promise<R>,
  limits: TransactionLimits,
): Promise<R> {
  const handle = openHandle(database);
  try {
    await whenFree(() => database.exec("BEGIN IMMEDIATE"), limits);
    const held = `a hook held the transaction for more than ${limits.hookTimeoutMs} ms; it was rolled back`;
    const result = await within(limits.hookTimeoutMs, work(handle), held);
    handle.end();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    handle.end();
    rollBack(database);
    throw error;
  }
}

/** Runs work that only reads, no longer than a hook may take. Nobody waits for it, so it has no transaction. */
export async function readWork<R>(
  handle: OpenHandle,
  work: (handle: SqliteHandle) => Promise<R>,
  limits: TransactionLimits,
): Promise<R> {
  try {
    return await within(limits.hookTimeoutMs, work(handle), `a read took more than ${limits.hookTimeoutMs} ms`);
  } finally {
    handle.end();
  }
}

/** Repeats work that SQLite refuses while another process writes, until it succeeds or the time is over. */
export async function whenFree<R>(
  work: () => R | Promise<R>,
  limits: TransactionLimits,
  mayRepeat: () => boolean = () => true,
): Promise<R> {
  const { watch, busyTimeoutMs } = limits;
  const start = watch.now();
  for (let refusal: unknown; ; ) {
    try {
      const result = await work();
      if (refusal !== undefined) watch.retried(start, refusal);
      return result;
    } catch (error) {
      if (!isBusy(error) || !mayRepeat()) throw error;
      if (watch.now() >= start + busyTimeoutMs) throw busy("another process has held the database for too long", error);
      refusal = error;
    }
    await limits.sleep(1 + limits.random() * 9);
  }
}

/**
 * Some errors, e.g. a full disk, make SQLite roll back by itself: then nothing is left to do. A rollback that fails is
 * repeated, since no other transaction can begin on this connection before.
 */
function rollBack(database: SqliteConnection): void {
  for (let attempt = 0; attempt < MAX_ROLLBACKS; attempt += 1) {
    try {
      database.exec("ROLLBACK");
      return;
    } catch {
      if (database.inTransaction === false) return;
    }
  }
}

/** Returns a handle on a connection that fails after its end. */
export function openHandle(database: SqliteHandle & Partial<SqliteConnection>): OpenHandle {
  let open = true;
  const assertOpen = () => {
    if (!open) throw hasEnded();
    // Later statements would write outside of any transaction: goods given, and no payment recorded.
    if (database.inTransaction === false) {
      throw new PaymeStorageError("STORAGE_MISUSE", "a statement has ended this transaction: it was rolled back", {
        hint: "Let errors of statements leave the hook, and use neither OR ROLLBACK nor COMMIT in it.",
      });
    }
  };
  return {
    prepare<Row>(sql: string) {
      assertOpen();
      return aroundCalls(database.prepare<Row>(sql), (call) => {
        assertOpen();
        return call();
      });
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
