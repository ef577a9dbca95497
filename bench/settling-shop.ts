import { createHmac, timingSafeEqual } from "node:crypto";
import { createPayments, type PaymentRow, parseWebhook, som } from "payme-kit";
import type { SqlStorage } from "payme-kit/adapter";
import { createTariffs, type Tariff } from "payme-kit/tariffs";
import { signTestWebhook } from "payme-kit/testing";

const SECRET = "a-secret-of-the-gateway";
const AMOUNT = som(50_000);
/** Few enough for one transaction's time on a busy machine. */
const BATCH = 500;

/** The ids of one payment. */
export type Ids = ReturnType<typeof idsOf>;

/** The ids of the n-th payment. */
export const idsOf = (n: number) => ({
  paymentId: `payment-${n}`,
  paymeId: `64f8a1b2c3d4e5f6${String(n).padStart(8, "0")}`,
  userId: `user-${n}`,
});

/** A shop with so many open payments for a tariff; `settle` takes the notification of one to its activation. */
export async function openShop<Tx>(storage: SqlStorage<Tx>, payments: number) {
  const never = () => Promise.reject(new Error("Payme is not asked here"));
  const receipts = { create: never, get: never, check: never, cancel: never, getAll: never };
  const client = { mode: "test", receipts, pay: never, hold: never, capture: never, receiptUrl: () => "" } as const;
  const tariffs = createTariffs({ payments: createPayments({ storage, client }) });
  await tariffs.migrate();
  const tariff = await tariffs.create({ name: "Premium", price: som(50_000), durationDays: 30 });
  for (let first = 0; first < payments; first += BATCH) {
    await storage.transaction(async (tx) => {
      const verbs = storage.using(tx);
      for (let n = first; n < Math.min(first + BATCH, payments); n += 1) {
        await verbs.addPayment(pendingPayment(n, tariff));
      }
    });
  }
  return {
    async settle(n: number): Promise<void> {
      const { body, headers } = notification(n);
      const recorded = await tariffs.payments.recordWebhook(parseWebhook(body, headers, { secret: SECRET }));
      if (recorded.outcome !== "applied") throw new Error(`payment ${n}: ${recorded.outcome}`);
    },
    close: () => storage.close(),
  };
}

function pendingPayment(n: number, tariff: Tariff): PaymentRow {
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
    kind: "tariff",
    data: {
      version: 2,
      tariffId: tariff.id,
      name: tariff.name,
      price: tariff.price,
      durationDays: tariff.durationDays,
    },
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_000,
    paidAt: null,
    cancelledAt: null,
    paidAmount: null,
    refund: "none",
    refundedAt: null,
    refundDoubtedAt: null,
    transactionId: paymeId,
    chequeId: paymeId,
    payUrl: `https://checkout.paycom.uz/${paymeId}`,
    paidBy: null,
    paidSource: null,
    unfulfilled: false,
    hold: false,
    held: false,
    heldAt: null,
    errorCode: null,
    errorMessage: null,
    webhookReceivedAt: null,
    cancelRequestedAt: null,
    nextCheckAt: 1_800_000_000_000,
    checks: 0,
    chargeUntil: null,
  };
}

/** The notification of the n-th payment, signed. */
export function notification(n: number) {
  const params = { id: idsOf(n).paymeId, cheque_id: "cheque123", amount: AMOUNT, paid_at: 1_642_234_567 };
  const { body, headers } = signTestWebhook({ secret: SECRET, body: { method: "receipts.pay", params } });
  return { body: Buffer.from(body), headers: { "x-auth-signature": headers["X-Auth-Signature"] } };
}

/** What stands before the statements of a settlement in bare code: HMAC, timingSafeEqual and JSON.parse. */
export function checkByHand(n: number): void {
  const { body, headers } = notification(n);
  const expected = createHmac("sha256", SECRET).update(body).digest();
  if (!timingSafeEqual(expected, Buffer.from(headers["x-auth-signature"], "hex"))) throw new Error("signature");
  JSON.parse(body.toString("utf8"));
}

/** How a parameter that was recorded for payment 0 is made that of another one. */
export function valueFor<Value>(recorded: Value): (ids: Ids) => Value | string {
  const sample = idsOf(0);
  if (typeof recorded !== "string") return () => recorded;
  if (recorded.includes(sample.paymeId)) return ({ paymeId }) => recorded.replace(sample.paymeId, paymeId);
  if (recorded.includes(sample.paymentId)) return ({ paymentId }) => recorded.replace(sample.paymentId, paymentId);
  return recorded === sample.userId ? ({ userId }) => userId : () => recorded;
}
