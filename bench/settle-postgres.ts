import { sqlStorage } from "payme-kit/adapter";
import { postgresStorage } from "payme-kit/postgres";
import type pg from "pg";
import { findPostgres } from "../test/postgres/binaries";
import { NO_POSTGRES, startCluster } from "../test/postgres/cluster";
import { compare, print } from "./compare";
import { inLanes } from "./in-lanes";
import { openPool } from "./open-pool";
import { recordingSeam, type Sent, type Step, stepOf } from "./recorded-seam";
import { checkByHand, idsOf, openShop } from "./settling-shop";

const CONNECTIONS = [1, 8, 32] as const;
const PAYMENTS = 16_000;
/** Until then the first calls of code that nobody has compiled yet are most of what is measured. */
const WARM_UP = 2_000;

/** Limits as the storage has them: the floor must be as safe. */
const BEGIN =
  "BEGIN; SET LOCAL lock_timeout = 5000; SET LOCAL statement_timeout = 15000; SET LOCAL idle_in_transaction_session_timeout = 15000";

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
  const { sql } = postgresStorage(oursPool, { schema: "ours" });
  const ours = await openShop(sqlStorage(recordingSeam(sql, sent, recorder)), PAYMENTS);
  await openShop(postgresStorage(floorPool, { schema: "floor" }), PAYMENTS);
  recorder.on = true;
  await ours.settle(0);
  recorder.on = false;
  const settle = settlingFloor(floorPool, sent.map(stepOf));
  const next = { ours: 1, floor: 1 };
  const ratio = await compare(
    (times) => inLanes(connections, times, () => settle(next.floor++)),
    (times) => inLanes(connections, times, () => ours.settle(next.ours++)),
    { warmUp: WARM_UP },
  );
  const name = `settling on PostgreSQL, ${connections} connection(s) / ${sent.length} statements, BEGIN and COMMIT one by one`;
  print(name, ">= 0.95", ratio);
}

/** The floor: HMAC, timingSafeEqual, JSON.parse, and the statements of payment 0 with the ids of another one, each in a round trip of its own. */
function settlingFloor(pool: pg.Pool, steps: readonly Step[]): (n: number) => Promise<void> {
  return async (n) => {
    checkByHand(n);
    const client = await pool.connect();
    const ids = idsOf(n);
    const send = async (isInside: boolean) => {
      for (const step of steps) {
        if (step.isInside === isInside) await client.query(step.text, [...step.paramsOf(ids)]);
      }
    };
    await send(false);
    await client.query(BEGIN);
    await send(true);
    await client.query("COMMIT");
    client.release();
  };
}
