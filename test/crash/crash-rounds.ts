import { setTimeout as pause } from "node:timers/promises";
import { type PaymentRow, som } from "payme-kit";
import { signTestWebhook } from "payme-kit/testing";
import { newPayment } from "../../src/ledger/payment";
import type { Cluster } from "../postgres/cluster";
import { openAt } from "../races/databases";
import { readBooks } from "./books";
import { type Mistake, startWorker, type Worker } from "./worker-process";

/** What a worker knows Payme by. */
export const SECRET = "your_secret_key";
/** Processes that share the database, and the notifications. */
const WORKERS = 4;
const PAYMENTS_PER_ROUND = 16;
const USERS = 5;
export const AMOUNT = som(50_000);
/** Long enough for some rounds to end before they are killed, short enough for most to be killed in the middle. */
const LONGEST_LIFE_MS = 120;
/** A server has settled two or three of its payments this long after it has begun the first. */
const LONGEST_WORK_MS = 6;
/** Enough for a server that has just started, on a busy machine. */
const LONGEST_WAIT_MS = 2_000;
/** How often what was not answered is reported again. */
const MAX_REPORTS = 40;

export interface CrashOptions {
  /** The path of an SQLite file, or the URL of a PostgreSQL database. */
  address: string;
  rounds: number;
  seed: number;
  /** A server with a mistake: it commits twice, or with the weak `synchronous_commit` of its role. */
  mistake?: Mistake;
  /** Given: the database itself is killed, and the servers live on. */
  cluster?: Pick<Cluster, "kill" | "restart">;
}

export interface CrashReport {
  payments: number;
  kills: number;
  /** Kills that came while a transaction had begun whose answer had not arrived. */
  killsInside: number;
  paidWithoutGrant: number;
  grantsWithoutPayment: number;
  /** Acknowledged with 200, and yet not paid: at the end, and after each restart before anything is reported again. */
  unpaid: number;
  lost: number;
  /** Users whose tariff does not end exactly so many durations after it began. */
  wrongEnds: number;
}

/**
 * Kills in each round one of four servers, or their database, while notifications arrive; starts again what was killed, and
 * lets everything be reported once more.
 */
export async function crashRounds(options: CrashOptions): Promise<CrashReport> {
  const { address, rounds, seed, mistake, cluster } = options;
  const random = dice(seed);
  const start = () => startWorker(address, SECRET, mistake);
  const workers = await Promise.all(Array.from({ length: WORKERS }, start));
  const { storage, close } = openAt(address);
  const acknowledged = new Set<string>();
  let [kills, killsInside, lost] = [0, 0, 0];
  for (let round = 0; round < rounds; round += 1) {
    const paymeIds = Array.from({ length: PAYMENTS_PER_ROUND }, (_, n) => paymeId(round, n));
    await storage.transaction(async (tx) => {
      for (const [n, id] of paymeIds.entries())
        await storage.using(tx).addPayment(pendingPayment(id, `user-${n % USERS}`));
    });
    const place = Math.floor(random() * WORKERS);
    const victims = cluster === undefined ? workers.slice(place, place + 1) : workers;
    // Each to two servers: whichever comes first settles it.
    const reports = report(workers, [...paymeIds, ...paymeIds.slice(1), ...paymeIds.slice(0, 1)], acknowledged);
    await randomMoment(victims, random);
    await Promise.all((cluster === undefined ? victims : [cluster]).map((each) => each.kill()));
    kills += 1;
    await reports;
    if (victims.some((victim) => wasInside(victim, paymeIds))) killsInside += 1;
    if (cluster === undefined) workers[place] = await start();
    else await cluster.restart();
    lost += (await readBooks(address, acknowledged)).unpaid;
    await reportUntilAnswered(workers, paymeIds, acknowledged);
  }
  await Promise.all(workers.map((worker) => worker.kill()));
  await close();
  return {
    payments: rounds * PAYMENTS_PER_ROUND,
    kills,
    killsInside,
    lost,
    ...(await readBooks(address, acknowledged)),
  };
}

/** True where a transaction of the round had begun there, and its answer never came. */
function wasInside({ begun, answered }: Worker, paymeIds: readonly string[]): boolean {
  return begun.some((id) => paymeIds.includes(id) && !answered.has(id));
}

/** Any time after the notifications were sent; in most rounds not long after one of the victims has begun a transaction. */
async function randomMoment(victims: readonly Worker[], random: () => number): Promise<void> {
  if (random() < 0.15) return void (await pause(random() * LONGEST_LIFE_MS));
  await Promise.race([...victims.map((victim) => victim.nextBegun()), pause(LONGEST_WAIT_MS)]);
  await pause(random() * LONGEST_WORK_MS);
}

/** A server whose database was killed has a while of bad answers before it has connections again; it is never started anew. */
async function reportUntilAnswered(
  workers: readonly Worker[],
  paymeIds: readonly string[],
  acknowledged: Set<string>,
): Promise<void> {
  for (let attempt = 0; attempt < MAX_REPORTS; attempt += 1) {
    // All of them the first time, as Payme repeats; then those that had no answer.
    await report(workers, attempt === 0 ? paymeIds : missing(paymeIds, acknowledged), acknowledged);
    if (missing(paymeIds, acknowledged).length === 0) return;
    await pause(50);
  }
  await Promise.all(workers.map((worker) => worker.kill()));
  throw new Error(`not answered after the restart: ${missing(paymeIds, acknowledged).join(", ")}`);
}

function missing(paymeIds: readonly string[], acknowledged: ReadonlySet<string>): string[] {
  return paymeIds.filter((id) => !acknowledged.has(id));
}

/** Sends all notifications at once, to one server after the other, and keeps which were answered with the guide's ok. */
async function report(
  workers: readonly Worker[],
  paymeIds: readonly string[],
  acknowledged: Set<string>,
): Promise<void> {
  await Promise.all(
    paymeIds.map(async (id, n) => {
      const worker = workers[n % workers.length];
      if (worker === undefined) return;
      const params = { id, cheque_id: `cheque-${id}`, amount: AMOUNT, paid_at: 1_642_234_567 };
      const signed = signTestWebhook({ secret: SECRET, body: { method: "receipts.pay", params } });
      try {
        const response = await fetch(`${worker.url}/payme/webhook`, { method: "POST", ...signed });
        if (response.status !== 200 || (await response.text()) !== '{"result":"ok"}') return;
        worker.answered.add(id);
        acknowledged.add(id);
      } catch {
        // Killed before it could answer: it will be reported again.
      }
    }),
  );
}

function paymeId(round: number, n: number): string {
  return `64f8a1b2${round.toString(16).padStart(8, "0")}${n.toString(16).padStart(8, "0")}`;
}

/** An open payment of the worker's tariff, with a receipt. */
export function pendingPayment(paymeId: string, userId: string): PaymentRow {
  return newPayment({
    cashbox: "default",
    mode: "test",
    id: `payment-${paymeId}`,
    userId,
    amount: AMOUNT,
    kind: "tariff",
    data: { version: 2, tariffId: 1, name: "Premium", price: AMOUNT, durationDays: 30 },
    createdAt: 1,
    transactionId: paymeId,
  });
}

/** Numbers from 0 to 1 that a seed repeats. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
