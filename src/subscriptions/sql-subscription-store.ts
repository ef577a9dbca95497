import type { Scope } from "../ledger";
import { integer, type RowTable, text } from "../storage/sql/columns";
import type { Dialect, Executor, SqlStorage, SqlValue } from "../storage/sql/executor";
import { migrate } from "../storage/sql/migrations";
import { forUpdate, insertInto } from "../storage/sql/row-access";
import { quoted } from "../storage/sql/tables";
import { busy } from "../storage/storage-errors";
import type { Added, StateCounts, SubscriptionReads, SubscriptionStore, SubscriptionVerbs } from "./subscription-store";
import {
  attemptTable,
  cardTable,
  periodTable,
  type SubscriptionTableNames,
  subscriptionMigrations,
  subscriptionTable,
  subscriptionTableNames,
} from "./subscription-tables";

/** Options of {@link sqlSubscriptionStore}. */
export interface SqlSubscriptionStoreOptions {
  /** Default `payme_card`, `payme_subscription`, `payme_period`, `payme_attempt`. */
  tables?: { readonly [Table in keyof SubscriptionTableNames]?: string | undefined } | undefined;
}

/** Cards, subscriptions, periods and attempts in the SQL database that keeps the payments. */
export function sqlSubscriptionStore<Tx>(
  storage: Pick<SqlStorage<Tx>, "sql" | "tables">,
  options: SqlSubscriptionStoreOptions = {},
): SubscriptionStore<Tx> {
  const { sql } = storage;
  const tables = subscriptionTableNames(options.tables, sql.schema);
  const statements = statementsFor(tables, sql.dialect);
  const read = <R>(work: (reads: SubscriptionReads) => Promise<R>) =>
    sql.read((executor) => work(reads(executor, statements)));
  return {
    findCard: (id) => read((found) => found.findCard(id)),
    listCards: (scope, query) => read((found) => found.listCards(scope, query)),
    findSubscription: (id) => read((found) => found.findSubscription(id)),
    listSubscriptions: (scope, query) => read((found) => found.listSubscriptions(scope, query)),
    findPeriod: (id, number) => read((found) => found.findPeriod(id, number)),
    listPeriods: (id, limit) => read((found) => found.listPeriods(id, limit)),
    listAttempts: (id, query) => read((found) => found.listAttempts(id, query)),
    countStates: (scope) => read((found) => found.countStates(scope)),
    revenue: (scope, period) => read((found) => found.revenue(scope, period)),
    countOverdue: (scope, before) => read((found) => found.countOverdue(scope, before)),
    using: (tx) => verbs(sql.executorOf(tx), statements),
    migrate: () => migrate(sql, storage.tables, subscriptionMigrations(tables)),
  };
}

type Statements = ReturnType<typeof statementsFor>;

/** Returns the statement that writes a whole row over the one with the same keys. */
function replace<Row>(table: string, { inserted }: RowTable<Row, Row>, keys: readonly string[]): string {
  const parameter = (name: string) => {
    const index = inserted.findIndex((column) => column.name === name);
    return `${name} = $${index + 1}::${inserted[index]?.type}`;
  };
  const changed = inserted.filter(({ name }) => !keys.includes(name)).map(({ name }) => parameter(name));
  return `UPDATE ${table} SET ${changed.join(", ")} WHERE ${keys.map(parameter).join(" AND ")}`;
}

