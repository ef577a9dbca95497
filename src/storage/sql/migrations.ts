import { PaymeConfigError } from "../../kit/errors";
import { integer, text } from "./columns";
import type { Dialect, Executor, SqlSeam } from "./executor";
import { paymentCountMigration } from "./payment-count";
import { IS_REFUNDING, indexName, indexPath, quoted, type TableNames } from "./tables";

/** One step of a schema: statements that run once, in one transaction. */
export type Migration = readonly string[];

/** The numbered steps of one part of the schema, forward only. */
export interface Migrations {
  /** The name of the part: each part has its own numbers. */
  readonly part: string;
  readonly steps: readonly Migration[];
}

/**
 * Brings a part of the schema up to date. Each step is recorded in its own transaction: several processes may start at once,
 * and a crash leaves no half of a step. Without a new step nothing is written: a user who may only read and write rows can
 * start a server on a schema that another user created.
 */
export async function migrate<Tx>(seam: SqlSeam<Tx>, tables: TableNames, { part, steps }: Migrations): Promise<void> {
  if ((await seam.read((executor) => doneSteps(executor, seam.dialect, tables, part))).size >= steps.length) return;
  await seam.transaction(
    async (tx) => {
      const executor = seam.executorOf(tx);
      if (seam.dialect === "postgres") await takeTurn(executor);
      if (!(await hasSchema(executor, seam))) await executor.execute(createSchema(seam), []);
      await executor.execute(createMigrationTable(seam, tables), []);
      const done = await doneSteps(executor, seam.dialect, tables, part);
      for (const [index, statements] of steps.entries()) {
        if (done.has(index + 1)) continue;
        await refuseForeign(executor, seam.dialect, statements);
        for (const statement of statements) await executor.execute(statement, []);
        await executor.execute(recordOf(tables), [part, index + 1]);
      }
    },
    { patient: true },
  );
}

/** Returns the statements that {@link migrate} runs on an empty database, for a person to run: `payme-kit schema`. */
export function schemaScript(place: SchemaPlace, tables: TableNames, parts: readonly Migrations[]): string[] {
  const steps = parts.flatMap(({ part, steps }) =>
    steps.flatMap((statements, index) => [
      ...statements,
      recordOf(tables)
        .replace("$1::text", `'${part}'`)
        .replace("$2::integer", String(index + 1)),
    ]),
  );
  return [...(place.schema === undefined ? [] : [createSchema(place)]), createMigrationTable(place, tables), ...steps];
}

type SchemaPlace = Pick<SqlSeam<never>, "dialect" | "schema">;

/**
 * Makes processes that start at once take turns: "IF NOT EXISTS" alone fails where they meet. Another process may be creating
 * an index over millions of rows, so this wait has no `lock_timeout`. Later steps have it again: a step that waits for a table
 * blocks every later query of that table.
 */
async function takeTurn(executor: Executor): Promise<void> {
  const [row] = await executor.execute("SELECT current_setting('lock_timeout') AS lock_timeout", []);
  const setLimit = (limit: string) =>
    executor.execute("SELECT set_config('lock_timeout', $1::text, true) AS lock_timeout", [limit]);
  await setLimit("0");
  await executor.execute("SELECT pg_advisory_xact_lock(7224633101)::text AS locked", []);
  await setLimit(text(row?.lock_timeout));
}

/** Asked first: a user who may create tables in a schema may not be allowed to create schemas. */
async function hasSchema(executor: Executor, { schema }: SchemaPlace): Promise<boolean> {
  if (schema === undefined) return true;
  return (await executor.execute("SELECT 1 AS found FROM pg_namespace WHERE nspname = $1::text", [schema])).length > 0;
}

