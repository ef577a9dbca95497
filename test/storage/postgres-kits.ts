import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { type PostgresHandle, type PostgresStorageOptions, postgresStorage } from "../../src/entry/postgres";
import { sqlTariffStore } from "../../src/entry/tariffs";
import { type StorageUnderTest, sqlWitness } from "../../src/entry/testing";
import type { Storage } from "../../src/ledger";
import { databaseUrl, newSchema, openPool } from "../postgres/database";

/** A kit on a schema of its own in the file's database. */
export interface PostgresKit extends StorageUnderTest<PostgresHandle> {
  readonly storage: ReturnType<typeof postgresStorage>;
  readonly pool: pg.Pool;
  readonly url: string;
  readonly schema: string;
  /** Opens another storage on the same rows, over a pool of its own. */
  readonly open: (options?: PostgresStorageOptions, pool?: pg.PoolConfig) => ReturnType<typeof postgresStorage>;
}

const WORKER = fileURLToPath(new URL("./postgres-suite-worker.ts", import.meta.url));

/** Storages on one new schema, with a table of the host's beside ours. */
export async function postgresKit(
  options: PostgresStorageOptions = {},
  config: pg.PoolConfig = {},
): Promise<PostgresKit> {
  const url = await databaseUrl();
  const schema = options.schema ?? newSchema();
  const pools: pg.Pool[] = [];
  const open = (others: PostgresStorageOptions = {}, poolConfig: pg.PoolConfig = config) => {
    const pool = openPool(url, poolConfig);
    pools.push(pool);
    return postgresStorage(pool, { ...options, schema, ...others });
  };
  const storage = open();
  const bare = openPool(url, { max: 2 });
  // Only the storage's own pools show that it listens to them.
  bare.on("error", () => {});
  await bare.query(`CREATE SCHEMA ${schema}`);
  await bare.query(`CREATE TABLE ${schema}.host (id TEXT PRIMARY KEY)`);
  const [pool = bare] = pools;
  return {
    storage,
    pool,
    url,
    schema,
    open,
    tariffs: sqlTariffStore(storage),
    witness: sqlWitness(async (sql) => (await bare.query(sql)).rows, {
      payment: storage.tables.payment,
      transaction: storage.tables.transaction,
      event: storage.tables.event,
    }),
    host: {
      add: (tx, id) => tx.query(`INSERT INTO ${schema}.host (id) VALUES ($1)`, [id]),
      has: async (id) => (await bare.query(`SELECT 1 FROM ${schema}.host WHERE id = $1`, [id])).rowCount === 1,
    },
    second: async () => open(),
    process: () => fork(WORKER, [url, schema, JSON.stringify(options.tables ?? {})], { execArgv: ["--import", "tsx"] }),
    async reopen(): Promise<Storage<PostgresHandle>> {
      await Promise.all(pools.splice(0).map((each) => each.end()));
      return open();
    },
    async close() {
      await Promise.all([...pools, bare].map((each) => each.end()));
    },
  };
}
