import type { Outcome } from "../../../src/ledger";
import { onMemory } from "./on-memory";
import type { FaultyAdapter } from "./variants";

/** The rows are right, and the answer is not. */
export const wrongOutcomes: readonly FaultyAdapter[] = [
  {
    fault: "calls a repeat a conflict",
    caughtBy: "outcomes",
    run: () =>
      onMemory((verbs) => ({
        changePayment: async (scope, id, change) => repeatAsConflict(await verbs.changePayment(scope, id, change)),
        changeTransaction: async (scope, id, change) =>
          repeatAsConflict(await verbs.changeTransaction(scope, id, change)),
      })),
  },
  {
    fault: "calls a second payment of a paid thing a repeat",
    caughtBy: "outcomes",
    run: () =>
      onMemory((verbs) => ({
        async changePayment(scope, id, change) {
          const ended = await verbs.changePayment(scope, id, change);
          const isPaid = ended.outcome === "conflict" && ended.row.paidBy !== null;
          return isPaid ? { ...ended, outcome: "already_applied" } : ended;
        },
      })),
  },
  {
    fault: "brings the row that was given, not the one that stands",
    caughtBy: "outcomes",
    alsoFails: ["guards", "races"],
    run: () =>
      onMemory((verbs) => ({
        addPayment: async (row, options) => ({ ...(await verbs.addPayment(row, options)), row }),
        addTransaction: async (row) => ({ ...(await verbs.addTransaction(row)), row }),
      })),
  },
];

function repeatAsConflict<Row>(ended: Outcome<Row>): Outcome<Row> {
  return ended.outcome === "already_applied" ? { ...ended, outcome: "conflict" } : ended;
}
