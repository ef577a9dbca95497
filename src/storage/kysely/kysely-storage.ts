import { asTemplate, rowsIn, type SqlStorage, type SqlValue } from "../sql/executor";
import { notPostgres, type PostgresSeamOptions, postgresSeam } from "../sql/postgres-seam";
import { type SqlStorageOptions, sqlStorage } from "../sql/sql-storage";

/** The part that we use of Kysely's `Kysely` and `Transaction`. */
export interface KyselyHandle<Executor> {
  /** Our statements run without plugins: one that renames columns would rename ours. */
  withoutPlugins(): Executor;
}

interface KyselyTransaction<Tx> {
  execute<R>(work: (tx: Tx) => Promise<R>): Promise<R>;
}

/** The part that we use of Kysely over PostgreSQL. */
export interface KyselyDatabase<Executor, Tx extends KyselyHandle<Executor>> extends KyselyHandle<Executor> {
  transaction(): {
    setIsolationLevel(level: "read committed"): KyselyTransaction<Tx> & {
      setAccessMode(mode: "read only"): KyselyTransaction<Tx>;
    };
  };
}

/** Options of {@link kyselyStorage}. */
export interface KyselyStorageOptions<Executor> extends SqlStorageOptions, PostgresSeamOptions {
  /** Kysely's own `sql` tag: our statements go through it. */
  sql: (
    strings: TemplateStringsArray,
    ...values: unknown[]
  ) => { execute(executor: Executor): Promise<unknown>; compile(executor: Executor): { readonly sql: string } };
}

/**
 * Keeps the books in PostgreSQL through Kysely (tested with kysely 0.28). Hooks get Kysely's own transaction: rows that they
 * write with it commit with the payment.
 *
 * @throws PaymeConfigError for another database.
 *
 * @example
 * import { Kysely, PostgresDialect, sql } from "kysely";
 * import { Pool } from "pg";
 *
 * const db = new Kysely<object>({ dialect: new PostgresDialect({ pool: new Pool() }) });
 * const storage = kyselyStorage(db, { sql });
 * await storage.migrate();
 */
export function kyselyStorage<Executor, Tx extends KyselyHandle<Executor>>(
  db: KyselyDatabase<Executor, Tx>,
  options: KyselyStorageOptions<Executor>,
): SqlStorage<Tx> {
  // Each dialect has placeholders of its own.
  if (options.sql`${1}`.compile(db.withoutPlugins()).sql !== "$1") throw notPostgres();
  async function ask(handle: KyselyHandle<Executor>, text: string, params: readonly SqlValue[]) {
    const { strings, values } = asTemplate(text, params);
    return rowsIn(await options.sql(strings, ...values).execute(handle.withoutPlugins()));
  }
  const begin = () => db.transaction().setIsolationLevel("read committed");
  const seam = postgresSeam<Tx>(
    {
      query: (text, params) => ask(db, text, params),
      queryIn: ask,
      transaction: (work) => begin().execute(work),
      readTransaction: (work) => begin().setAccessMode("read only").execute(work),
    },
    options,
  );
  return sqlStorage(seam, options);
}
