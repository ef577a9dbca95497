import type { Scope } from "../ledger";
import type { MemoryStorage } from "../storage/memory/memory-storage";
import type { MemoryTable, MemoryTx } from "../storage/memory/memory-table";
import type { AttemptRow, CardRow, PeriodRow, SubscriptionRow } from "./rows";
import type { Added, SubscriptionReads, SubscriptionStore, SubscriptionVerbs } from "./subscription-store";

/**
 * Cards, subscriptions, periods and attempts in memory, beside the payments of a `memoryStorage`. Its writers take turns, so
 * every transaction locks every subscription.
 */
export function memorySubscriptionStore(storage: Pick<MemoryStorage, "published">): SubscriptionStore<MemoryTx> {
  return { ...reads(storage.published()), using: verbs, migrate: async () => {} };
}

/** The ids of rows that belong together, by the key that they share: a table of thousands is not read for a few. */
interface Ids {
  readonly ids: readonly string[];
}

function tablesOf(tx: MemoryTx) {
  return {
    cards: tx.table<CardRow>("payme_card"),
    subscriptions: tx.table<SubscriptionRow>("payme_subscription"),
    periods: tx.table<PeriodRow>("payme_period"),
    attempts: tx.table<AttemptRow>("payme_attempt"),
    /** By token, by owner, and by subscription. */
    index: tx.table<Ids>("payme_subscription_index"),
  };
}

const periodKey = (id: string, number: number) => `${id}:${number}`;
const attemptKey = (id: string, number: number, attempt: number) => `${id}:${number}:${attempt}`;
const keyOf = ({ cashbox, mode }: Scope, ...parts: string[]) => JSON.stringify([cashbox, mode, ...parts]);
const isIn = (row: Scope, { cashbox, mode }: Scope) => row.cashbox === cashbox && row.mode === mode;

function rowsAt<Row extends object>(table: MemoryTable<Row>, index: MemoryTable<Ids>, key: string): Row[] {
  return (index.get(key)?.ids ?? []).flatMap((id) => table.get(id) ?? []).reverse();
}

function reads(tx: MemoryTx): SubscriptionReads {
  const { cards, subscriptions, periods, attempts, index } = tablesOf(tx);
  return {
    findCard: async (id) => cards.get(id),
    async listCards(scope, { owner, after = "", limit }) {
      if (owner !== undefined) return rowsAt(cards, index, keyOf(scope, "cards", owner)).slice(0, limit);
      const found = cards.filter((row) => isIn(row, scope) && row.id > after);
      return found.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit);
    },
    findSubscription: async (id) => subscriptions.get(id),
    async listSubscriptions(scope, { owner, plan, limit }) {
      const found = rowsAt(subscriptions, index, keyOf(scope, "subscriptions", owner));
      return found.filter((row) => plan === undefined || row.plan === plan).slice(0, limit);
    },
    findPeriod: async (id, number) => periods.get(periodKey(id, number)),
    listPeriods: async (id, limit) => rowsAt(periods, index, `periods:${id}`).slice(0, limit),
    async listAttempts(id, { number, limit }) {
      const found = rowsAt(attempts, index, `attempts:${id}`);
      return found.filter((row) => number === undefined || row.number === number).slice(0, limit);
    },
    async countStates(scope) {
      const counts: Partial<Record<SubscriptionRow["state"], number>> = {};
      for (const { state } of subscriptions.filter((row) => isIn(row, scope))) counts[state] = (counts[state] ?? 0) + 1;
      return counts;
    },
    async revenue(scope, { from, to }) {
      const paid = periods.filter((row) => {
        const at = row.paidAt ?? -1;
        return isIn(row, scope) && row.state === "PAID" && at >= from && at < to;
      });
      return { periods: paid.length, amount: paid.reduce((sum, { amount }) => sum + amount, 0) };
    },
    countOverdue: async (scope, before) =>
      subscriptions.filter((row) => isIn(row, scope) && row.nextAt !== null && row.nextAt < before).length,
  };
}

function verbs(tx: MemoryTx): SubscriptionVerbs {
  const { cards, subscriptions, periods, attempts, index } = tablesOf(tx);
  function add<Row extends object>(table: MemoryTable<Row>, id: string, row: Row, keys: readonly string[]): Added<Row> {
    const same = table.get(id);
    if (same !== undefined) return { outcome: "already_applied", row: same };
    table.set(id, row);
    for (const key of keys) index.set(key, { ids: [...(index.get(key)?.ids ?? []), id] });
    return { outcome: "applied", row };
  }
  return {
    ...reads(tx),
    async addCard(row) {
      const token = keyOf(row, "token", row.tokenHash);
      const [other] = rowsAt(cards, index, token);
      if (other !== undefined) return { outcome: "already_applied", row: other };
      return add(cards, row.id, row, [token, keyOf(row, "cards", row.owner)]);
    },
    saveCard: async (row) => cards.set(row.id, row),
    async addSubscription(row) {
      const ofOwner = keyOf(row, "subscriptions", row.owner);
      const live = rowsAt(subscriptions, index, ofOwner).find(
        ({ plan, state }) => plan === row.plan && state !== "ENDED",
      );
      return live === undefined
        ? add(subscriptions, row.id, row, [ofOwner])
        : { outcome: "already_applied", row: live };
    },
    lockSubscription: async (id) => subscriptions.get(id),
    saveSubscription: async (row) => subscriptions.set(row.id, row),
    addPeriod: async (row) =>
      add(periods, periodKey(row.subscriptionId, row.number), row, [`periods:${row.subscriptionId}`]),
    savePeriod: async (row) => periods.set(periodKey(row.subscriptionId, row.number), row),
    addAttempt: async (row) =>
      add(attempts, attemptKey(row.subscriptionId, row.number, row.attempt), row, [`attempts:${row.subscriptionId}`]),
    saveAttempt: async (row) => attempts.set(attemptKey(row.subscriptionId, row.number, row.attempt), row),
    async claimDue(scope, { now, leaseUntil, limit }) {
      const due = subscriptions.filter((row) => isIn(row, scope) && row.nextAt !== null && row.nextAt <= now);
      const taken = due.sort((a, b) => (a.nextAt ?? 0) - (b.nextAt ?? 0)).slice(0, limit);
      return taken.map((row) => {
        const leased = { ...row, nextAt: leaseUntil };
        subscriptions.set(row.id, leased);
        return leased;
      });
    },
  };
}