/** @throws PaymeConfigError where a table or an index that a step makes is there: somebody else made it. */
async function refuseForeign(executor: Executor, dialect: Dialect, statements: Migration): Promise<void> {
  for (const statement of statements) {
    const [, kind, name = "", schema = ""] = MADE.exec(statement) ?? [];
    if (kind === undefined) continue;
    const plain = (schema + name).replaceAll('"', "");
    const rows =
      dialect === "postgres"
        ? await executor.execute("SELECT 1 AS found WHERE to_regclass($1::text) IS NOT NULL", [schema + name])
        : await executor.execute("SELECT 1 AS found FROM sqlite_master WHERE lower(name) = lower($1::text)", [plain]);
    if (rows.length === 0) continue;
    const found = `${kind === "TABLE" ? "a table" : "an index"} "${plain}"`;
    throw new PaymeConfigError(
      `the database has ${found} already, and payme-kit did not make it; nothing was changed`,
      {
        hint: 'Give our tables other names: the option tables, e.g. { payment: "shop_payment" }. Or use another database.',
      },
    );
  }
}

/** What a statement makes, and the schema of an index: that of its table. A table that may be there is left out. */
const MADE = /^CREATE (?:UNIQUE )?(TABLE|INDEX) ("\S+)(?: ON ("\w+"\.)?")?/;

/** Returns the names of the indexes that stand after all steps, without their schema. */
export function indexesOf({ steps }: Migrations): string[] {
  const standing = new Set<string>();
  for (const statement of steps.flat()) {
    const [, verb, name = ""] =
      /^(CREATE|DROP) (?:UNIQUE )?INDEX (?:IF EXISTS )?(?:"\w+"\.)?"(\w+)"/.exec(statement) ?? [];
    if (verb === "CREATE") standing.add(name);
    if (verb === "DROP") standing.delete(name);
  }
  return [...standing];
}

function createSchema({ schema = "payme" }: SchemaPlace): string {
  return `CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`;
}

function createMigrationTable({ dialect }: SchemaPlace, tables: TableNames): string {
  const now = dialect === "postgres" ? "(CURRENT_TIMESTAMP AT TIME ZONE 'UTC')" : "CURRENT_TIMESTAMP";
  return `CREATE TABLE IF NOT EXISTS ${quoted(tables.migration)} (
          part VARCHAR NOT NULL,
          step INTEGER NOT NULL,
          applied_at TIMESTAMP NOT NULL DEFAULT ${now},
          PRIMARY KEY (part, step)
        )`;
}

function recordOf(tables: TableNames): string {
  return `INSERT INTO ${quoted(tables.migration)} (part, step) VALUES ($1::text, $2::integer)`;
}

/** Returns the steps that were made, by their numbers. */
export async function doneSteps(
  executor: Executor,
  dialect: Dialect,
  tables: TableNames,
  part: string,
): Promise<ReadonlySet<number>> {
  const exists =
    dialect === "postgres"
      ? "SELECT 1 AS found WHERE to_regclass($1::text) IS NOT NULL"
      : "SELECT 1 AS found FROM sqlite_master WHERE name = $1::text";
  const name = dialect === "postgres" ? quoted(tables.migration) : tables.migration;
  if ((await executor.execute(exists, [name])).length === 0) return new Set();
  const rows = await executor.execute(`SELECT step FROM ${quoted(tables.migration)} WHERE part = $1::text`, [part]);
  return new Set(rows.map(({ step }) => integer(step)));
}

