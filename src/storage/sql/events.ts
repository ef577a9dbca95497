import {
  type EventQuery,
  type EventResult,
  type EventRow,
  type EventVerbs,
  type IncidentClosing,
  isIncidentKind,
  type NewEvent,
} from "../../ledger";
import { integer } from "./columns";
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
  const parameterOf = (column: string) => `$${eventTable.inserted.findIndex(({ name }) => name === column) + 1}::text`;
  return {
    add,

    // Also tells whether its subject has open incidents. Most have none: then closing them costs no statement.
    addAndLook: `${add}, CAST(EXISTS (
        SELECT 1 FROM ${event} AS other
        WHERE other.subject IN (${parameterOf("subject")}, ${parameterOf("payme_id")}) AND other.cashbox = ${parameterOf("cashbox")}
          AND other.mode = ${parameterOf("mode")} AND other.is_incident = 1 AND other.resolved_ms IS NULL) AS INTEGER)
        AS has_open`,

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

    closeOpen: `
      UPDATE ${event} SET resolved_ms = $4::bigint, resolved_by = $5::text, note = $6::text
      WHERE subject IN ($3::text, $7::text) AND cashbox = $1::text AND mode = $2::text AND is_incident = 1 AND resolved_ms IS NULL
        AND ((payme_id = $7::text AND $8::text LIKE '%,' || kind || ',%')
          OR (payme_id <> $7::text AND $9::text LIKE '%,' || kind || ',%'))
      RETURNING *`,

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
    const { subject, paymeId, kinds, kindsOfOthers = [], by, note, at } = closing;
    const lists = [`,${kinds.join()},`, `,${kindsOfOthers.join()},`];
    const closed = await stored.all(statements.closeOpen, closing, subject, at, by, note, paymeId, ...lists);
    return closed.sort((a, b) => a.id - b.id);
  }

  return {
    async appendEvents(events, closing) {
      const written: EventRow[] = [];
      let mayBeOpen = true;
      for (const event of events) {
        const isIncident = isIncidentKind(event.kind);
        const looks = mayBeOpen && !isIncident && isOfSubject(event, closing);
        const row = await stored.insertBy(looks ? statements.addAndLook : statements.add, event);
        if (row !== undefined) written.push(eventTable.decode(row));
        if (looks) mayBeOpen = integer(row?.has_open) === 1;
        else mayBeOpen ||= isIncident;
      }
      return closing !== undefined && mayBeOpen ? [...written, ...(await closeOpen(closing))] : written;
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

/** True for an event of the subject and the Payme id whose incidents are to be closed. */
function isOfSubject({ subject, paymeId, cashbox, mode }: NewEvent, closing: IncidentClosing | undefined): boolean {
  const isMeant = subject === closing?.subject && paymeId === closing.paymeId;
  return isMeant && cashbox === closing.cashbox && mode === closing.mode;
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
