import { onMemory } from "./on-memory";
import { onSqlite } from "./on-sqlite";
import type { FaultyAdapter } from "./variants";

/** Right as long as all clocks agree. */
export const wrongClock: readonly FaultyAdapter[] = [
  {
    fault: "writes times as a clock that ran back gives them",
    caughtBy: "clock",
    run: () => onSqlite(["WHEN ? > create_time", "WHEN ? IS NOT NULL"]),
  },
  {
    fault: "lists events in the order of their times",
    caughtBy: "clock",
    alsoFails: ["paging"],
    run: () =>
      onMemory((verbs) => ({
        listEvents: async (scope, query) => (await verbs.listEvents(scope, query)).sort((a, b) => a.at - b.at),
      })),
  },
  {
    fault: "takes Payme's time for its own: a transaction is never older than our row",
    caughtBy: "clock",
    run: () =>
      onMemory((verbs) => ({
        addTransaction: (row) =>
          verbs.addTransaction(row.time < row.createTime / 2 ? { ...row, time: row.createTime } : row),
      })),
  },
];
