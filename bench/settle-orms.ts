import { PrismaPg } from "@prisma/adapter-pg";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { asTemplate, type SqlStorage, sqlStorage } from "payme-kit/adapter";
import { drizzleStorage } from "payme-kit/drizzle";
import { prismaStorage } from "payme-kit/prisma";
import { findPostgres } from "../test/postgres/binaries";
import { NO_POSTGRES, startCluster } from "../test/postgres/cluster";
import { PrismaClient } from "../test/storage/prisma/generated/client";
import { compare, print } from "./compare";
import { inLanes } from "./in-lanes";
import { openPool } from "./open-pool";
import { recordingSeam, type Sent, type Step, stepOf } from "./recorded-seam";
import { checkByHand, type Ids, idsOf, openShop } from "./settling-shop";

const CONNECTIONS = 8;
const PAYMENTS = 12_000;
/** Until then the first calls of code that nobody has compiled yet are most of what is measured. */
const WARM_UP = 2_000;

/** An ORM: a storage on a schema, and the same statements by hand with its own calls. */
interface Orm<Tx> {
  readonly name: string;
  storage(schema: string): SqlStorage<Tx>;
  byHand(steps: readonly Step[]): (ids: Ids) => Promise<void>;
  close(): Promise<void>;
}

/** Notification to activation through an ORM, beside the same statements sent by hand through the same ORM. */
export async function benchSettleOrms(): Promise<void> {
  if (findPostgres() === undefined) return console.log(`  skipped: settling through ORMs (${NO_POSTGRES})`);
  const cluster = await startCluster({ fsync: true });
  try {
    await benchAndClose(onPrisma(await cluster.createDatabase()));
    await benchAndClose(onDrizzle(await cluster.createDatabase()));
  } finally {
    await cluster.stop();
  }
}

async function benchAndClose<Tx>(orm: Orm<Tx>): Promise<void> {
  try {
    await benchThrough(orm);
  } finally {
    await orm.close();
  }
}

async function benchThrough<Tx>(orm: Orm<Tx>): Promise<void> {
  const sent: Sent[] = [];
  const recorder = { on: false };
  const storage = orm.storage("ours");
  const ours = await openShop(sqlStorage(recordingSeam(storage.sql, sent, recorder)), PAYMENTS);
  await openShop(orm.storage("floor"), PAYMENTS);
  recorder.on = true;
  await ours.settle(0);
  recorder.on = false;
  const settle = orm.byHand(sent.map(stepOf));
  const next = { ours: 1, floor: 1 };
  const ratio = await compare(
    (times) =>
      inLanes(CONNECTIONS, times, async () => {
        const n = next.floor++;
        checkByHand(n);
        await settle(idsOf(n));
      }),
    (times) => inLanes(CONNECTIONS, times, () => ours.settle(next.ours++)),
    { warmUp: WARM_UP },
  );
  print(`settling through ${orm.name}, ${CONNECTIONS} connections / by hand through ${orm.name}`, ">= 0.8", ratio);
}

function onPrisma(connectionString: string): Orm<unknown> {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString, max: CONNECTIONS }) });
  return {
    name: "Prisma",
    storage: (schema) => prismaStorage(prisma, { schema }),
    byHand(steps) {
      const outside = steps.filter(({ isInside }) => !isInside);
      const inside = steps.filter(({ isInside }) => isInside);
      return async (ids) => {
        for (const step of outside) await prisma.$queryRawUnsafe(step.text, ...step.paramsOf(ids));
        await prisma.$transaction(async (tx) => {
          for (const step of inside) await tx.$queryRawUnsafe(step.text, ...step.paramsOf(ids));
        });
      };
    },
    close: () => prisma.$disconnect(),
  };
}

function onDrizzle(connectionString: string): Orm<unknown> {
  const pool = openPool(connectionString, CONNECTIONS);
  const db = drizzle(pool);
  const queryOf = (step: Step, ids: Ids) => {
    const { strings, values } = asTemplate(step.text, step.paramsOf(ids));
    return sql(strings, ...values);
  };
  return {
    name: "Drizzle",
    storage: (schema) => drizzleStorage(db, { sql, schema }),
    byHand(steps) {
      const outside = steps.filter(({ isInside }) => !isInside);
      const inside = steps.filter(({ isInside }) => isInside);
      return async (ids) => {
        for (const step of outside) await db.execute(queryOf(step, ids));
        await db.transaction(async (tx) => {
          for (const step of inside) await tx.execute(queryOf(step, ids));
        });
      };
    },
    close: () => pool.end(),
  };
}