function statementsFor(tables: SubscriptionTableNames, dialect: Dialect) {
  const [card, subscription] = [quoted(tables.card), quoted(tables.subscription)];
  const [period, attempt] = [quoted(tables.period), quoted(tables.attempt)];
  const [lock, skipLocked] = [forUpdate(dialect), dialect === "postgres" ? "FOR UPDATE SKIP LOCKED" : ""];
  const scope = "cashbox = $1::text AND mode = $2::text";
  const findSubscription = `SELECT * FROM ${subscription} WHERE id = $1::text`;
  const findCard = `SELECT * FROM ${card} WHERE id = $1::text`;
  return {
    addCard: insertInto(card, cardTable),
    findCard,
    lockCard: `${findCard} ${lock}`,
    findToken: `SELECT * FROM ${card} WHERE ${scope} AND token_hash = $3::text`,
    listCards: `SELECT * FROM ${card} WHERE ${scope} AND owner = $3::text ORDER BY created_ms DESC, id DESC LIMIT $4::integer`,
    pageCards: `SELECT * FROM ${card} WHERE ${scope} AND id > $3::text ORDER BY id LIMIT $4::integer`,
    saveCard: replace(card, cardTable, ["id"]),
    addSubscription: insertInto(subscription, subscriptionTable),
    findSubscription,
    findLive: `SELECT * FROM ${subscription}
      WHERE ${scope} AND owner = $3::text AND plan = $4::text AND state <> 'ENDED'`,
    lockSubscription: `${findSubscription} ${lock}`,
    listSubscriptions: `SELECT * FROM ${subscription} WHERE ${scope} AND owner = $3::text
      AND ($4::text IS NULL OR plan = $4::text) ORDER BY created_ms DESC, id DESC LIMIT $5::integer`,
    saveSubscription: replace(subscription, subscriptionTable, ["id"]),
    claimDue: `WITH due AS (SELECT id FROM ${subscription}
        WHERE ${scope} AND next_ms IS NOT NULL AND next_ms <= $3::bigint
        ORDER BY next_ms, id LIMIT $5::integer ${skipLocked})
      UPDATE ${subscription} SET next_ms = $4::bigint WHERE id IN (SELECT id FROM due) RETURNING *`,
    countOverdue: `SELECT COUNT(*) AS total FROM ${subscription}
      WHERE ${scope} AND next_ms IS NOT NULL AND next_ms < $3::bigint`,
    countStates: `SELECT state, COUNT(*) AS total FROM ${subscription} WHERE ${scope} GROUP BY state`,
    addPeriod: insertInto(period, periodTable),
    findPeriod: `SELECT * FROM ${period} WHERE subscription_id = $1::text AND number = $2::integer`,
    listPeriods: `SELECT * FROM ${period} WHERE subscription_id = $1::text ORDER BY number DESC LIMIT $2::integer`,
    savePeriod: replace(period, periodTable, ["subscription_id", "number"]),
    revenue: `SELECT COUNT(*) AS periods, COALESCE(SUM(amount), 0) AS amount FROM ${period}
      WHERE ${scope} AND paid_ms >= $3::bigint AND paid_ms < $4::bigint AND state = 'PAID'`,
    addAttempt: insertInto(attempt, attemptTable),
    findAttempt: `SELECT * FROM ${attempt}
      WHERE subscription_id = $1::text AND number = $2::integer AND attempt = $3::integer`,
    listAttempts: `SELECT * FROM ${attempt}
      WHERE subscription_id = $1::text AND ($2::integer IS NULL OR number = $2::integer)
      ORDER BY number DESC, attempt DESC LIMIT $3::integer`,
    saveAttempt: replace(attempt, attemptTable, ["subscription_id", "number", "attempt"]),
  };
}

/** Runs statements on one table. */
function tableAccess<Row>(executor: Executor, table: RowTable<Row, Row>) {
  const values = (row: Row) => table.inserted.map(({ encode }) => encode(row));
  const all = async (sql: string, ...params: SqlValue[]) => (await executor.execute(sql, params)).map(table.decode);
  const first = async (sql: string, ...params: SqlValue[]): Promise<Row | undefined> => (await all(sql, ...params))[0];
  return {
    all,
    first,
    /** Inserts a row, or finds the one in its way: that may be gone a moment later. */
    async add(sql: string, row: Row, findOther: () => Promise<Row | undefined>): Promise<Added<Row>> {
      for (let tries = 0; tries < 3; tries += 1) {
        const added = await first(sql, ...values(row));
        if (added !== undefined) return { outcome: "applied", row: added };
        const other = await findOther();
        if (other !== undefined) return { outcome: "already_applied", row: other };
      }
      throw busy("the row that refuses an insert keeps changing");
    },
    async save(sql: string, row: Row): Promise<void> {
      await executor.execute(sql, values(row));
    },
  };
}

