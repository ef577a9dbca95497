import { type EventQuery, isIncidentKind } from "../../ledger";
import type { Dialect, SqlValue } from "./executor";
import { quoted, type TableNames } from "./tables";

/** The statements on events. */
export function eventStatements(tables: TableNames, dialect: Dialect) {
  const event = quoted(tables.event);
  const skipLocked = dialect === "postgres" ? "FOR UPDATE SKIP LOCKED" : "";
  return {
    add: `
      INSERT INTO ${event} (cashbox, mode, kind, subject, payme_id, at_ms, data, is_incident, incident_key, deliver_ms)
      VALUES ($1::text, $2::text, $3::text, $4::text, $5::text, $6::bigint, $7::text, $8::integer, $9::text, $10::bigint)
      ON CONFLICT DO NOTHING
      RETURNING *`,

    find: `
      SELECT * FROM ${event} WHERE id = $3::bigint AND cashbox = $1::text AND mode = $2::text`,

    // The oldest undelivered message of each subject: those behind it wait, whether it is leased, delayed or due.
    claim: `
      WITH claimed AS (
        SELECT id FROM ${event} AS due
        WHERE cashbox = $1::text AND mode = $2::text AND deliver_ms IS NOT NULL AND deliver_ms <= $3::bigint
          AND COALESCE(lease_until_ms, 0) <= $3::bigint
          AND NOT EXISTS (
            SELECT 1 FROM ${event} AS older
            WHERE older.cashbox = due.cashbox AND older.mode = due.mode AND older.subject = due.subject
              AND older.deliver_ms IS NOT NULL AND older.id < due.id)
        ORDER BY id LIMIT $6::integer ${skipLocked})
      UPDATE ${event} SET lease_token = $4::text, lease_until_ms = $5::bigint, attempts = attempts + 1
      WHERE id IN (SELECT id FROM claimed)
      RETURNING *`,

    closeLeased: `
      UPDATE ${event} SET lease_token = NULL, lease_until_ms = NULL,
        deliver_ms = $5::bigint, delivered_ms = $6::bigint, parked_ms = $7::bigint
      WHERE id = $3::bigint AND cashbox = $1::text AND mode = $2::text AND lease_token = $4::text
      RETURNING *`,

    requeue: `
      UPDATE ${event} SET deliver_ms = $4::bigint, parked_ms = NULL, attempts = 0
      WHERE id = $3::bigint AND cashbox = $1::text AND mode = $2::text AND parked_ms IS NOT NULL
      RETURNING *`,

    resolve: `
      UPDATE ${event} SET resolved_ms = $4::bigint, resolved_by = $5::text, note = $6::text
      WHERE id = $3::bigint AND cashbox = $1::text AND mode = $2::text AND resolved_ms IS NULL
      RETURNING *`,

    list: (query: EventQuery) => listStatement(event, query),
  };
}

/** A list is asked for by subject, by kinds, for what is open or what is parked: each has its own index. */
function listStatement(event: string, query: EventQuery): { sql: string; params: SqlValue[] } {
  const conditions = ["cashbox = $1::text", "mode = $2::text", "id > $3::bigint"];
  const params: SqlValue[] = [query.after ?? 0];
  const placeholder = (value: SqlValue) => `$${params.push(value) + 2}`;
  if (query.subject !== undefined) conditions.push(`subject = ${placeholder(query.subject)}::text`);
  if (query.kinds !== undefined) {
    const kinds = query.kinds.map((kind) => `${placeholder(kind)}::text`);
    conditions.push(kinds.length === 0 ? "1 = 0" : `kind IN (${kinds.join(", ")})`);
  }
  if (query.open === true) conditions.push("resolved_ms IS NULL");
  if (query.parked === true) conditions.push("parked_ms IS NOT NULL");
  // Said where it follows from the rest, so that the incidents' index is used: stories are many times as many.
  if (query.open === true || query.kinds?.every(isIncidentKind)) conditions.push("is_incident = 1");
  const limit = `${placeholder(query.limit)}::integer`;
  return { sql: `SELECT * FROM ${event} WHERE ${conditions.join(" AND ")} ORDER BY id LIMIT ${limit}`, params };
}
