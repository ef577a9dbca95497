import type { SqliteHandle } from "./driver";

/**
 * Returns the argument of `drizzle` of `drizzle-orm/sqlite-proxy`: what a hook writes with it commits with the payment. Use no
 * `db.transaction`: one is open.
 *
 * @example const paid = await drizzle(forDrizzle(tx)).update(orders).set({ status: "paid" }).where(isNew).returning();
 */
export function forDrizzle(tx: SqliteHandle) {
  return async (sql: string, params: unknown[], method: string): Promise<{ rows: unknown[] }> => {
    const statement = tx.prepare(sql);
    if (statement.reader) {
      const rows = statement.raw().all(...params);
      return { rows: method === "get" ? rowOrUndefined(rows[0]) : rows };
    }
    statement.run(...params);
    return { rows: [] };
  };
}

/** Drizzle takes undefined for no row, and its types do not say so. */
function rowOrUndefined(row: unknown): unknown[];
function rowOrUndefined(row: unknown): unknown {
  return row;
}

/**
 * Returns the `database` of Kysely's `SqliteDialect`: what a hook writes with it commits with the payment. Use no
 * `db.transaction()`: one is open.
 *
 * @example const db = new Kysely<Shop>({ dialect: new SqliteDialect({ database: forKysely(tx) }) });
 */
export function forKysely(tx: SqliteHandle) {
  return {
    prepare(sql: string) {
      const { reader, run, all } = tx.prepare(sql);
      return {
        reader,
        run: (params: readonly unknown[]) => run(...params),
        all: (params: readonly unknown[]) => all(...params),
        iterate: (params: readonly unknown[]) => all(...params).values(),
      };
    },
    // The storage closes its connection.
    close() {},
  };
}
