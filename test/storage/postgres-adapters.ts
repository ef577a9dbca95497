import { PrismaPg } from "@prisma/adapter-pg";
import { sql as drizzleSql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { pgSchema, text } from "drizzle-orm/pg-core";
import { CamelCasePlugin, Kysely, sql as kyselySql, PostgresDialect } from "kysely";
import pg from "pg";
import { DataSource, EntitySchema } from "typeorm";
import type { PostgresSeamOptions, SqlStorage } from "../../src/entry/adapter";
import { drizzleStorage } from "../../src/entry/drizzle";
import { kyselyStorage } from "../../src/entry/kysely";
import { postgresStorage } from "../../src/entry/postgres";
import { prismaStorage } from "../../src/entry/prisma";
import { PrismaClient } from "./prisma/generated/client";
import { typeormStorage } from "./typeorm-recipe";

/** A storage on a schema of a database, and the host's own way to write there with what its hooks get. */
export interface OpenedAdapter<Tx> {
  readonly storage: SqlStorage<Tx>;
  /** Adds a row to the host's table `host`, through the ORM and not in SQL. */
  addHost(tx: Tx, id: string): unknown;
  close(): Promise<unknown>;
}

export interface AdapterOptions extends PostgresSeamOptions {
  readonly url: string;
  readonly schema: string;
}

export function onPool({ url, schema, ...options }: AdapterOptions) {
  const pool = new pg.Pool({ connectionString: url });
  const storage = postgresStorage(pool, { schema, ...options });
  return opened({
    storage,
    addHost: (tx, id) => tx.query(`INSERT INTO ${schema}.host (id) VALUES ($1)`, [id]),
    close: () => pool.end(),
  });
}

export function onDrizzle({ url, schema, ...options }: AdapterOptions) {
  const pool = quietPool(url);
  const host = pgSchema(schema).table("host", { id: text().primaryKey() });
  return opened({
    storage: drizzleStorage(drizzle(pool), { sql: drizzleSql, schema, ...options }),
    addHost: (tx, id) => tx.insert(host).values({ id }),
    close: () => pool.end(),
  });
}

export function onKysely({ url, schema, ...options }: AdapterOptions) {
  const pool = quietPool(url);
  // The plugin renames columns: ours must not be.
  const db = new Kysely<{ host: { id: string } }>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin()],
  });
  return opened({
    storage: kyselyStorage(db, { sql: kyselySql, schema, ...options }),
    addHost: (tx, id) => tx.withSchema(schema).insertInto("host").values({ id }).execute(),
    close: () => db.destroy(),
  });
}

export function onPrisma({ url, schema, ...options }: AdapterOptions) {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }, { schema }) });
  return opened({
    storage: prismaStorage(prisma, { schema, ...options }),
    addHost: (tx, id) => tx.host.create({ data: { id } }),
    close: () => prisma.$disconnect(),
  });
}

export function onTypeorm({ url, schema, ...options }: AdapterOptions) {
  const Host = new EntitySchema<{ id: string }>({
    name: "host",
    schema,
    columns: { id: { type: "text", primary: true } },
  });
  const dataSource = new DataSource({ type: "postgres", url, entities: [Host] });
  return opened({
    ready: dataSource.initialize(),
    storage: typeormStorage(dataSource, { schema, ...options }),
    addHost: (tx, id) => tx.insert(Host, { id }),
    close: () => dataSource.destroy(),
  });
}

/** A pool that is given to an ORM: who does not listen to it and to its connections is ended by one that is lost. */
function quietPool(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url });
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

async function opened<Tx>({
  ready,
  ...adapter
}: OpenedAdapter<Tx> & { ready?: Promise<unknown> }): Promise<OpenedAdapter<Tx>> {
  await ready;
  return adapter;
}

/** By the name under which a second process opens the same. */
export const adapters = {
  pg: onPool,
  drizzle: onDrizzle,
  kysely: onKysely,
  prisma: onPrisma,
  typeorm: onTypeorm,
} as const;

export type AdapterName = keyof typeof adapters;

/** True for a name of {@link adapters}. */
export function isAdapterName(name: string | undefined): name is AdapterName {
  return name !== undefined && Object.hasOwn(adapters, name);
}
