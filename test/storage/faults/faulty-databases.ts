import Database from "better-sqlite3";
import type pg from "pg";
import type { SqlStorage } from "../../../src/entry/adapter";
import { postgresStorage } from "../../../src/entry/postgres";
import { type SqliteHandle, sqliteStorage } from "../../../src/entry/sqlite";
import type { PostgresClient, PostgresPool, PostgresStatement } from "../../../src/storage/postgres/driver";
import type { SqliteDatabase } from "../../../src/storage/sqlite/driver";
import { databaseUrl, newSchema, openPool } from "../../postgres/database";
import { temporaryFolder } from "../kits";
import { createFaultLine, type FaultLine } from "./fault-line";

type Rows = readonly Record<string, unknown>[];

/** A database whose statements can be made to fail, the storage on it, and a table of the shop's own. */
export interface FaultyDatabase<Tx> {
  readonly storage: SqlStorage<Tx>;
  readonly line: FaultLine;
  /** The shop's own row in the same transaction: what was given (1) for a payment, or taken back (-1). */
  give(tx: Tx, paymentId: string, change: 1 | -1): unknown;
  /** Asks on a connection on which nothing fails, where tables need no schema. */
  ask(sql: string): Promise<Rows>;
  close(): Promise<void>;
}

const GOODS = "CREATE TABLE goods (payment_id VARCHAR NOT NULL, change INTEGER NOT NULL)";

/** A new SQLite file. Nothing is waited for on the disk: power is not what fails here. */
export async function faultySqlite(): Promise<FaultyDatabase<SqliteHandle>> {
  const { file, remove } = temporaryFolder();
  const line = createFaultLine("SQLITE_IOERR");
  const storage = sqliteStorage({ file, open: (path) => throughLine(new Database(path), line) });
  const bare = new Database(file);
  bare.pragma("synchronous = OFF");
  bare.exec(GOODS);
  return {
    storage,
    line,
    give: (tx, id, change) => tx.prepare("INSERT INTO goods (payment_id, change) VALUES (?, ?)").run(id, change),
    async ask(sql) {
      const statement = bare.prepare<[], Record<string, unknown>>(sql);
      if (statement.reader) return statement.all();
      statement.run();
      return [];
    },
    async close() {
      await storage.close();
      bare.close();
      remove();
    },
  };
}

function throughLine(database: SqliteDatabase, line: FaultLine): SqliteDatabase {
  function sent<Result>(sql: string, run: () => Result): Result {
    const arrive = line.send(sql);
    const result = run();
    arrive();
    return result;
  }
  return {
    get inTransaction() {
      return database.inTransaction;
    },
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        run: (...params) => sent(sql, () => statement.run(...params)),
        get: (...params) => sent(sql, () => statement.get(...params)),
        all: (...params) => sent(sql, () => statement.all(...params)),
      };
    },
    exec: (sql) => sent(sql, () => database.exec(sql.replace("synchronous = FULL", "synchronous = OFF"))),
    close: () => database.close(),
  };
}

/** A new schema in the test file's PostgreSQL database. */
export async function faultyPostgres() {
  const url = await databaseUrl();
  const schema = newSchema();
  const line = createFaultLine("58030");
  const pool = openPool(url);
  const bare = openPool(url, { max: 1, options: `-c search_path=${schema}` });
  await bare.query(`CREATE SCHEMA ${schema}`);
  await bare.query(GOODS);
  const storage = postgresStorage(poolThroughLine(pool, line), { schema });
  const database: FaultyDatabase<Parameters<Parameters<typeof storage.transaction>[0]>[0]> = {
    storage,
    line,
    give: (tx, id, change) =>
      tx.query(`INSERT INTO ${schema}.goods (payment_id, change) VALUES ($1, $2)`, [id, change]),
    ask: async (sql) => (await bare.query(sql)).rows,
    async close() {
      await Promise.all([pool.end(), bare.end()]);
    },
  };
  return database;
}

function poolThroughLine(pool: pg.Pool, line: FaultLine): PostgresPool {
  return {
    connect: (callback) =>
      pool.connect((error, client) =>
        callback(error, client === undefined ? undefined : clientThroughLine(client, line)),
      ),
    on: (event, listener) => pool.on(event, listener),
  };
}

function clientThroughLine(client: pg.PoolClient, line: FaultLine): PostgresClient {
  const bare: PostgresClient = client;
  return {
    async query(statement: string | PostgresStatement, values?: unknown[]) {
      const arrive = line.send(typeof statement === "string" ? statement : statement.text);
      const result = await (typeof statement === "string" ? client.query(statement, values) : client.query(statement));
      arrive();
      return result;
    },
    release: (destroy) => client.release(destroy),
    on: (event, listener) => client.on(event, listener),
    removeListener: (event, listener) => client.removeListener(event, listener),
    getTransactionStatus: () => bare.getTransactionStatus?.() ?? null,
  };
}
