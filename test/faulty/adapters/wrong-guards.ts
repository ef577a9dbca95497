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
    run: () => onSqlite([UNIQUE("payme_event_incident"), plain("payme_event_incident")]),
  },
];

const UNIQUE = (name: string) => `CREATE UNIQUE INDEX "idx_${name}"`;
const plain = (name: string) => `CREATE INDEX "idx_${name}"`;
