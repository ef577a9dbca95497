import type { Payments } from "../../src/entry";
import type { PeriodRow } from "../../src/subscriptions/rows";
import type { SubscriptionStore, SubscriptionVerbs } from "../../src/subscriptions/subscription-store";
import { startOf } from "../../src/subscriptions/turn";

/** Faults that the judge must catch: each breaks one rule of renewals. With a seed from which it shows. */
export const PLANTED = {
  "no unique period": 1,
  "a new receipt for each retry": 1,
  "a new receipt after an unknown end": 1,
  "a boundary from the one before": 1,
  "VOID beside a pay in flight": 1,
} as const;
export type Planted = keyof typeof PLANTED;

/** A store with the fault, where it is one of its rows. */
export function plantedStore<Tx>(store: SubscriptionStore<Tx>, planted: Planted | undefined): SubscriptionStore<Tx> {
  const spoil = spoilerOf(planted);
  if (spoil === undefined) return store;
  return {
    ...store,
    using(tx) {
      const verbs = store.using(tx);
      return { ...verbs, ...spoil(verbs) };
    },
  };
}

/** The period with another payment, whatever became of the one before. */
const renewed = (row: PeriodRow): PeriodRow => ({ ...row, k: row.k + 1, paymentId: null, receiptId: null });

function spoilerOf(
  planted: Planted | undefined,
): ((verbs: SubscriptionVerbs) => Partial<SubscriptionVerbs>) | undefined {
  switch (planted) {
    case "no unique period":
      // Whoever looks at a paid period opens it a second time.
      return (verbs) => ({
        async findPeriod(id, number) {
          const row = await verbs.findPeriod(id, number);
          return row?.state === "PAID" && row.k === 1 ? { ...renewed(row), state: "DUE", nextAt: row.updatedAt } : row;
        },
      });
    case "a new receipt for each retry":
      return (verbs) => ({
        savePeriod: (row) => verbs.savePeriod(row.state === "RETRY" && row.pays > 0 ? renewed(row) : row),
      });
    case "a new receipt after an unknown end":
      return (verbs) => ({
        savePeriod: (row) =>
          verbs.savePeriod(row.state === "UNKNOWN" ? { ...renewed(row), state: "RETRY", nextAt: row.updatedAt } : row),
      });
    case "a boundary from the one before":
      return (verbs) => ({
        saveSubscription: (row) =>
          verbs.saveSubscription({ ...row, anchor: startOf(row, row.number), firstNumber: row.number }),
      });
    default:
      return undefined;
  }
}

/** Payments whose cancel says that it is done, and asks nobody, where that is the fault. */
export function plantedPayments<Tx>(payments: Payments<Tx>, planted: Planted | undefined): Payments<Tx> {
  if (planted !== "VOID beside a pay in flight") return payments;
  return {
    ...payments,
    async cancel(id) {
      const payment = await payments.find(id);
      if (payment === undefined) throw new Error(`no payment ${id}`);
      return { outcome: "applied", payment: { ...payment, status: "CANCELLED", transactionId: null } };
    },
  };
}
