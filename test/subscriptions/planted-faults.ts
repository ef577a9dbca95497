import type { Payments } from "../../src/entry";
import type { PeriodRow } from "../../src/subscriptions/rows";
import type { SubscriptionStore, SubscriptionVerbs } from "../../src/subscriptions/subscription-store";
import { startOf } from "../../src/subscriptions/turn";
import type { Schedule, ScheduleStep } from "./random-schedule";

const calm: ScheduleStep = {
  deed: "pass",
  which: 7,
  fault: "none",
  method: "receipts.pay",
  times: 1,
  kill: null,
  hookThrows: false,
  workers: 1,
};
const monthly = { every: { months: 1 }, isMonthEnd: true, trialDays: 0, card: "good" } as const;

/** Faults that the judge must catch: each breaks one rule of renewals. With how the lives begin in which it shows. */
export const PLANTED = {
  "no unique period": { ...monthly, steps: [calm] },
  "a new receipt for each retry": { ...monthly, card: "short", steps: [calm, calm, calm] },
  "a new receipt after an unknown end": { ...monthly, steps: [{ ...calm, fault: "inside Payme, done later" }] },
  "a boundary from the one before": { ...monthly, steps: [calm, calm] },
  "VOID beside a pay in flight": {
    ...monthly,
    // 27 days; then the boundary, with a pay that Payme carries out a day later.
    steps: [
      ...[6, 6, 6, 5].map((which) => ({ ...calm, which })),
      { ...calm, which: 4, fault: "done a day later" },
      { ...calm, deed: "cancel now" },
      { ...calm, which: 5 },
    ],
  },
} as const satisfies Readonly<Record<string, Partial<Schedule>>>;
export type Planted = keyof typeof PLANTED;

/** A schedule that begins so that a fault may show. */
export function plantedSchedule(schedule: Schedule, planted: Planted): Schedule {
  const { steps, ...first } = PLANTED[planted];
  return { ...schedule, ...first, steps: [...steps, ...schedule.steps] };
}

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

async function wasPaying(verbs: SubscriptionVerbs, { subscriptionId, number }: PeriodRow): Promise<boolean> {
  return (await verbs.findPeriod(subscriptionId, number))?.state === "PAYING";
}

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
        savePeriod: async (row) =>
          verbs.savePeriod((await wasPaying(verbs, row)) && row.state === "RETRY" ? renewed(row) : row),
      });
    case "a new receipt after an unknown end":
      return (verbs) => ({
        async savePeriod(row) {
          const isUnknown = (await wasPaying(verbs, row)) && row.state === "UNKNOWN";
          await verbs.savePeriod(isUnknown ? { ...renewed(row), state: "RETRY", nextAt: row.updatedAt } : row);
        },
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
