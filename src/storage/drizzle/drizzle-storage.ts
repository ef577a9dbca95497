import { asTemplate, rowsIn, type SqlStorage, type SqlValue } from "../sql/executor";
import { notPostgres, type PostgresSeamOptions, postgresSeam } from "../sql/postgres-seam";
import { type SqlStorageOptions, sqlStorage } from "../sql/sql-storage";

/** The part that we use of a Drizzle database and of its transactions. */
export interface DrizzleHandle<Query> {
  execute(query: Query): PromiseLike<unknown>;
}

/** The part that we use of a Drizzle database over PostgreSQL. */
export interface DrizzleDatabase<Query, Tx extends DrizzleHandle<Query>> extends DrizzleHandle<Query> {
  transaction<R>(
    work: (tx: Tx) => Promise<R>,
    config?: { isolationLevel: "read committed"; accessMode?: "read only" },
  ): Promise<R>;
}

/** Options of {@link drizzleStorage}. */
export interface DrizzleStorageOptions<Query> extends SqlStorageOptions, PostgresSeamOptions {
  /** Drizzle's own `sql` tag: our statements go through it. */
  sql: (strings: TemplateStringsArray, ...values: unknown[]) => Query;
}

/**
 * Keeps the books in PostgreSQL through Drizzle (tested with drizzle-orm 0.45 over pg). Hooks get Drizzle's own `tx`: what
 * they write with it commits with the payment.
 *
 * @throws PaymeConfigError for another database, or a client of postgres.js that renames or changes columns.
 *
 * @example
 * import { sql } from "drizzle-orm";
 * import { drizzle } from "drizzle-orm/node-postgres";
 *
 * const db = drizzle("postgres://shop@localhost/shop");
 * const storage = drizzleStorage(db, { sql });
 * await storage.migrate();
 */
export function drizzleStorage<Query, Tx extends DrizzleHandle<Query>>(
  db: DrizzleDatabase<Query, Tx>,
  options: DrizzleStorageOptions<Query>,
): SqlStorage<Tx> {
  assertPostgres(db, options.sql);
  async function ask(handle: DrizzleHandle<Query>, text: string, params: readonly SqlValue[]) {
    const { strings, values } = asTemplate(text, params);
    return rowsIn(await handle.execute(options.sql(strings, ...values)));
  }
  const seam = postgresSeam<Tx>(
    {
      query: (text, params) => ask(db, text, params),
      queryIn: ask,
      transaction: (work) => db.transaction(work, { isolationLevel: "read committed" }),
      readTransaction: (work) => db.transaction(work, { isolationLevel: "read committed", accessMode: "read only" }),
    },
    options,
  );
  return sqlStorage(seam, options);
}

/** Looks at what Drizzle has at run time and not in its types: the dialect writes placeholders, and postgres.js has options. */
function assertPostgres<Query>(db: object, sql: DrizzleStorageOptions<Query>["sql"]): void {
  const text: unknown = Reflect.get(db, "dialect")?.sqlToQuery?.(sql`SELECT ${1}`).sql;
  if (!("execute" in db) || (text ?? "SELECT $1") !== "SELECT $1") throw notPostgres();
  const transform: Record<string, { from?: unknown } | undefined> =
    Reflect.get(db, "$client")?.options?.transform ?? {};
  if (["column", "value", "row"].some((part) => transform[part]?.from != null)) {
    throw notPostgres("the client of postgres.js has a transform; make a second one without it");
  }
}
