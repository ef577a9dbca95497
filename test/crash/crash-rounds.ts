import { type PaymentRow, som } from "payme-kit";
import { sqliteStorage } from "payme-kit/sqlite";
import { signTestWebhook } from "payme-kit/testing";
import { readBooks } from "./books";
import { startWorker, type Worker } from "./worker-process";

const SECRET = "your_secret_key";
const PAYMENTS_PER_ROUND = 16;
const USERS = 5;
const AMOUNT = som(50_000);
/** Long enough for some rounds to end before they are killed, short enough for most to be killed in the middle. */
const LONGEST_LIFE_MS = 120;

export interface CrashOptions {
  file: string;
  rounds: number;
  seed: number;
  /** The server that commits twice. */
  canary?: boolean;
}

export interface CrashReport {
  payments: number;
  kills: number;
  /** Kills that came while a transaction had begun whose answer had not arrived. */
  killsInside: number;
  paidWithoutGrant: number;
  grantsWithoutPayment: number;
  /** Acknowledged with 200, and yet not paid. */
  unpaid: number;
  /** Users whose tariff does not end exactly so many durations after it began. */
  wrongEnds: number;
}

/** Kills a server in each round while it works, starts it again, and lets everything be reported once more. */
export async function crashRounds({ file, rounds, seed, canary = false }: CrashOptions): Promise<CrashReport> {
  const random = dice(seed);
  let worker = await startWorker(file, SECRET, canary);
  const storage = sqliteStorage({ file });
  const acknowledged = new Set<string>();
  let [kills, killsInside] = [0, 0];
  for (let round = 0; round < rounds; round += 1) {
    const paymeIds = Array.from({ length: PAYMENTS_PER_ROUND }, (_, n) => paymeId(round, n));
    await storage.transaction(async (tx) => {
      for (const [n, id] of paymeIds.entries())
        await storage.using(tx).addPayment(pendingPayment(id, `user-${n % USERS}`));
    });
    const reports = report(worker, [...paymeIds, ...paymeIds], acknowledged);
    await new Promise((resolve) => setTimeout(resolve, random() * LONGEST_LIFE_MS));
    await worker.kill();
    kills += 1;
    await reports;
    if (worker.begun.some((id) => !acknowledged.has(id))) killsInside += 1;
    worker = await startWorker(file, SECRET, canary);
    await report(worker, paymeIds, acknowledged);
    const missing = paymeIds.filter((id) => !acknowledged.has(id));
    if (missing.length > 0) throw new Error(`round ${round}: not answered after the restart: ${missing.join(", ")}`);
  }
  await worker.kill();
  await storage.close();
  return { payments: rounds * PAYMENTS_PER_ROUND, kills, killsInside, ...readBooks(file, acknowledged) };
}

/** Sends all notifications at once and keeps which were answered with the guide's ok. */
async function report(worker: Worker, paymeIds: readonly string[], acknowledged: Set<string>): Promise<void> {
  await Promise.all(
    paymeIds.map(async (id) => {
      const params = { id, cheque_id: `cheque-${id}`, amount: AMOUNT, paid_at: 1_642_234_567 };
      const signed = signTestWebhook({ secret: SECRET, body: { method: "receipts.pay", params } });
      try {
        const response = await fetch(worker.url, { method: "POST", ...signed });
        if (response.status === 200 && (await response.text()) === '{"result":"ok"}') acknowledged.add(id);
      } catch {
        // Killed before it could answer: it will be reported again.
      }
    }),
  );
}

function paymeId(round: number, n: number): string {
  return `64f8a1b2${round.toString(16).padStart(8, "0")}${n.toString(16).padStart(8, "0")}`;
}

function pendingPayment(paymeId: string, userId: string): PaymentRow {
  return {
    cashbox: "default",
    mode: "test",
    id: `payment-${paymeId}`,
    userId,
    reference: null,
    amount: AMOUNT,
    status: "PENDING",
    description: null,
    tariffId: 1,
    data: { tariffId: 1, name: "Premium", price: 50_000, durationDays: 30 },
    createdAt: 1,
    updatedAt: 1,
    paidAt: null,
    cancelledAt: null,
    transactionId: paymeId,
    chequeId: null,
    payUrl: null,
    paidBy: null,
    paidSource: null,
    held: false,
    errorCode: null,
    errorMessage: null,
    webhookReceivedAt: null,
    cancelRequestedAt: null,
    nextCheckAt: null,
    checks: 0,
  };
}

/** Numbers from 0 to 1 that a seed repeats. */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
