import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMerchantApi, memoryStorage, type Storage, som } from "payme-kit";
import { postgresStorage } from "payme-kit/postgres";
import { sqliteStorage } from "payme-kit/sqlite";
import { findPostgres } from "../test/postgres/binaries";
import { NO_POSTGRES, startCluster } from "../test/postgres/cluster";
import { median, print } from "./compare";
import { openPool } from "./open-pool";

const KEY = "live-key-of-36-characters-0123456789";
const AMOUNT = som(50_000);
const HOOK_MS = 900;
const ROUNDS = 5;
const CHECKS = 100;
const headers = { authorization: `Basic ${Buffer.from(`Paycom:${KEY}`).toString("base64")}` };

/** CheckPerformTransaction of one order while the `onPaid` of another takes 900 ms, beside the same without that hook. */
export async function benchCheckBesideHook(): Promise<void> {
  await benchOn("memory", memoryStorage());
  const directory = mkdtempSync(join(tmpdir(), "payme-kit-bench-"));
  try {
    const storage = sqliteStorage({ file: join(directory, "shop.db") });
    await benchOn("SQLite", storage);
    await storage.close();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  if (findPostgres() === undefined) return console.log(`  skipped: Check on PostgreSQL (${NO_POSTGRES})`);
  const cluster = await startCluster();
  const pool = openPool(await cluster.createDatabase(), 2);
  try {
    await benchOn("PostgreSQL", postgresStorage(pool));
  } finally {
    await pool.end();
    await cluster.stop();
  }
}

async function benchOn<Tx>(name: string, storage: Storage<Tx>): Promise<void> {
  await storage.migrate();
  const shop = openShop(storage);
  const rounds: { readonly alone: number; readonly beside: number }[] = [];
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const alone = await shop.check();
    const id = `t${round}`;
    await shop.call("CreateTransaction", { id, time: Date.now(), amount: AMOUNT, account: { order_id: 10 + round } });
    const hook = shop.nextHook();
    const performing = shop.call("PerformTransaction", { id });
    await hook.begun;
    const beside = await shop.check();
    if (hook.hasEnded()) throw new Error(`${CHECKS} checks on ${name} took longer than the hook`);
    await performing;
    if (round > 0) rounds.push({ alone, beside });
  }
  const of = (each: (round: (typeof rounds)[number]) => number) => median(rounds.map(each));
  print(`a Check on ${name} beside an onPaid of ${HOOK_MS} ms / without it, in time`, "<= 1.5", {
    ratio: of(({ alone, beside }) => beside / alone),
    oursPerSecond: CHECKS / of(({ beside }) => beside),
    floorPerSecond: CHECKS / of(({ alone }) => alone),
  });
}

function openShop<Tx>(storage: Storage<Tx>) {
  let begin = () => {};
  let end = () => {};
  const merchant = createMerchantApi<Tx, { order_id: "integer" }>({
    storage,
    key: KEY,
    account: { order_id: "integer" },
    find: ({ order_id }) => ({ reference: order_id, amount: AMOUNT }),
    async onPaid() {
      begin();
      await new Promise((resolve) => setTimeout(resolve, HOOK_MS));
      end();
      return true;
    },
  });
  async function call(method: string, params: object): Promise<void> {
    const { body } = await merchant.handle({
      method: "POST",
      headers,
      body: JSON.stringify({ method, params, id: 1 }),
    });
    if (typeof body !== "string" || !body.startsWith('{"result"')) throw new Error(String(body));
  }
  return {
    call,
    /** The next hook that runs: when it has begun, and whether it has ended. */
    nextHook() {
      let isOver = false;
      end = () => {
        isOver = true;
      };
      const begun = new Promise<void>((resolve) => {
        begin = resolve;
      });
      return { begun, hasEnded: () => isOver };
    },
    /** Seconds of so many checks, one after another. */
    async check(): Promise<number> {
      const start = process.hrtime.bigint();
      for (let n = 0; n < CHECKS; n += 1) {
        await call("CheckPerformTransaction", { amount: AMOUNT, account: { order_id: 2 } });
      }
      return Number(process.hrtime.bigint() - start) / 1e9;
    },
  };
}
