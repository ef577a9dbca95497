import { memoryKit, privateSqliteKit } from "../../storage/kits";
import { rewritten, withVerbs } from "./broken";
import { failedGroups } from "./failed-groups";
import type { FaultyAdapter } from "./variants";

/** A guard is missing, in the code or in the database. */
export const wrongGuards: readonly FaultyAdapter[] = [
  {
    fault: "does not compare the amount",
    failsIn: ["guards"],
    run: () =>
      failedGroups({
        durable: false,
        create: async () =>
          withVerbs(await memoryKit(), (verbs) => ({
            changePayment: (scope, id, change) => verbs.changePayment(scope, id, { ...change, amount: undefined }),
          })),
      }),
  },
  {
    fault: "performs a transaction after the 12 hours",
    failsIn: ["guards"],
    run: () => onSqlite(["AND state = ? AND time >= ?", "AND state = ? AND (time >= ? OR 1 = 1)"]),
  },
  {
    fault: "writes times as a clock that ran back gives them",
    failsIn: ["guards"],
    run: () => onSqlite(["WHEN ? > create_time", "WHEN ? IS NOT NULL"]),
  },
  {
    fault: "changes a payment whatever its status is",
    failsIn: ["guards", "outcomes", "races"],
    run: () => onSqlite(["AND status IN (?, ?)", "AND (status IN (?, ?) OR 1 = 1)"]),
  },
  {
    fault: "changes a transaction whatever its state is",
    failsIn: ["guards", "outcomes", "races"],
    run: () => onSqlite(["AND state = ? AND", "AND (state = ? OR 1 = 1) AND"]),
  },
  {
    fault: "has no unique index on live orders",
    failsIn: ["guards", "outcomes", "races"],
    run: () => onSqlite([UNIQUE("payme_transaction_live_order"), plain("payme_transaction_live_order")]),
  },
  {
    fault: "has no unique index on open references",
    failsIn: ["guards", "outcomes", "races"],
    run: () => onSqlite([UNIQUE("payme_payment_open_reference"), plain("payme_payment_open_reference")]),
  },
  {
    fault: "has no unique index on incidents",
    failsIn: ["guards", "outcomes", "races"],
    run: () => onSqlite([UNIQUE("payme_event_incident"), plain("payme_event_incident")]),
  },
  {
    fault: "leases a message that is leased",
    failsIn: ["basics", "races"],
    run: () => onSqlite(["AND COALESCE(lease_until_ms, 0) <= ?", "AND (COALESCE(lease_until_ms, 0) <= ? OR 1 = 1)"]),
  },
  {
    fault: "lets anybody close a leased message",
    failsIn: ["guards", "outcomes"],
    run: () => onSqlite(["AND lease_token = ?", "AND (lease_token = ? OR 1 = 1)"]),
  },
];

const UNIQUE = (name: string) => `CREATE UNIQUE INDEX "idx_${name}"`;
const plain = (name: string) => `CREATE INDEX "idx_${name}"`;

function onSqlite(change: readonly [from: string, to: string]) {
  return failedGroups({ create: () => privateSqliteKit({ open: rewritten(change) }), durable: false });
}
