import { createPayments } from "../../src/entry";
import type { SqlStorage } from "../../src/entry/adapter";
import { createTariffs, sqlTariffStore } from "../../src/entry/tariffs";
import { readSnapshot } from "../../src/tariffs/tariff";
import { projectionAt, timetableOf } from "../../src/tariffs/timetable";
import { receiptId, receiptsClient } from "../tariffs/receipts-client";

export const USER = "user-1";

/** `locked` is what the package does; `unlocked` reads the user's grants before it holds the user, as much code does. */
export type Variant = "locked" | "unlocked";

/** Settles one payment; says how it ended. */
export type Settle = (paymentId: string) => Promise<string>;

export function settling(variant: Variant, storage: SqlStorage<unknown>): Settle {
  return variant === "locked" ? settleLocked(storage) : settleUnlocked(storage);
}

function settleLocked(storage: SqlStorage<unknown>): Settle {
  const payments = createPayments({ storage, client: receiptsClient });
  createTariffs({ payments });
  return async (paymentId) => {
    const payment = await payments.find(paymentId);
    if (payment === undefined) throw new Error("no such payment");
    const report = { paymeId: receiptId(paymentId), amount: payment.amount, paidAt: 1, source: "gateway" } as const;
    return (await payments.recordPaid(report)).outcome;
  };
}

function settleUnlocked(storage: SqlStorage<unknown>): Settle {
  const store = sqlTariffStore(storage);
  return async (paymentId) => {
    const earlier = await store.listGrants(USER);
    const payments = createPayments<unknown>({ storage, client: receiptsClient });
    payments.register("tariff", {
      async onPaid({ id, userId, data, updatedAt }, tx) {
        const bought = readSnapshot(data);
        if (bought === undefined) throw new Error("no snapshot");
        const verbs = store.using(tx);
        await verbs.lockUser(userId);
        const grant = { ...bought, paymentId: id, userId, settledAt: updatedAt, revokedAt: null };
        await verbs.addGrant(grant);
        await verbs.saveProjection(userId, projectionAt(timetableOf([...earlier, grant]), updatedAt));
        return true;
      },
    });
    const payment = await payments.find(paymentId);
    if (payment === undefined) throw new Error("no such payment");
    const report = { paymeId: receiptId(paymentId), amount: payment.amount, paidAt: 1, source: "gateway" } as const;
    return (await payments.recordPaid(report)).outcome;
  };
}
