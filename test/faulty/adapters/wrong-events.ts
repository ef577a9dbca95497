import { onMemory } from "./on-memory";
import { onSqlite } from "./on-sqlite";
import type { FaultyAdapter } from "./variants";

/** Messages that are told twice, out of order, or by somebody who lost the lease. */
export const wrongEvents: readonly FaultyAdapter[] = [
  {
    fault: "delivers the messages of one subject in any order",
    caughtBy: "events",
    alsoFails: ["clock"],
    run: () => onSqlite(["AND older.id < due.id", "AND older.id > due.id"]),
  },
  {
    fault: "leases a message that is leased",
    caughtBy: "events",
    alsoFails: ["clock"],
    run: () => onSqlite(["AND COALESCE(lease_until_ms, 0) <= ?", "AND (COALESCE(lease_until_ms, 0) <= ? OR 1 = 1)"]),
  },
  {
    fault: "lets anybody close a leased message",
    caughtBy: "events",
    alsoFails: ["outcomes"],
    run: () => onSqlite(["AND lease_token = ?", "AND (lease_token = ? OR 1 = 1)"]),
  },
  {
    fault: "passes over a message that waits to be tried again",
    caughtBy: "events",
    run: () => onSqlite(["AND older.deliver_ms IS NOT NULL AND", "AND older.deliver_ms <= 1760000000010 AND"]),
  },
  {
    fault: "requeues what is not parked",
    caughtBy: "events",
    run: () => onSqlite(["AND mode = ? AND parked_ms IS NOT NULL\n      RETURNING", "AND mode = ?\n      RETURNING"]),
  },
  {
    fault: "lists every event as due",
    caughtBy: "events",
    run: () =>
      onMemory((verbs) => ({
        listEvents: (scope, query) => verbs.listEvents(scope, { ...query, due: undefined }),
      })),
  },
  {
    fault: "gives the newest messages first",
    caughtBy: "events",
    run: () =>
      onMemory((verbs) => ({
        claimEvents: async (scope, claim) => (await verbs.claimEvents(scope, claim)).reverse(),
      })),
  },
];
