import { StorageSuiteFailure } from "./check";

/**
 * Reads what is committed straight from the database, over a connection of its own: what a storage says of itself proves
 * nothing where it answers from a cache.
 */
export interface StorageWitness {
  /** A payment's status and amount, the amount as the database prints it; undefined where there is no row. */
  payment(id: string): Promise<{ readonly status: string; readonly amount: string } | undefined>;
  /** A transaction's state; undefined where there is no row. */
  transactionState(paymeId: string): Promise<number | undefined>;
  /** How many events there are, of all kinds. */
  countEvents(): Promise<number>;
}

/** The names of the tables that are read, with their schema where they have one: `payme.payme_payment`. */
export interface StorageWitnessTables {
  readonly payment?: string | undefined;
  readonly transaction?: string | undefined;
  readonly event?: string | undefined;
}

/**
 * The witness of a database that has our tables (`payme_payment` and so on).
 *
 * @param query runs one statement on a connection that the storage does not know, and gives its rows.
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
  throw new StorageSuiteFailure("a row that sqlWitness's query gave", row, { [column]: "a text or a number" });
}
