import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPayments, som, type Tiyin, tiyin } from "payme-kit";
import { sqliteStorage } from "payme-kit/sqlite";
import { aesSeal, createSubscriptions, type SubscriptionRow, sqlSubscriptionStore } from "payme-kit/subscriptions";
import { openShop } from "./settling-shop";

/**
 * Many subscriptions on SQLite, of which few are due: a run takes only those. Its rate beside that of settling one-off payments
 * on the same machine, and how the heap grows. Payme answers at once here.
 *
 *   npm run bench:subscriptions
 */
const ALL = Number(process.env.SUBSCRIPTIONS ?? 100_000);
const DUE = Number(process.env.DUE ?? 3_000);
const BATCH = 1_000;
const NOW = Date.UTC(2026, 0, 15, 10, 30);
const SCOPE = { cashbox: "default", mode: "test" } as const;

const folder = mkdtempSync(join(tmpdir(), "payme-kit-subscriptions-"));
try {
  const settled = await settleRate(join(folder, "settle.db"));
  await renew(join(folder, "subscriptions.db"), settled);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** One-off payments that are settled in a second. */
async function settleRate(file: string): Promise<number> {
  const shop = await openShop(sqliteStorage({ file }), DUE);
  const start = performance.now();
  for (let n = 0; n < DUE; n += 1) await shop.settle(n);
  const rate = DUE / ((performance.now() - start) / 1_000);
  await shop.close();
  return rate;
}

async function renew(file: string, settled: number): Promise<void> {
  const storage = sqliteStorage({ file });
  const payme = answeringAtOnce();
  const payments = createPayments({ storage, client: payme.client, now: () => NOW });
  const seal = aesSeal([new Uint8Array(32).fill(1)]);
  const store = sqlSubscriptionStore(storage);
  const subs = createSubscriptions({ payments, seal, store });
  await subs.migrate();
  for (let first = 0; first < ALL; first += BATCH) {
    const rows = await Promise.all(
      Array.from({ length: Math.min(BATCH, ALL - first) }, async (_, index) => {
        const n = first + index;
        return { ...subscription(n), sealed: await seal.wrap(`token-${n}`, `card-${n}`) };
      }),
    );
    await storage.transaction(async (tx) => {
      const verbs = store.using(tx);
      for (const { sealed, ...row } of rows) {
        await verbs.addSubscription(row);
        await verbs.addCard({
          ...SCOPE,
          id: row.cardId,
          owner: row.owner,
          sealed,
          tokenHash: row.cardId,
          mask: "860006******6311",
          expiresAt: null,
          state: "ATTACHED",
          checkedAt: NOW,
          consentVersion: "1",
          consentText: "I agree.",
          consentAt: NOW,
          noticed: null,
          createdAt: NOW,
        });
      }
    });
  }
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  let [checked, most] = [0, before];
  const start = performance.now();
  for (;;) {
    const report = await subs.run({ limit: 100 });
    if (report.errors > 0) throw new Error(`${report.errors} subscriptions met an error`);
    if (report.checked === 0) break;
    checked += report.checked;
    globalThis.gc?.();
    most = Math.max(most, process.memoryUsage().heapUsed);
  }
  const seconds = (performance.now() - start) / 1_000;
  const { renewals } = await subs.statistics({ from: 0, to: NOW + 1 });
  await storage.close();
  const rate = renewals / seconds;
  console.log(`${ALL} subscriptions, ${DUE} due: ${checked} looked at, ${renewals} renewed, ${payme.pays()} charges`);
  console.log(
    `${rate.toFixed(0)} renewals a second, ${settled.toFixed(0)} payments settled a second: ratio ${(rate / settled).toFixed(2)}`,
  );
  console.log(`heap: ${((most - before) / 2 ** 20).toFixed(1)} MiB more at most`);
  if (checked !== DUE || renewals !== DUE || payme.pays() !== DUE) process.exitCode = 1;
}

function subscription(n: number): SubscriptionRow {
  const isDue = n % Math.round(ALL / DUE) === 0 && n / Math.round(ALL / DUE) < DUE;
  return {
    ...SCOPE,
    id: `subscription-${n}`,
    owner: `user-${n}`,
    plan: "premium",
    state: "ACTIVE",
    amount: som(50_000),
    consented: som(50_000),
    credit: tiyin(0),
    every: { months: 1 },
    anchor: isDue ? NOW - 1_000 : NOW + 86_400_000,
    firstNumber: 1,
    number: 0,
    cardId: `card-${n}`,
    description: null,
    data: null,
    trialDays: 0,
    accessUntil: NOW,
    cancelAtEnd: false,
    change: null,
    createdAt: NOW,
    updatedAt: NOW,
    endedAt: null,
    cause: null,
    nextAt: isDue ? NOW - 1_000 : NOW + 86_400_000,
  };
}

/** A Payme that answers at once, and takes the money of each receipt. */
function answeringAtOnce() {
  const receipts = new Map<
    string,
    { _id: string; amount: Tiyin; state: number; create_time: number; pay_time: number }
  >();
  let pays = 0;
  const find = async (id: string) => receipts.get(id) ?? Promise.reject(new Error("no such receipt"));
  const never = () => Promise.reject(new Error("not asked here"));
  const card = { number: "860006******6311", expire: "03/99", token: "t", recurrent: true, verify: true };
  const client = {
    mode: "test",
    receipts: {
      async create({ amount }: { amount: Tiyin }) {
        const receipt = { _id: `receipt-${receipts.size}`, amount, state: 0, create_time: NOW, pay_time: 0 };
        receipts.set(receipt._id, receipt);
        return receipt;
      },
      get: find,
      check: find,
      cancel: never,
      getAll: never,
    },
    async pay({ receiptId }: { receiptId: string }) {
      pays += 1;
      Object.assign(await find(receiptId), { state: 4, pay_time: NOW });
      return { status: "paid", receiptId, state: 4 } as const;
    },
    hold: never,
    capture: never,
    receiptUrl: ({ _id }: { _id: string }) => `https://checkout.paycom.uz/${_id}`,
    cards: { check: async () => card, remove: never },
  } as const;
  return { client, pays: () => pays };
}
