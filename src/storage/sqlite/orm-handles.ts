import type { SqliteHandle } from "./driver";

/**
 * Returns what `drizzle` of `drizzle-orm/sqlite-proxy` takes: what a hook writes with it commits with the payment, on any
 * driver. A transaction is open already; use no `db.transaction`.
 *
 * @example
 * import { drizzle } from "drizzle-orm/sqlite-proxy";
 *
 * createPayments({ storage, client, async onPaid({ reference }, tx) {
 *   const paid = await drizzle(forDrizzle(tx)).update(orders).set({ status: "paid" }).where(isNew(reference)).returning();
 *   return paid.length === 1;
 * } });
 */
export function forDrizzle(tx: SqliteHandle) {
  return async (
    sql: string,
    params: readonly unknown[],
    method: "run" | "all" | "values" | "get",
  ): Promise<{ rows: unknown[] }> => {
    const statement = tx.prepare(sql);
    if (!statement.reader) {
      statement.run(...params);
      return { rows: [] };
    }
    const rows = statement.raw().all(...params);
    return { rows: method === "get" ? onlyRow(rows[0]) : rows };
  };
}

/** Drizzle wants undefined where there is no row, and its types have no place for that. */
function onlyRow(row: unknown): unknown[];
function onlyRow(row: unknown): unknown {
  return row;
}

/**
 * Returns the `database` of Kysely's `SqliteDialect`: what a hook writes with it commits with the payment, on any driver. A
 * transaction is open already; use no `db.transaction()`.
 *
 * @example
 * import { Kysely, SqliteDialect } from "kysely";
 *
 * const db = new Kysely<Shop>({ dialect: new SqliteDialect({ database: forKysely(tx) }) });
 */
export function forKysely(tx: SqliteHandle) {
  return {
    prepare(sql: string) {
      const statement = tx.prepare(sql);
      return {
        reader: statement.reader,
        run: (params: readonly unknown[]) => statement.run(...params),
        all: (params: readonly unknown[]) => statement.all(...params),
        iterate: (params: readonly unknown[]) => statement.all(...params).values(),
      };
    },
    /** The storage closes its connection. */
    close() {},
  };
}
