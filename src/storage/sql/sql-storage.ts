import type { Verbs } from "../../ledger";
import { autocommit } from "../autocommit";
import { readingVerbs } from "../only-reads";
import { eventStatements, eventVerbs } from "./events";
import type { Dialect, Executor, SqlSeam, SqlStorage } from "./executor";
import { ledgerMigrations, migrate } from "./migrations";
import { paymentStatements, paymentVerbs } from "./payments";
import { type TableNames, tableNames } from "./tables";
import { transactionStatements, transactionVerbs } from "./transactions";

/** Options of a storage on an SQL database. */
export interface SqlStorageOptions {
  /** Names of our tables; on PostgreSQL with a schema of their own where one is in them. Default `payme_transaction`, `payme_payment`, `payme_event`, `payme_payment_count`, `payme_migration`. */
  tables?: { readonly [Table in keyof TableNames]?: string | undefined } | undefined;
}

/** The verbs over an executor of a database: its statements are written once. */
export function sqlVerbs(tables: TableNames, dialect: Dialect): (executor: Executor) => Verbs {
  const transactions = transactionStatements(tables, dialect);
  const payments = paymentStatements(tables, dialect);
  const events = eventStatements(tables, dialect);
  // Assigned onto one of them: copying all three into a new object would cost more than a statement, each time.
  return (executor) =>
    Object.assign(
      paymentVerbs(executor, payments, dialect),
      transactionVerbs(executor, transactions),
      eventVerbs(executor, events),
    );
}

/** The storage over a seam: all that is SQL, and nothing that is a driver's. For writers of adapters. */
export function sqlStorage<Tx>(seam: SqlSeam<Tx>, options: SqlStorageOptions = {}): SqlStorage<Tx> {
  const tables = tableNames(options.tables, seam.schema);
  const verbsOf = sqlVerbs(tables, seam.dialect);
  // Some drivers use the connection as the handle: of a read, then of a transaction.
  const reading = new Set<Tx>();
  function using(tx: Tx): Verbs {
    const verbs = verbsOf(seam.executorOf(tx));
    return reading.has(tx) ? readingVerbs(verbs) : verbs;
  }
  return {
    ...autocommit(
      (work) => seam.read((executor) => work(verbsOf(executor))),
      (work) => seam.transaction((tx) => work(using(tx))),
    ),
    transaction: (work, options) => seam.transaction(work, options),
    read: (work) =>
      seam.readOnly(async (tx) => {
        reading.add(tx);
        try {
          return await work(tx);
        } finally {
          reading.delete(tx);
        }
      }),
    using,
    migrate: () => migrate(seam, tables, ledgerMigrations(tables, seam.dialect)),
    close: seam.close,
    sql: seam,
    tables,
  };
}
