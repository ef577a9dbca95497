import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { SqlStorage } from "../../src/entry/adapter";
import { sqlTariffStore } from "../../src/entry/tariffs";
import { type StorageUnderTest, sqlWitness } from "../../src/entry/testing";
import type { Storage } from "../../src/ledger";
import { databaseUrl, newSchema, openPool } from "../postgres/database";
import type { AdapterName, AdapterOptions, OpenedAdapter } from "./postgres-adapters";

const WORKER = fileURLToPath(new URL("./orm-suite-worker.ts", import.meta.url));

/** A kit on a schema of its own in the file's database. */
export interface OrmKit<Tx> extends StorageUnderTest<Tx> {
  readonly storage: SqlStorage<Tx>;
  readonly bare: ReturnType<typeof openPool>;
  readonly schema: string;
  readonly url: string;
}

/** Storages on one new schema, reached as `open` does, with a table of the host's beside ours. */
export async function ormKit<Tx>(
  name: AdapterName,
  open: (options: AdapterOptions) => Promise<OpenedAdapter<Tx>>,
  options: Partial<AdapterOptions> = {},
): Promise<OrmKit<Tx>> {
  const [url, schema] = [await databaseUrl(), newSchema()];
  const bare = openPool(url, { max: 2 });
  bare.on("error", () => {});
  await bare.query(`CREATE SCHEMA ${schema}`);
  await bare.query(`CREATE TABLE ${schema}.host (id TEXT PRIMARY KEY)`);
  const all: OpenedAdapter<Tx>[] = [];
  const another = async () => {
    const adapter = await open({ url, schema, ...options });
    all.push(adapter);
    return adapter;
  };
  const { storage, addHost } = await another();
  const { payment, transaction, event } = storage.tables;
  return {
    storage,
    bare,
    schema,
    url,
    tariffs: sqlTariffStore(storage),
    witness: sqlWitness(async (sql) => (await bare.query(sql)).rows, { payment, transaction, event }),
    host: {
      add: addHost,
      has: async (id) => (await bare.query(`SELECT 1 FROM ${schema}.host WHERE id = $1`, [id])).rowCount === 1,
    },
    second: async (): Promise<Storage<Tx>> => (await another()).storage,
    process: () => fork(WORKER, [name, url, schema], { execArgv: ["--import", "tsx"] }),
    async reopen() {
      await Promise.all(all.splice(0).map((each) => each.close()));
      return (await another()).storage;
    },
    async close() {
      await Promise.all([...all.map((each) => each.close()), bare.end()]);
    },
  };
}