/** Returns the migrations of the ledger. */
export function ledgerMigrations(tables: TableNames, dialect: Dialect): Migrations {
  const [transaction, payment, event] = [quoted(tables.transaction), quoted(tables.payment), quoted(tables.event)];
  const index = indexName;
  // Ids are compared by their bytes, as in SQLite and JavaScript: pages follow that order in a database of any locale.
  const id = dialect === "sqlite" ? "VARCHAR" : 'VARCHAR COLLATE "C"';
  const serial =
    dialect === "sqlite" ? "INTEGER PRIMARY KEY AUTOINCREMENT" : "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY";
  return {
    part: "ledger",
    steps: [
      [
        `CREATE TABLE ${transaction} (
          cashbox VARCHAR NOT NULL,
          mode VARCHAR NOT NULL,
          payme_id ${id} NOT NULL,
          source VARCHAR NOT NULL,
          transaction_id VARCHAR NOT NULL,
          state INTEGER NOT NULL,
          order_key VARCHAR NOT NULL,
          one_time INTEGER NOT NULL,
          amount BIGINT NOT NULL,
          account TEXT NOT NULL,
          time BIGINT NOT NULL,
          create_time BIGINT NOT NULL,
          perform_time BIGINT NOT NULL,
          cancel_time BIGINT NOT NULL,
          reason INTEGER NULL,
          receivers TEXT NULL,
          fiscal_perform TEXT NULL,
          fiscal_cancel TEXT NULL,
          PRIMARY KEY (payme_id, cashbox, mode)
        )`,
        `CREATE UNIQUE INDEX ${index(tables.transaction, "live_order")} ON ${transaction} (order_key, cashbox, mode)
          WHERE source = 'merchant' AND one_time = 1 AND state IN (1, 2)`,
        `CREATE INDEX ${index(tables.transaction, "time")} ON ${transaction} (cashbox, mode, time, payme_id)
          WHERE source = 'merchant'`,
        `CREATE INDEX ${index(tables.transaction, "open")} ON ${transaction} (cashbox, mode, time, payme_id)
          WHERE source = 'merchant' AND state = 1`,
        `CREATE TABLE ${payment} (
          id ${id} PRIMARY KEY,
          user_id VARCHAR NOT NULL,
          amount BIGINT NOT NULL,
          status VARCHAR DEFAULT 'PENDING',
          created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
          paid_at TIMESTAMP NULL,
          payme_transaction_id VARCHAR NULL,
          payme_cheque_id VARCHAR NULL,
          tariff_id INTEGER NULL,
          payment_method VARCHAR DEFAULT 'PAYME',
          payme_error_code ${id} NULL,
          payme_error_message VARCHAR NULL,
          updated_at TIMESTAMP NULL,
          webhook_received_at TIMESTAMP NULL,
          cashbox VARCHAR NOT NULL,
          mode VARCHAR NOT NULL,
          reference VARCHAR NULL,
          description VARCHAR NULL,
          data TEXT NULL,
          pay_url VARCHAR NULL,
          paid_by VARCHAR NULL,
          paid_source VARCHAR NULL,
          held INTEGER NOT NULL,
          created_ms BIGINT NOT NULL,
          updated_ms BIGINT NOT NULL,
          paid_ms BIGINT NULL,
          cancelled_ms BIGINT NULL,
          webhook_received_ms BIGINT NULL,
          cancel_requested_ms BIGINT NULL,
          next_check_ms BIGINT NULL,
          checks INTEGER NOT NULL
        )`,
        `CREATE INDEX ${index(tables.payment, "user_id")} ON ${payment} (user_id)`,
        `CREATE INDEX ${index(tables.payment, "payme_transaction_id")} ON ${payment} (payme_transaction_id)`,
        `CREATE INDEX ${index(tables.payment, "status")} ON ${payment} (status)`,
        `CREATE INDEX ${index(tables.payment, "created_at")} ON ${payment} (created_at)`,
        `CREATE INDEX ${index(tables.payment, "paid_by")} ON ${payment} (paid_by) WHERE paid_by IS NOT NULL`,
        `CREATE UNIQUE INDEX ${index(tables.payment, "open_reference")} ON ${payment} (reference, cashbox, mode)
          WHERE status = 'PENDING' AND reference IS NOT NULL`,
        `CREATE INDEX ${index(tables.payment, "reference")} ON ${payment} (reference, created_ms)
          WHERE reference IS NOT NULL`,
        `CREATE INDEX ${index(tables.payment, "next_check")} ON ${payment} (cashbox, mode, next_check_ms, id)
          WHERE next_check_ms IS NOT NULL`,
        `CREATE INDEX ${index(tables.payment, "pending")} ON ${payment} (cashbox, mode, created_ms, id)
          WHERE status = 'PENDING'`,
        `CREATE TABLE ${event} (
          id ${serial},
          cashbox VARCHAR NOT NULL,
          mode VARCHAR NOT NULL,
          kind VARCHAR NOT NULL,
          subject VARCHAR NOT NULL,
          payme_id VARCHAR NULL,
          at_ms BIGINT NOT NULL,
          data TEXT NULL,
          is_incident INTEGER NOT NULL,
          incident_key VARCHAR NULL,
          deliver_ms BIGINT NULL,
          attempts INTEGER NOT NULL DEFAULT 0,
          lease_token VARCHAR NULL,
          lease_until_ms BIGINT NULL,
          delivered_ms BIGINT NULL,
          parked_ms BIGINT NULL,
          resolved_ms BIGINT NULL,
          resolved_by VARCHAR NULL,
          note VARCHAR NULL
        )`,
        `CREATE INDEX ${index(tables.event, "subject")} ON ${event} (subject, id)`,
        `CREATE UNIQUE INDEX ${index(tables.event, "incident")} ON ${event} (incident_key, cashbox, mode)
          WHERE incident_key IS NOT NULL`,
        `CREATE INDEX ${index(tables.event, "incidents")} ON ${event} (cashbox, mode, id) WHERE is_incident = 1`,
        `CREATE INDEX ${index(tables.event, "undelivered")} ON ${event} (cashbox, mode, subject, id)
          WHERE deliver_ms IS NOT NULL`,
      ],
      [
        `CREATE INDEX ${index(tables.event, "parked")} ON ${event} (cashbox, mode, id) WHERE parked_ms IS NOT NULL`,
        `CREATE INDEX ${index(tables.payment, "paid")} ON ${payment} (cashbox, mode, paid_ms, id)
          WHERE paid_ms IS NOT NULL`,
        `CREATE INDEX ${index(tables.payment, "refunded")} ON ${payment} (cashbox, mode, cancelled_ms)
          WHERE paid_ms IS NOT NULL AND cancelled_ms IS NOT NULL`,
      ],
      paymentCountMigration(tables, dialect),
      // What was stored before has no other type than text.
      [`ALTER TABLE ${transaction} ADD COLUMN reference_type VARCHAR NOT NULL DEFAULT 'string'`],
      [`ALTER TABLE ${payment} ADD COLUMN charge_until_ms BIGINT NULL`],
      // Before there were kinds, a payment of a tariff named its tariff.
      [
        `ALTER TABLE ${payment} ADD COLUMN kind VARCHAR NOT NULL DEFAULT 'order'`,
        `ALTER TABLE ${payment} ADD COLUMN unfulfilled INTEGER NOT NULL DEFAULT 0`,
        `UPDATE ${payment} SET kind = 'tariff' WHERE tariff_id IS NOT NULL`,
      ],
      // Of a refunded receipt nobody wrote down whether its money went back: Payme is asked.
      [
        `ALTER TABLE ${payment} ADD COLUMN refund VARCHAR NOT NULL DEFAULT 'none'`,
        `ALTER TABLE ${payment} ADD COLUMN refunded_ms BIGINT NULL`,
        `ALTER TABLE ${payment} ADD COLUMN refund_doubted_ms BIGINT NULL`,
        `UPDATE ${payment} SET refund = 'done', refunded_ms = cancelled_ms
          WHERE status = 'CANCELLED' AND paid_ms IS NOT NULL AND paid_source = 'merchant'`,
        `UPDATE ${payment} SET refund = 'queued', next_check_ms = cancelled_ms
          WHERE status = 'CANCELLED' AND paid_ms IS NOT NULL AND paid_source <> 'merchant'`,
        `CREATE INDEX ${index(tables.payment, "refund_done")} ON ${payment} (cashbox, mode, refunded_ms)
          WHERE refunded_ms IS NOT NULL`,
      ],
      withoutGuideColumns(tables),
      // Before cashboxes could share orders, each had its own.
      [
        `ALTER TABLE ${transaction} ADD COLUMN order_space VARCHAR NOT NULL DEFAULT ''`,
        `UPDATE ${transaction} SET order_space = cashbox`,
        `DROP INDEX ${indexPath(tables.transaction, "live_order")}`,
        `CREATE UNIQUE INDEX ${index(tables.transaction, "held_order")} ON ${transaction} (order_key, order_space, mode)
          WHERE source = 'merchant' AND one_time = 1 AND state IN (1, 2)`,
      ],
      // An incident that was resolved may come again.
      [
        `CREATE UNIQUE INDEX ${index(tables.event, "open_incident")} ON ${event} (incident_key, cashbox, mode)
          WHERE incident_key IS NOT NULL AND resolved_ms IS NULL`,
        `DROP INDEX ${indexPath(tables.event, "incident")}`,
        `CREATE INDEX ${index(tables.event, "open_subject")} ON ${event} (subject, cashbox, mode)
          WHERE is_incident = 1 AND resolved_ms IS NULL`,
      ],
      // The column takes what Payme may send. SQLite's INTEGER has 64 bits already.
      dialect === "sqlite" ? [] : [`ALTER TABLE ${transaction} ALTER COLUMN reason TYPE BIGINT`],
      // No payment of before was made to hold; since when one is held is asked at the next look.
      [
        `ALTER TABLE ${payment} ADD COLUMN hold INTEGER NOT NULL DEFAULT 0`,
        `ALTER TABLE ${payment} ADD COLUMN held_ms BIGINT NULL`,
      ],
      // Nobody had accepted another amount.
      [`ALTER TABLE ${payment} ADD COLUMN paid_amount BIGINT NULL`],
      // What one user can open has a bound. With `status` in it SQLite prefers it to the index of all the payments of a user.
      [
        `CREATE INDEX ${index(tables.payment, "open_user")} ON ${payment} (user_id, cashbox, mode, status)
          WHERE status = 'PENDING' AND kind <> 'subscription'`,
      ],
      // For statistics of a period, and of the refunds that have not ended.
      [
        `CREATE INDEX ${index(tables.payment, "created")} ON ${payment} (cashbox, mode, created_ms)`,
        `CREATE INDEX ${index(tables.payment, "refunding")} ON ${payment} (cashbox, mode, cancelled_ms)
          WHERE ${IS_REFUNDING}`,
      ],
      // The newest payments of a user, however many there are.
      [
        `CREATE INDEX ${index(tables.payment, "user")} ON ${payment} (user_id, cashbox, mode, created_ms, id)`,
        `DROP INDEX ${indexPath(tables.payment, "user_id")}`,
      ],
      // Step 17: the sums of a day are read from the index alone, of each source by itself.
      [
        `CREATE INDEX ${index(tables.payment, "paid_source")} ON ${payment}
          (cashbox, mode, paid_source, paid_ms, id, paid_amount, amount) WHERE paid_ms IS NOT NULL`,
        `DROP INDEX ${indexPath(tables.payment, "paid")}`,
        // In SQLite one that begins with the cashbox was taken for whatever is looked up there: all payments were read.
        `CREATE INDEX ${index(tables.payment, "made")} ON ${payment} (created_ms, cashbox, mode)`,
        `DROP INDEX ${indexPath(tables.payment, "created")}`,
      ],
    ],
  };
}

