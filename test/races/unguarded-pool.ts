import type pg from "pg";
import type { PostgresClient, PostgresPool, PostgresStatement } from "../../src/entry/postgres";

/** What is taken out of our statements and tables. The first statement of a transaction has its values in it. */
const CHANGES: readonly (readonly [guarded: string | RegExp, unguarded: string])[] = [
  [/AND (status IN \((?:\$14|'\w+')::text, (?:\$15|'\w+')::text\)) AND/g, "AND ($1 OR 1 = 1) AND"],
  [/AND (state = (?:\$7|'-?\d')::integer) AND/g, "AND ($1 OR 1 = 1) AND"],
  ["PRIMARY KEY (payme_id, cashbox, mode)", "CHECK (1 = 1)"],
  ['CREATE UNIQUE INDEX "idx_payme_transaction_held_order"', 'CREATE INDEX "idx_payme_transaction_held_order"'],
  ['CREATE UNIQUE INDEX "idx_payme_payment_open_reference"', 'CREATE INDEX "idx_payme_payment_open_reference"'],
];

/** A pool on which the database guards nothing: no guards in the changes, no unique keys. */
export function unguardedPool(pool: pg.Pool): PostgresPool {
  return {
    connect: (callback) =>
      pool.connect((error, client) => callback(error, client === undefined ? undefined : unguardedClient(client))),
    on: (event, listener) => pool.on(event, listener),
  };
}

function unguardedClient(client: pg.PoolClient): PostgresClient {
  return {
    async query(statement: string | PostgresStatement, values?: unknown[]) {
      if (typeof statement === "string") return client.query(unguarded(statement), values);
      return client.query({ ...statement, text: unguarded(statement.text) });
    },
    release: (destroy) => client.release(destroy),
    on: (event, listener) => client.on(event, listener),
    removeListener: (event, listener) => client.removeListener(event, listener),
  };
}

/** A statement without its guards. */
export function unguarded(sql: string): string {
  return CHANGES.reduce((text, [from, to]) => text.replaceAll(from, to), sql);
}
