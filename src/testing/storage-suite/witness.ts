import { StorageSuiteFailure } from "./check";

/**
 * Reads committed rows from the database itself, over its own connection. A storage may answer from a cache, so its answer
 * proves nothing.
 */
export interface StorageWitness {
  /** A payment's status, and its amount as the database prints it; undefined without a row. */
  payment(id: string): Promise<{ readonly status: string; readonly amount: string } | undefined>;
  /** A transaction's state; undefined without a row. */
  transactionState(paymeId: string): Promise<number | undefined>;
  /** The number of events of all kinds. */
  countEvents(): Promise<number>;
}

/** The names of the tables, with a schema where needed: `payme.payme_payment`. */
export interface StorageWitnessTables {
  readonly payment?: string | undefined;
  readonly transaction?: string | undefined;
  readonly event?: string | undefined;
}

/**
 * Makes the witness of a database with the tables of this package (`payme_payment` and so on).
 *
 * @param query runs one statement on a connection that the storage does not use, and returns its rows.
 *
 * @example
 * const witness = sqlWitness(async (sql) => (await pool.query(sql)).rows);
 */
export function sqlWitness(
  query: (sql: string) => Promise<readonly unknown[]>,
  tables: StorageWitnessTables = {},
): StorageWitness {
  const payment = quoted(tables.payment ?? "payme_payment");
  const transaction = quoted(tables.transaction ?? "payme_transaction");
  const event = quoted(tables.event ?? "payme_event");
  return {
    async payment(id) {
      const [row] = await query(
        `SELECT status, CAST(amount AS VARCHAR(30)) AS amount FROM ${payment} WHERE id = '${id}'`,
      );
      return row === undefined ? undefined : { status: textOf(row, "status"), amount: textOf(row, "amount") };
    },
    async transactionState(paymeId) {
      const [row] = await query(`SELECT state FROM ${transaction} WHERE payme_id = '${paymeId}'`);
      return row === undefined ? undefined : Number(textOf(row, "state"));
    },
    async countEvents() {
      const [row] = await query(`SELECT COUNT(*) AS count FROM ${event}`);
      return Number(textOf(row, "count"));
    },
  };
}

function quoted(name: string): string {
  return name
    .split(".")
    .map((part) => `"${part}"`)
    .join(".");
}

function textOf(row: unknown, column: string): string {
  const value: unknown = typeof row === "object" && row !== null ? Reflect.get(row, column) : undefined;
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") return String(value);
  throw new StorageSuiteFailure("a row from the query of sqlWitness", row, { [column]: "a text or a number" });
}
