import { createHookScope } from "../hook-scope";
import { onlyReads } from "../only-reads";
import { compile, type SqlRow, type SqlSeam, type SqlValue } from "../sql/executor";
import { hasEnded, timeLimit, unusable, within } from "../storage-errors";
import { isBusy } from "./connection";
import { limitsOf, queueOf, type SqliteLimitOptions } from "./limits";
import { isReadOnlyRefusal } from "./query-only";
import { whenFree } from "./transaction";

/** The functions of an asynchronous driver over an SQLite file. */
export interface SqliteBinding<Tx extends object> {
  /** Runs a statement outside any transaction: it sees what is committed. */
  query(sql: string, params: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** Runs a statement inside a transaction, also one that the host opened. Once that has ended, it must reject. */
  queryIn(tx: Tx, sql: string, params: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** Runs a transaction on a connection of its own: `BEGIN IMMEDIATE` to write, `BEGIN` to read. Commits when `work` returns, rolls back when it throws. */
  transaction<R>(work: (tx: Tx) => Promise<R>, mode: "write" | "read"): Promise<R>;
}

/** How long a driver may take to refuse a second writer. */
const REFUSAL_MS = 2_000;

/**
 * Returns the seam over SQLite for an asynchronous driver, with the guarantees of `sqliteStorage`. What the driver cannot keep
 * is found at the first call, and refused with a PaymeConfigError.
 */
export function sqliteSeam<Tx extends object>(
  binding: SqliteBinding<Tx>,
  options: SqliteLimitOptions = {},
): SqlSeam<Tx> {
  const limits = limitsOf(options);
  const queue = queueOf(options);
  const hookScope = createHookScope();
  const ended = new WeakSet<Tx>();
  let examined: Promise<void> | undefined;

  async function outside<R>(work: () => Promise<R>): Promise<R> {
    hookScope.assertOutside();
    return limits.watch.run(async () => {
      examined ??= whenFree(() => examine(binding), limits);
      await examined.catch((error) => {
        examined = undefined;
        throw error;
      });
      return work();
    });
  }

  async function run<R>(mode: "write" | "read", work: (tx: Tx) => Promise<R>): Promise<R> {
    const { busyTimeoutMs, hookTimeoutMs } = limits;
    const limit = timeLimit(busyTimeoutMs + hookTimeoutMs, "the driver did not begin or end a transaction in time");
    const held = `a hook held the transaction for more than ${hookTimeoutMs} ms; it was rolled back`;
    let hasBegun = false;
    async function inside(tx: Tx): Promise<R> {
      limit.assertInTime();
      hasBegun = true;
      // Some drivers use the connection as the handle: of one transaction after another.
      ended.delete(tx);
      try {
        await begin(binding, tx, mode);
        return await within(
          hookTimeoutMs,
          hookScope.run(() => work(tx)),
          held,
        );
      } catch (error) {
        throw mode === "read" && isReadOnlyRefusal(error) ? onlyReads(error) : error;
      } finally {
        ended.add(tx);
        if (mode === "read") await binding.queryIn(tx, "PRAGMA query_only = OFF", []);
      }
    }
    try {
      // A hook runs once: what it read before a refusal may be old.
      return await whenFree(
        () => Promise.race([binding.transaction(inside, mode), limit.late]),
        limits,
        () => !hasBegun,
      );
    } finally {
      limit.clear();
    }
  }

  return {
    dialect: "sqlite",
    read: (work) =>
      outside(() =>
        work({ execute: (sql, params) => whenFree(() => binding.query(...compiled(sql, params)), limits) }),
      ),
    transaction: (work, { first } = {}) => outside(() => queue.run(() => run("write", work), first)),
    readOnly: (work) => outside(() => run("read", work)),
    executorOf: (tx) => ({
      async execute(sql, params) {
        if (ended.has(tx)) throw hasEnded();
        return binding.queryIn(tx, ...compiled(sql, params));
      },
    }),
    // The host closes its connections.
    close: () => queue.idle(),
  };
}

/** Returns the arguments of a driver with `?` placeholders. */
function compiled(sql: string, params: readonly SqlValue[]): [string, SqlValue[]] {
  const { text, order } = compile(sql);
  return [text, order.map((number) => params[number - 1] ?? null)];
}

/** Each time: a pool has many connections, and a setting is of one. */
async function begin<Tx extends object>(binding: SqliteBinding<Tx>, tx: Tx, mode: "write" | "read"): Promise<void> {
  await binding.queryIn(tx, `PRAGMA query_only = ${mode === "read" ? "ON" : "OFF"}`, []);
  if (mode === "read") return;
  const [row] = await binding.queryIn(tx, "PRAGMA synchronous", []);
  if (!(Number(row?.synchronous) >= 2))
    throw unusable("a commit of the driver does not wait for the disk (synchronous = FULL)");
}

/** @throws PaymeConfigError for a driver on which the guarantees would not hold. */
async function examine<Tx extends object>(binding: SqliteBinding<Tx>): Promise<void> {
  const asked = await Promise.all(
    ["SELECT sqlite_version() AS v", "PRAGMA journal_mode = WAL"].map((sql) => binding.query(sql, [])),
  );
  const [version, journal] = asked.map(([row]) => String(Object.values(row ?? {})[0]));
  if (!(Number(version?.split(".")[1]) >= 35))
    throw unusable(`the driver's SQLite is ${version}, which has no RETURNING`);
  if (journal !== "wal") throw unusable("the driver does not write ahead (WAL): it must reach a file on this machine");
  const begin = (inside: () => Promise<void>) => binding.transaction(inside, "write").catch((error: unknown) => error);
  let [second, after]: unknown[] = ["none", undefined];
  // Where another process is writing, the first is refused already.
  const first = await begin(async () => {
    second = await within(
      REFUSAL_MS,
      begin(async () => {}),
      "a second writer is not refused",
    ).catch(String);
    after = await binding.transaction(async () => {}, "read").catch((error: unknown) => error);
  });
  if (second === undefined) throw unusable("two transactions of the driver write to one file at once");
  if (!isBusy(second === "none" ? first : second))
    throw unusable("the driver's error of a locked file is unknown", second);
  if (after !== undefined)
    throw unusable("the driver commits nothing on a connection that was refused a BEGIN", String(after));
  let goesOn = false;
  const endsItself = async (tx: Tx) => {
    await binding.queryIn(tx, "ROLLBACK", []);
    await binding.queryIn(tx, "SELECT 1 AS alive", []);
    goesOn = true;
  };
  await binding.transaction(endsItself, "read").catch(() => {});
  // What a hook writes after SQLite has ended its transaction would be kept without the payment.
  if (goesOn) throw unusable("the driver runs statements of a transaction that has ended");
}