function reads(executor: Executor, statements: Statements): SubscriptionReads {
  const cards = tableAccess(executor, cardTable);
  const subscriptions = tableAccess(executor, subscriptionTable);
  const periods = tableAccess(executor, periodTable);
  const attempts = tableAccess(executor, attemptTable);
  const count = async (sql: string, ...params: SqlValue[]) => (await executor.execute(sql, params))[0] ?? {};
  return {
    findCard: (id, { lock } = {}) => cards.first(lock ? statements.lockCard : statements.findCard, id),
    listCards: ({ cashbox, mode }, { owner, after = "", limit }) =>
      owner === undefined
        ? cards.all(statements.pageCards, cashbox, mode, after, limit)
        : cards.all(statements.listCards, cashbox, mode, owner, limit),
    findSubscription: (id) => subscriptions.first(statements.findSubscription, id),
    listSubscriptions: ({ cashbox, mode }, { owner, plan = null, limit }) =>
      subscriptions.all(statements.listSubscriptions, cashbox, mode, owner, plan, limit),
    findPeriod: (id, number) => periods.first(statements.findPeriod, id, number),
    listPeriods: (id, limit) => periods.all(statements.listPeriods, id, limit),
    listAttempts: (id, { number = null, limit }) => attempts.all(statements.listAttempts, id, number, limit),
    async countStates({ cashbox, mode }) {
      const rows = await executor.execute(statements.countStates, [cashbox, mode]);
      return Object.fromEntries(rows.map(({ state, total }) => [text(state), integer(total)])) satisfies StateCounts;
    },
    async revenue({ cashbox, mode }, { from, to }) {
      const row = await count(statements.revenue, cashbox, mode, from, to);
      return { periods: integer(row.periods), amount: integer(row.amount) };
    },
    countOverdue: async ({ cashbox, mode }, before) =>
      integer((await count(statements.countOverdue, cashbox, mode, before)).total),
  };
}

function verbs(executor: Executor, statements: Statements): SubscriptionVerbs {
  const cards = tableAccess(executor, cardTable);
  const subscriptions = tableAccess(executor, subscriptionTable);
  const periods = tableAccess(executor, periodTable);
  const attempts = tableAccess(executor, attemptTable);
  const scoped = ({ cashbox, mode }: Scope) => [cashbox, mode] as const;
  return {
    ...reads(executor, statements),
    addCard: (row) =>
      cards.add(statements.addCard, row, () => cards.first(statements.findToken, ...scoped(row), row.tokenHash)),
    saveCard: (row) => cards.save(statements.saveCard, row),
    addSubscription: (row) =>
      subscriptions.add(statements.addSubscription, row, () =>
        subscriptions.first(statements.findLive, ...scoped(row), row.owner, row.plan),
      ),
    lockSubscription: (id) => subscriptions.first(statements.lockSubscription, id),
    saveSubscription: (row) => subscriptions.save(statements.saveSubscription, row),
    addPeriod: (row) =>
      periods.add(statements.addPeriod, row, () =>
        periods.first(statements.findPeriod, row.subscriptionId, row.number),
      ),
    savePeriod: (row) => periods.save(statements.savePeriod, row),
    addAttempt: (row) =>
      attempts.add(statements.addAttempt, row, () =>
        attempts.first(statements.findAttempt, row.subscriptionId, row.number, row.attempt),
      ),
    saveAttempt: (row) => attempts.save(statements.saveAttempt, row),
    claimDue: (scope, { now, leaseUntil, limit }) =>
      subscriptions.all(statements.claimDue, ...scoped(scope), now, leaseUntil, limit),
  };
}
