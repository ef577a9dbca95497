import { onSqlite } from "./on-sqlite";
import type { FaultyAdapter } from "./variants";

/** A period is charged twice, or renewals meet each other. */
export const wrongSubscriptions: readonly FaultyAdapter[] = [
  {
    fault: "keeps two rows of one period",
    caughtBy: "subscriptions",
    run: () => onSqlite([",\n          PRIMARY KEY (subscription_id, number)\n", "\n"]),
  },
  {
    fault: "keeps two rows of one attempt",
    caughtBy: "subscriptions",
    run: () => onSqlite([",\n          PRIMARY KEY (subscription_id, number, attempt)\n", "\n"]),
  },
  {
    fault: "keeps two live subscriptions of one owner and plan",
    caughtBy: "subscriptions",
    run: () => onSqlite([`UNIQUE INDEX "idx_payme_subscription_live"`, `INDEX "idx_payme_subscription_live"`]),
  },
  {
    fault: "keeps a token twice",
    caughtBy: "subscriptions",
    run: () => onSqlite([`UNIQUE INDEX "idx_payme_card_token"`, `INDEX "idx_payme_card_token"`]),
  },
  {
    fault: "gives a due subscription to everybody",
    caughtBy: "subscriptions",
    run: () => onSqlite([`SET next_ms = ? WHERE id IN`, `SET next_ms = next_ms + 0 * ? WHERE id IN`]),
  },
  {
    fault: "counts refunded periods as revenue",
    caughtBy: "subscriptions",
    run: () => onSqlite([" AND state = 'PAID'", ""]),
  },
];
