import {
  doublePayment,
  type EventQuery,
  type EventResult,
  type EventRow,
  type EventVerbs,
  type IncidentClosing,
  isIncidentKind,
} from "../../ledger";
import type { Dialect, Executor, SqlValue } from "./executor";
import { insertInto, RowAccess } from "./row-access";
import { eventTable } from "./rows";
import { quoted, type TableNames } from "./tables";

/** Returns the statements on events. */
export function eventStatements(tables: TableNames, dialect: Dialect) {
  const event = quoted(tables.event);
  const isRow = "id = $3::bigint AND cashbox = $1::text AND mode = $2::text";
  const skipLocked = dialect === "postgres" ? "FOR UPDATE SKIP LOCKED" : "";
  const add = insertInto(event, eventTable);
  // The oldest undelivered message of each subject. Later ones wait, whether it is leased, delayed or due.
  const isClaimable = (now: string) => `deliver_ms IS NOT NULL AND deliver_ms <= ${now}
          AND COALESCE(lease_until_ms, 0) <= ${now}
          AND NOT EXISTS (
            SELECT 1 FROM ${event} AS older
            WHERE older.cashbox = due.cashbox AND older.mode = due.mode AND older.subject = due.subject
              AND older.deliver_ms IS NOT NULL AND older.id < due.id)`;
  // $n is the scope, then the members of a closing: see `closingParams`.
  const closeOpen = (first: number) => {
    const [cashbox, mode, subject, at, by, note, paymeId, kinds, kindsOfOthers] = Array.from(
      { length: 9 },
      (_, index) => `$${first + index}`,
    );
    return `
      UPDATE ${event} SET resolved_ms = ${at}::bigint, resolved_by = ${by}::text, note = ${note}::text
      WHERE subject IN (${subject}::text, ${paymeId}::text) AND cashbox = ${cashbox}::text AND mode = ${mode}::text AND is_incident = 1 AND resolved_ms IS NULL
        AND ((payme_id = ${paymeId}::text AND ${kinds}::text LIKE '%,' || kind || ',%')
          OR (payme_id <> ${paymeId}::text AND ${kindsOfOthers}::text LIKE '%,' || kind || ',%'))
      RETURNING *`;
  };
  const next = eventTable.inserted.length + 1;
  return {
    add,

    // All of it in one statement, which SQLite cannot say. It does not see its own events: none of them may be an incident.
    addAndClose:
      dialect === "postgres"
        ? `
      WITH added AS (${add}), closed AS (${closeOpen(next)}),
      doubled AS (
        INSERT INTO ${event} (cashbox, mode, kind, subject, at_ms, payme_id, data, is_incident, incident_key)
        SELECT cashbox, mode, 'double_payment', subject, $${next + 3}::bigint, payme_id, data, 1, 'double_payment:' || NULLIF(payme_id, '')
        FROM closed WHERE payme_id <> $${next + 6}::text
        ON CONFLICT DO NOTHING RETURNING *)
      SELECT 1 AS step, added.* FROM added
      UNION ALL SELECT 2, closed.* FROM closed UNION ALL SELECT 3, doubled.* FROM doubled
      ORDER BY step, id`
        : undefined,

    find: `SELECT * FROM ${event} WHERE ${isRow}`,

    claim: `
      WITH claimed AS (
        SELECT id FROM ${event} AS due
        WHERE cashbox = $1::text AND mode = $2::text AND ${isClaimable("$3::bigint")}
        ORDER BY id LIMIT $6::integer ${skipLocked})
      UPDATE ${event} SET lease_token = $4::text, lease_until_ms = $5::bigint, attempts = attempts + 1
      WHERE id IN (SELECT id FROM claimed)
      RETURNING *`,

    closeLeased: `
      UPDATE ${event} SET lease_token = NULL, lease_until_ms = NULL,
        deliver_ms = $5::bigint, delivered_ms = $6::bigint, parked_ms = $7::bigint
      WHERE ${isRow} AND lease_token = $4::text
      RETURNING *`,

    requeue: `
      UPDATE ${event} SET deliver_ms = $4::bigint, parked_ms = NULL, attempts = 0
      WHERE ${isRow} AND parked_ms IS NOT NULL
      RETURNING *`,

    resolve: `
      UPDATE ${event} SET resolved_ms = $4::bigint, resolved_by = $5::text, note = $6::text
      WHERE ${isRow} AND resolved_ms IS NULL
      RETURNING *`,

    closeOpen: closeOpen(1),

    list: (query: EventQuery) => listStatement(event, query, isClaimable),
  };
}

