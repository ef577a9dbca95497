import { onMemory } from "./on-memory";
import { onSqlite } from "./on-sqlite";
import type { FaultyAdapter } from "./variants";

/** A guard is missing, in the code or in the database. */
export const wrongGuards: readonly FaultyAdapter[] = [
  {
    fault: "does not compare the amount",
    caughtBy: "guards",
    alsoFails: ["64-bit"],
    run: () =>
      onMemory((verbs) => ({
        changePayment: (scope, id, change) => verbs.changePayment(scope, id, { ...change, amount: undefined }),
      })),
  },
  {
    fault: "performs a transaction after the 12 hours",
    caughtBy: "guards",
    alsoFails: ["64-bit"],
    run: () => onSqlite(["AND state = ? AND time >= ?", "AND state = ? AND (time >= ? OR 1 = 1)"]),
  },
  {
    fault: "changes a payment whatever its status is",
    caughtBy: "guards",
    alsoFails: ["outcomes", "races"],
    run: () => onSqlite(["AND status IN (?, ?)", "AND (status IN (?, ?) OR 1 = 1)"]),
  },
  {
    fault: "changes a transaction whatever its state is",
    caughtBy: "guards",
    alsoFails: ["outcomes", "races"],
    run: () => onSqlite(["AND state = ? AND", "AND (state = ? OR 1 = 1) AND"]),
  },
  {
    fault: "lets a user open as many payments as he likes",
    caughtBy: "guards",
    alsoFails: ["races"],
    run: () => onSqlite(["LIMIT 1 OFFSET ? - 1", "LIMIT 1 OFFSET ? + 99"]),
  },
  {
    fault: "counts the open payments of all users together",
    caughtBy: "guards",
    run: () =>
      onSqlite(["AND user_id = ? AND status = 'PENDING'", "AND user_id >= substr(?, 1, 0) AND status = 'PENDING'"]),
  },
  {
    fault: "counts the periods of subscriptions among the open payments",
    caughtBy: "guards",
    run: () => onSqlite(["status = 'PENDING' AND kind <> 'subscription'", "status = 'PENDING'"]),
  },
  {
    fault: "has no unique index on live orders",
    caughtBy: "guards",
    alsoFails: ["outcomes", "races"],
    run: () => onSqlite([UNIQUE("payme_transaction_held_order"), plain("payme_transaction_held_order")]),
  },
  {
    fault: "knows an order by the JSON text of its account",
    caughtBy: "guards",
    run: () =>
      onSqlite(["(order_key, order_space, mode)\n          WHERE", "(account, order_space, mode)\n          WHERE"]),
  },
  {
    fault: "keeps the orders of cashboxes apart that share them",
    caughtBy: "guards",
    alsoFails: ["races"],
    run: () =>
      onSqlite([
        "(order_key, order_space, mode)\n          WHERE",
        "(order_key, order_space, mode, cashbox)\n          WHERE",
      ]),
  },
  {
    fault: "moves orders onto others",
    caughtBy: "guards",
    run: () =>
      onMemory((verbs) => ({
        async moveOrders(scope, orderSpace) {
          const moved = await verbs.moveOrders(scope, orderSpace);
          return moved.outcome === "conflict" ? { outcome: "applied" } : moved;
        },
      })),
  },
  {
    fault: "has no unique index on open references",
    caughtBy: "guards",
    alsoFails: ["outcomes", "races"],
    run: () => onSqlite([UNIQUE("payme_payment_open_reference"), plain("payme_payment_open_reference")]),
  },
  {
    fault: "has no unique index on incidents",
    caughtBy: "guards",
    alsoFails: ["outcomes", "races"],
    run: () => onSqlite([UNIQUE("payme_event_open_incident"), plain("payme_event_open_incident")]),
  },
  {
    fault: "keeps an incident that was resolved from coming again",
    caughtBy: "guards",
    run: () => onSqlite(["WHERE incident_key IS NOT NULL AND resolved_ms IS NULL", "WHERE incident_key IS NOT NULL"]),
  },
  {
    fault: "closes the incidents of a subject whatever their Payme id is",
    caughtBy: "guards",
    run: () => onSqlite(["AND ((payme_id = ? AND", "AND (((payme_id = ? OR 1 = 1) AND"]),
  },
  {
    fault: "closes the incidents of all subjects",
    caughtBy: "guards",
    run: () =>
      onSqlite([
        "WHERE subject IN (?, ?) AND cashbox = ? AND mode = ? AND is_incident = 1 AND resolved_ms IS NULL\n        AND ((",
        "WHERE (subject IN (?, ?) OR 1 = 1) AND cashbox = ? AND mode = ? AND is_incident = 1 AND resolved_ms IS NULL\n        AND ((",
      ]),
  },
  {
    fault: "forgets the incidents that a change puts right",
    caughtBy: "guards",
    run: () => onMemory((verbs) => ({ appendEvents: (events) => verbs.appendEvents(events) })),
  },
  {
    fault: "never sees that a subject has open incidents",
    caughtBy: "guards",
    run: () => onSqlite(["WHERE subject IN (?, ?)", "WHERE subject || '-none' IN (?, ?)"]),
  },
];

const UNIQUE = (name: string) => `CREATE UNIQUE INDEX "idx_${name}"`;
const plain = (name: string) => `CREATE INDEX "idx_${name}"`;
