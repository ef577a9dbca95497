import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import type { MerchantCaller } from "payme-kit/testing";
import { createMockPayme } from "payme-kit/testing";
import { findPostgres, postgresUser } from "../postgres/binaries";
import { type Cluster, startCluster, withClient } from "../postgres/cluster";
import { stallingProxy } from "../postgres/stalling-proxy";
import { openAt } from "../races/databases";
import { readBooks } from "./books";
import { AMOUNT, dice, pendingPayment, SECRET } from "./crash-rounds";
import { type Mistake, startWorker, type Worker } from "./worker-process";

const WORKERS = 2;
const PAYMENTS_PER_ROUND = 160;
/** Payers at once. */
const PAYERS = 16;
const USERS = 5;
/** The primary dies after so many payments of its round, at random between these. */
const [FEWEST, MOST] = [20, 90];
/** How long the line to the standby is silent before the primary dies, in every second round. */
const SILENCE_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** The role of the servers. Its commits wait for no standby, unless our transactions raise that. */
const ROLE = "hasty";

export interface StandbyOptions {
  rounds: number;
  seed: number;
  /** What must be caught: a standby that no commit waits for, or a server that leaves its role's `synchronous_commit` as it is. */
  mistake?: "asynchronous" | Extract<Mistake, "weak-commit"> | undefined;
}

export interface StandbyReport {
  promotions: number;
  payments: number;
  /** Calls that were under way when the primary died. */
  interrupted: number;
  /** Performs that were acknowledged before a promotion; and those of them which the promoted standby does not know. */
  acknowledged: number;
  lost: number;
  /** The same of Creates. */
  lostCreates: number;
  /** In the end: what is wrong in our books, and what Payme's statement says against them. */
  wrong: number;
  disagreements: number;
}

/**
 * Kills in each round the primary while Payme's Creates and Performs arrive, and promotes its standby. Servers are started on the
 * new primary, Payme repeats what was not answered, all is paid, and the next standby is made.
 */
export async function standbyRounds({ rounds, seed, mistake }: StandbyOptions): Promise<StandbyReport> {
  const random = dice(seed);
  let primary = await startCluster({ fsync: true });
  await runIn(primary, `CREATE ROLE ${ROLE} LOGIN SUPERUSER`, `ALTER ROLE ${ROLE} SET synchronous_commit = local`);
  let workers: Worker[] = [];
  const restartWorkers = async () => {
    const address = addressOf(primary);
    const isWeak = mistake === "weak-commit" ? mistake : undefined;
    workers = await Promise.all(Array.from({ length: WORKERS }, () => startWorker(address, SECRET, isWeak)));
  };
  let calls = 0;
  const caller = createMockPayme().merchant({
    key: SECRET,
    repeatAfterMs: [],
    async fetch(request) {
      calls += 1;
      const { method, headers } = request;
      const url = `${workers[calls % WORKERS]?.url}/payme/merchant`;
      return fetch(url, { method, headers, body: await request.text(), signal: request.signal });
    },
  });
  const report: StandbyReport = {
    promotions: 0,
    payments: 0,
    interrupted: 0,
    acknowledged: 0,
    lost: 0,
    lostCreates: 0,
    wrong: 0,
    disagreements: 0,
  };
  try {
    await restartWorkers();
    for (let round = 0; round < rounds; round += 1) {
      const orders = await addOrders(addressOf(primary), round);
      const standby = await standbyOf(primary, mistake !== "asynchronous");
      const load = payAll(caller, orders);
      await paidIn(caller, FEWEST + Math.floor(random() * (MOST - FEWEST)), report.payments);
      if (round % 2 === 0) {
        standby.line.stall();
        await pause(SILENCE_MS);
      }
      await primary.kill();
      await load;
      await Promise.all(workers.map((worker) => worker.kill()));
      await primary.stop();
      standby.line.close();
      primary = standby.cluster;
      await promote(primary);
      report.promotions += 1;
      await judgePromotion(caller, addressOf(primary), report);
      await restartWorkers();
      await caller.settle();
      await payAll(caller, unpaidOf(caller, orders));
      report.payments += orders.length;
    }
    const { unpaid, ...books } = await readBooks(addressOf(primary), performedOf(caller));
    report.wrong = Object.values(books).reduce((sum, count) => sum + count, unpaid);
    report.disagreements = (await caller.compare()).length + caller.disagreements.length;
    return report;
  } finally {
    await Promise.all(workers.map((worker) => worker.kill()));
    await primary.stop();
  }
}