/** Lists by subject, by kinds, open, parked or due events: each has its own index. */
function listStatement(
  event: string,
  query: EventQuery,
  isClaimable: (now: string) => string,
): { sql: string; params: SqlValue[] } {
  const conditions = ["cashbox = $1::text", "mode = $2::text", "id > $3::bigint"];
  const params: SqlValue[] = [query.after ?? 0];
  const placeholder = (value: SqlValue) => `$${params.push(value) + 2}`;
  const isOneOf = (column: string, values: readonly string[]) => {
    const list = values.map((value) => `${placeholder(value)}::text`);
    conditions.push(list.length === 0 ? "1 = 0" : `${column} IN (${list.join(", ")})`);
  };
  if (query.subject !== undefined) isOneOf("subject", [query.subject].flat());
  if (query.kinds !== undefined) isOneOf("kind", query.kinds);
  if (query.open === true) conditions.push("resolved_ms IS NULL");
  if (query.due !== undefined) conditions.push(isClaimable(`${placeholder(query.due)}::bigint`));
  if (query.parked === true) conditions.push("parked_ms IS NOT NULL");
  // Follows from the rest, but makes the database use the index of incidents: there are many more stories.
  if (query.open === true || query.kinds?.every(isIncidentKind)) conditions.push("is_incident = 1");
  const limit = `${placeholder(query.limit)}::integer`;
  return { sql: `SELECT * FROM ${event} AS due WHERE ${conditions.join(" AND ")} ORDER BY id LIMIT ${limit}`, params };
}

/** The verbs on events over an executor. */
export function eventVerbs(executor: Executor, statements: ReturnType<typeof eventStatements>): EventVerbs {
  const stored = new RowAccess(executor, eventTable, statements);

  async function closeOpen(closing: IncidentClosing): Promise<EventRow[]> {
    const closed = (await stored.all(statements.closeOpen, closing, ...closingParams(closing))).sort(
      (a, b) => a.id - b.id,
    );
    const doubled: EventRow[] = [];
    for (const double of closed.flatMap((row) => doublePayment(row, closing))) {
      const row = await stored.insert(double);
      if (row !== undefined) doubled.push(row);
    }
    return [...closed, ...doubled];
  }

  return {
    async appendEvents(events, closing, last) {
      const written: EventRow[] = [];
      for (const [index, event] of events.entries()) {
        const isLast = index === events.length - 1;
        const isOneStep = !isIncidentKind(event.kind) && !closing?.kindsOfOthers?.includes("double_payment");
        if (isLast && isOneStep && closing !== undefined && statements.addAndClose !== undefined) {
          const more = [closing.cashbox, closing.mode, ...closingParams(closing)];
          return [...written, ...(await stored.insertBy(statements.addAndClose, event, more, last))];
        }
        const row = await stored.insert(event, isLast && closing === undefined ? last : undefined);
        if (row !== undefined) written.push(row);
      }
      return closing === undefined ? written : [...written, ...(await closeOpen(closing))];
    },

    async claimEvents(scope, { now, leaseUntil, token, limit }) {
      const claimed = await stored.all(statements.claim, scope, now, token, leaseUntil, limit);
      return claimed.sort((a, b) => a.id - b.id);
    },

    closeEvent(scope, id, result) {
      const [sql, params] = closingBy(statements, result);
      return stored.change(sql, scope, [id, ...params], () => ("token" in result ? "conflict" : "already_applied"));
    },

    listEvents(scope, query) {
      const { sql, params } = statements.list(query);
      return stored.all(sql, scope, ...params);
    },
  };
}

/** Returns the parameters of a closing, after its scope. */
function closingParams({ subject, at, by, note, paymeId, kinds, kindsOfOthers = [] }: IncidentClosing): SqlValue[] {
  return [subject, at, by, note, paymeId, `,${kinds.join()},`, `,${kindsOfOthers.join()},`];
}

/** Returns the statement of a result, and its parameters after the id. */
function closingBy(statements: ReturnType<typeof eventStatements>, result: EventResult): [string, SqlValue[]] {
  if (result.result === "resolved") return [statements.resolve, [result.at, result.by, result.note]];
  if (result.result === "requeued") return [statements.requeue, [result.deliverAt]];
  return [statements.closeLeased, [result.token, ...deliveryOf(result)]];
}

/** Returns the next delivery, the time of delivery and the time of parking. */
function deliveryOf(result: Extract<EventResult, { token: string }>): SqlValue[] {
  if (result.result === "retry") return [result.deliverAt, null, null];
  return result.result === "delivered" ? [null, result.at, null] : [null, null, result.at];
}
