import type { Outcome, Verbs } from "../../../src/ledger";
import { memoryKit } from "../../storage/kits";
import { withVerbs } from "./broken";
import { failedGroups } from "./failed-groups";
import type { FaultyAdapter } from "./variants";

/** The rows are right, and the answer is not. */
export const wrongOutcomes: readonly FaultyAdapter[] = [
  {
    fault: "calls a repeat a conflict",
    failsIn: ["outcomes"],
    run: () =>
      onMemory((verbs) => ({
        changePayment: async (scope, id, change) => repeatAsConflict(await verbs.changePayment(scope, id, change)),
        changeTransaction: async (scope, id, change) =>
          repeatAsConflict(await verbs.changeTransaction(scope, id, change)),
      })),
  },
  {
    fault: "calls a second payment of a paid thing a repeat",
    failsIn: ["outcomes"],
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
    failsIn: ["outcomes", "races"],
    run: () =>
      onMemory((verbs) => ({
        addPayment: async (row, options) => ({ ...(await verbs.addPayment(row, options)), row }),
        addTransaction: async (row) => ({ ...(await verbs.addTransaction(row)), row }),
      })),
  },
];

function onMemory(replace: (verbs: Verbs) => Partial<Verbs>) {
  return failedGroups({ create: async () => withVerbs(await memoryKit(), replace), durable: false });
}

function repeatAsConflict<Row>(ended: Outcome<Row>): Outcome<Row> {
  return ended.outcome === "already_applied" ? { ...ended, outcome: "conflict" } : ended;
}
