import { type PostgresClient, type PostgresPool, type PostgresStatement, postgresStorage } from "payme-kit/postgres";
import type pg from "pg";
import { findPostgres } from "../test/postgres/binaries";
import { NO_POSTGRES, startCluster } from "../test/postgres/cluster";
import { compare, print } from "./compare";
import { inLanes } from "./in-lanes";
import { openPool } from "./open-pool";
import { checkByHand, type Ids, idsOf, openShop, valueFor } from "./settling-shop";

const CONNECTIONS = [1, 8, 32] as const;
const PAYMENTS = 16_000;
/** Until then the first calls of code that nobody has compiled yet are most of what is measured. */
const WARM_UP = 2_000;

/** A statement that the storage sent; BEGIN and COMMIT have no parameters. */
interface Sent {
  readonly text: string;
  readonly values: readonly unknown[] | undefined;
}

/** Notification to activation on a PostgreSQL with fsync on, beside the same statements through bare pg. */
export async function benchSettlePostgres(): Promise<void> {
  if (findPostgres() === undefined) return console.log(`  skipped: settling on PostgreSQL (${NO_POSTGRES})`);
  const cluster = await startCluster({ fsync: true });
  try {
    for (const connections of CONNECTIONS) await benchWith(await cluster.createDatabase(), connections);
  } finally {
    await cluster.stop();
  }
}

async function benchWith(connectionString: string, connections: number): Promise<void> {
  const oursPool = openPool(connectionString, connections);
  const floorPool = openPool(connectionString, connections);
  try {
    await benchOn(oursPool, floorPool, connections);
  } finally {
    await Promise.all([oursPool.end(), floorPool.end()]);
  }
}

async function benchOn(oursPool: pg.Pool, floorPool: pg.Pool, connections: number): Promise<void> {
  const sent: Sent[] = [];
  const recorder = { on: false };
  const storage = postgresStorage(recordingPool(oursPool, sent, recorder), { schema: "ours" });
  const ours = await openShop(storage, PAYMENTS);
  await openShop(postgresStorage(floorPool, { schema: "floor" }), PAYMENTS);
  recorder.on = true;
  await ours.settle(0);
  recorder.on = false;
  const settle = settlingFloor(floorPool, sent);
  const next = { ours: 1, floor: 1 };
  const ratio = await compare(
    (times) => inLanes(connections, times, () => settle(next.floor++)),
    (times) => inLanes(connections, times, () => ours.settle(next.ours++)),
    { warmUp: WARM_UP },
  );
  const statements = sent.filter(({ values }) => values !== undefined && values.length > 0).length;
  const name = `settling on PostgreSQL, ${connections} connection(s), ${statements} statements + BEGIN and COMMIT`;
  print(name, ">= 0.8", ratio);
}

/** A pool that writes down what goes through its connections. */
function recordingPool(pool: pg.Pool, sent: Sent[], recorder: { readonly on: boolean }): PostgresPool {
  return {
    connect: (callback) =>
      pool.connect((error, client) => callback(error, client && recordingClient(client, sent, recorder))),
    on: (event, listener) => pool.on(event, listener),
  };
}

function recordingClient(client: pg.PoolClient, sent: Sent[], recorder: { readonly on: boolean }): PostgresClient {
  const bare: PostgresClient = client;
  return {
    query(statement: string | PostgresStatement, values?: unknown[]) {
      const { text, values: given } = typeof statement === "string" ? { text: statement, values } : statement;
      if (recorder.on) sent.push({ text, values: given });
      return typeof statement === "string" ? client.query(statement, values) : client.query(statement);
    },
    release: (destroy) => client.release(destroy),
    on: (event, listener) => client.on(event, listener),
    removeListener: (event, listener) => client.removeListener(event, listener),
    getTransactionStatus: () => bare.getTransactionStatus?.() ?? null,
  };
}

/** The floor: HMAC, timingSafeEqual, JSON.parse, and what was sent for payment 0, with the ids of another one. */
function settlingFloor(pool: pg.Pool, sent: readonly Sent[]): (n: number) => Promise<void> {
  const steps = sent.map(({ text, values = [] }) => {
    const made = values.map(valueFor);
    return { text: text.replaceAll('"ours"', '"floor"'), valuesOf: (ids: Ids) => made.map((value) => value(ids)) };
  });
  return async (n) => {
    checkByHand(n);
    const client = await pool.connect();
    const ids = idsOf(n);
    // Without parameters it goes as text, as several statements in one round trip must.
    for (const { text, valuesOf } of steps) {
      const values = valuesOf(ids);
      await (values.length === 0 ? client.query(text) : client.query(text, values));
    }
    client.release();
  };
}