/**
 * Returns a step that drops the columns of the Wedy guide which nothing here reads, and the indexes that serve no statement.
 * A payment's tariff is in its `data` from now on; where `data` was no snapshot of a tariff, the id goes there.
 */
function withoutGuideColumns(tables: TableNames): Migration {
  const payment = quoted(tables.payment);
  const dropped = ["tariff_id", "payment_method", "created_at", "paid_at", "updated_at", "webhook_received_at"];
  return [
    // As text: JSON that a database cannot read (a lone surrogate, NUL) must not stop a server from starting.
    `UPDATE ${payment} SET data = '{"tariffId":' || tariff_id || CASE
          WHEN COALESCE(data, 'null') IN ('null', '{}') THEN '}'
          WHEN substr(data, 1, 1) = '{' THEN ',' || substr(data, 2)
          ELSE ',"data":' || data || '}' END
          WHERE tariff_id IS NOT NULL AND (data IS NULL
            OR (substr(data, 1, 12) <> '{"tariffId":' AND substr(data, 1, 24) <> '{"version":2,"tariffId":'))`,
    // SQLite drops no column that has an index.
    ...["created_at", "status"].map((column) => `DROP INDEX IF EXISTS ${indexPath(tables.payment, column)}`),
    ...dropped.map((column) => `ALTER TABLE ${payment} DROP COLUMN ${column}`),
  ];
}
