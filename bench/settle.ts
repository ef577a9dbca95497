import { createHmac, timingSafeEqual } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { createTariffs, type PaymentRow, parseWebhook, som } from "payme-kit";
import { type SqliteDatabase, sqliteStorage } from "payme-kit/sqlite";
import { signTestWebhook } from "payme-kit/testing";
import { compare, print } from "./compare";
import { type Issued, openBare, recording, replayer, statementCount } from "./recorded";

const SECRET = "a-secret-of-the-gateway";
const PAYMENTS = 60_000;
const AMOUNT = som(50_000);

/** The ids of the n-th payment. */
const idsOf = (n: number) => ({
  paymentId: `payment-${n}`,
  paymeId: `64f8a1b2c3d4e5f6${String(n).padStart(8, "0")}`,
  userId: `user-${n}`,
});

/** Notification to durable activation on SQLite, beside the same statements through bare better-sqlite3. */
export async function benchSettle(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "payme-kit-bench-"));
  try {
    const issued: Issued[] = [];
    const recorder = { on: false };
    const ours = await openShop(join(directory, "ours.db"), (file) => recording(new Database(file), issued, recorder));
    const floorShop = await openShop(join(directory, "floor.db"));
    recorder.on = true;
    await ours.settle(0);
    recorder.on = false;
    const settlements = { ours: 1, floor: 1 };
    const settle = settlingFloor(join(directory, "floor.db"), issued);
    const ratio = await compare(
      (times) => {
        for (let n = 0; n < times; n += 1) settle(settlements.floor++);
      },
      async (times) => {
        for (let n = 0; n < times; n += 1) await ours.settle(settlements.ours++);
      },
    );
    print(
      `notification to durable activation on SQLite, ${statementCount(issued)} statements + BEGIN and COMMIT`,
      ">= 0.7",
      ratio,
    );
    await ours.close();
    await floorShop.close();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export async function openShop(file: string, open?: (file: string) => SqliteDatabase) {
  const storage = sqliteStorage({ file, open });
  const never = () => Promise.reject(new Error("Payme is not asked here"));
  const receipts = { create: never, get: never, check: never, cancel: never, getAll: never };
  const client = { mode: "test", receipts, receiptUrl: () => "" } as const;
  const tariffs = createTariffs({ storage, client });
  await tariffs.migrate();
  const tariff = await tariffs.create({ name: "Premium", price: 50_000, durationDays: 30 });
  await storage.transaction(async (tx) => {
    const verbs = storage.using(tx);
    for (let n = 0; n < PAYMENTS; n += 1) await verbs.addPayment(pendingPayment(n, tariff));
  });
  return {
    async settle(n: number): Promise<void> {
      const { body, headers } = notification(n);
      const recorded = await tariffs.payments.recordWebhook(parseWebhook(body, headers, { secret: SECRET }));
      if (recorded.outcome !== "applied") throw new Error(`payment ${n}: ${recorded.outcome}`);
    },
    close: () => storage.close(),
  };
}

function pendingPayment(
  n: number,
  tariff: { id: number; name: string; price: number; durationDays: number },
): PaymentRow {
  const { paymentId, paymeId, userId } = idsOf(n);
  return {
    cashbox: "default",
    mode: "test",
    id: paymentId,
    userId,
    reference: `tariff:${n}`,
    amount: AMOUNT,
    status: "PENDING",
    description: null,
    tariffId: tariff.id,
    data: { tariffId: tariff.id, name: tariff.name, price: tariff.price, durationDays: tariff.durationDays },
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_000,
    paidAt: null,
    cancelledAt: null,
    transactionId: paymeId,
    chequeId: paymeId,
    payUrl: `https://checkout.paycom.uz/${paymeId}`,
    paidBy: null,
    paidSource: null,
    held: false,
    errorCode: null,
    errorMessage: null,
    webhookReceivedAt: null,
    cancelRequestedAt: null,
    nextCheckAt: 1_800_000_000_000,
    checks: 0,
  };
}

function notification(n: number) {
  const params = { id: idsOf(n).paymeId, cheque_id: "cheque123", amount: AMOUNT, paid_at: 1_642_234_567 };
  const { body, headers } = signTestWebhook({ secret: SECRET, body: { method: "receipts.pay", params } });
  return { body: Buffer.from(body), headers: { "x-auth-signature": headers["X-Auth-Signature"] } };
}

/** The floor: HMAC, timingSafeEqual, JSON.parse, and what was recorded for payment 0, with the ids of another one. */
function settlingFloor(file: string, issued: readonly Issued[]): (n: number) => void {
  const replay = replayer(openBare(file), issued, valueFor);
  return (n) => {
    const { body, headers } = notification(n);
    const expected = createHmac("sha256", SECRET).update(body).digest();
    if (!timingSafeEqual(expected, Buffer.from(headers["x-auth-signature"], "hex"))) throw new Error("signature");
    JSON.parse(body.toString("utf8"));
    replay(idsOf(n));
  };
}

function valueFor(recorded: unknown): (ids: ReturnType<typeof idsOf>) => unknown {
  const sample = idsOf(0);
  if (typeof recorded !== "string") return () => recorded;
  if (recorded.includes(sample.paymeId)) return ({ paymeId }) => recorded.replace(sample.paymeId, paymeId);
  if (recorded.includes(sample.paymentId)) return ({ paymentId }) => recorded.replace(sample.paymentId, paymentId);
  return recorded === sample.userId ? ({ userId }) => userId : () => recorded;
}