function addressOf({ url }: Cluster): string {
  return url.replace("postgres@", `${ROLE}@`);
}

/** A copy of the primary that follows it, over a line that can fall silent. Synchronous: from now on each commit waits for it. */
async function standbyOf(primary: Cluster, isSynchronous: boolean) {
  const line = await stallingProxy(primary.url);
  const backup = join(findPostgres() ?? "", "pg_basebackup");
  const cluster = await startCluster({
    fsync: true,
    async restore(data) {
      const options = ["--checkpoint=fast", "--write-recovery-conf", "-D", data, "-d", line.url];
      await promisify(execFile)(backup, options, { ...postgresUser(), cwd: dirname(data) });
    },
  });
  if (isSynchronous)
    await runIn(primary, "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()");
  const state = isSynchronous ? "sync" : "async";
  await until(async () => (await ask(primary, "SELECT sync_state FROM pg_stat_replication")) === state, "it follows");
  return { cluster, line };
}

async function promote(standby: Cluster): Promise<void> {
  await runIn(standby, "SELECT pg_promote(true, 30)");
  await until(async () => (await ask(standby, "SELECT pg_is_in_recovery()")) === "false", "it is promoted");
}

/** What Payme was told before the primary died, against what the promoted standby knows. */
async function judgePromotion(caller: MerchantCaller, address: string, report: StandbyReport): Promise<void> {
  const performed = performedOf(caller);
  report.interrupted += caller.transactions().filter(({ undecided }) => undecided.length > 0).length;
  report.acknowledged = performed.size;
  report.lost += (await readBooks(address, performed)).unpaid;
  const known = await withClient(address, (client) => client.query("SELECT payme_id FROM payme.payme_transaction"));
  const ids = new Set(known.rows.map((row: { payme_id: string }) => row.payme_id));
  report.lostCreates += caller.transactions().filter(({ id, state }) => state > 0 && !ids.has(id)).length;
}

/** Payme's ids of the Performs that were answered. */
function performedOf(caller: MerchantCaller): ReadonlySet<string> {
  return new Set(caller.transactions().flatMap(({ id, state }) => (state === 2 ? [id] : [])));
}

async function addOrders(address: string, round: number): Promise<string[]> {
  const { storage, close } = openAt(address);
  const rows = Array.from({ length: PAYMENTS_PER_ROUND }, (_, n) => ({
    ...pendingPayment(`${round}-${n}`, `user-${n % USERS}`),
    transactionId: null,
  }));
  await storage.transaction(async (tx) => {
    for (const row of rows) await storage.using(tx).addPayment(row);
  });
  await close();
  return rows.map(({ id }) => id);
}

async function payAll(caller: MerchantCaller, orders: readonly string[]): Promise<void> {
  const left = [...orders];
  const payer = async () => {
    for (let order = left.shift(); order !== undefined; order = left.shift()) {
      await caller.pay({ account: { order_id: order }, amount: AMOUNT });
    }
  };
  await Promise.all(Array.from({ length: PAYERS }, payer));
}

function unpaidOf(caller: MerchantCaller, orders: readonly string[]): string[] {
  const paid = new Set(caller.transactions().flatMap(({ state, account }) => (state === 2 ? [account.order_id] : [])));
  return orders.filter((id) => !paid.has(id));
}

/** Resolves once so many payments of the round are acknowledged. */
function paidIn(caller: MerchantCaller, count: number, before: number): Promise<void> {
  return until(async () => performedOf(caller).size >= before + count, `${count} payments of the round`, 2);
}

async function until(isSo: () => Promise<boolean>, what: string, everyMs = 20): Promise<void> {
  for (const deadline = Date.now() + LONGEST_WAIT_MS; !(await isSo()); ) {
    if (Date.now() > deadline) throw new Error(`waited too long: ${what}`);
    await pause(everyMs);
  }
}

async function runIn({ url }: Cluster, ...statements: readonly string[]): Promise<void> {
  await withClient(url, async (client) => {
    for (const sql of statements) await client.query(sql);
  });
}

async function ask({ url }: Cluster, sql: string): Promise<string> {
  const { rows } = await withClient(url, (client) => client.query(sql));
  return String(Object.values(Object(rows[0]))[0]);
}
