import type { PaymentRow, Verbs } from "../../../src/ledger";
import { onMemory } from "./on-memory";
import { onSqlite } from "./on-sqlite";
import type { FaultyAdapter } from "./variants";

/** What is stored or found is not what it should be. */
export const wrongBasics: readonly FaultyAdapter[] = [
  {
    fault: "hands out the row that it keeps, not a copy",
    caughtBy: "basics",
    run: () => onMemory(handingOut()),
  },
  {
    fault: "forgets that rows belong to a cashbox",
    caughtBy: "basics",
    alsoFails: ["guards"],
    run: () =>
      onMemory((verbs) => ({
        findTransaction: (scope, paymeId) => verbs.findTransaction({ ...scope, cashbox: "default" }, paymeId),
      })),
  },
  {
    fault: "counts the first moment of the next day to this one",
    caughtBy: "basics",
    run: () => onSqlite(["paid_ms < until", "paid_ms <= until"]),
  },
  {
    fault: "counts a payment of the first moment after a period to it",
    caughtBy: "basics",
    run: () => onSqlite(["created_ms < ? GROUP BY", "created_ms <= ? GROUP BY"]),
  },
  {
    fault: "counts a refund that is done to those that wait",
    caughtBy: "basics",
    run: () => onSqlite(["AND refund IN ('queued', 'refused', 'stuck')", "AND refund <> 'none'"]),
  },
];

/** Gives the same object again while its row has not changed. */
function handingOut(): (verbs: Verbs) => Partial<Verbs> {
  const kept = new Map<string, PaymentRow>();
  return (verbs) => ({
    async findPayment(scope, key) {
      const row = await verbs.findPayment(scope, key);
      if (row === undefined) return undefined;
      const text = JSON.stringify(row);
      const same = kept.get(text) ?? structuredClone(row);
      kept.set(text, same);
      return same;
    },
  });
}
