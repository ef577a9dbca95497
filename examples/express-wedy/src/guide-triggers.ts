import { type Migration, quoted } from "payme-kit/adapter";

/** Our columns that the guide's are made of. */
const READ = `id, user_id, amount, status, created_ms, paid_ms, payme_transaction_id, payme_cheque_id,
  kind, data, payme_error_code, payme_error_message, updated_ms, webhook_received_ms`;

/** What a dialect has its own words for. */
interface Dialect {
  /** A time in ms as UTC. One outside the years 1 to 9999 becomes the nearest one inside: the payment is written all the same. */
  time(ms: string): string;
  /** The tariff in the snapshot that a payment keeps. */
  tariff(row: string): string;
}

const [FIRST_MS, LAST_MS] = [Date.parse("0001-01-01T00:00:00.000Z"), Date.parse("9999-12-31T23:59:59.999Z")];

/** Writes `row`, or each row of the table `from`, over what is there. `payment_method` is the guide's alone, and stays. */
function write(guide: string, row: string, { time, tariff }: Dialect, from?: string): string {
  const values: Readonly<Record<string, string>> = {
    id: `${row}.id`,
    user_id: `${row}.user_id`,
    amount: `${row}.amount`,
    status: `${row}.status`,
    created_at: time(`${row}.created_ms`),
    paid_at: time(`${row}.paid_ms`),
    payme_transaction_id: `${row}.payme_transaction_id`,
    payme_cheque_id: `${row}.payme_cheque_id`,
    tariff_id: tariff(row),
    payme_error_code: `${row}.payme_error_code`,
    payme_error_message: `${row}.payme_error_message`,
    updated_at: time(`${row}.updated_ms`),
    webhook_received_at: time(`${row}.webhook_received_ms`),
  };
  const columns = Object.keys(values);
  const given = Object.values(values).join(", ");
  // Without a WHERE, SQLite takes the ON of ON CONFLICT for that of a join.
  const rows = from === undefined ? `VALUES (${given})` : `SELECT ${given} FROM ${from} AS ${row} WHERE true`;
  return `INSERT INTO ${guide} (${columns.join(", ")}) ${rows}
    ON CONFLICT (id) DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(", ")}`;
}

const SQLITE: Dialect = {
  time: (ms) => `strftime('%Y-%m-%d %H:%M:%f', min(max(${ms}, ${FIRST_MS}), ${LAST_MS}) / 1000.0, 'unixepoch')`,
  tariff: (row) => `CASE WHEN ${row}.kind = 'tariff' AND json_valid(${row}.data)
    THEN CASE json_type(${row}.data, '$.tariffId') WHEN 'integer' THEN json_extract(${row}.data, '$.tariffId') END END`,
};

/** Keeps the guide's table in step with ours, in the commit of each change and whoever makes it; writes what is there now. */
export function keptInFile(guideTable: string, ourTable: string): Migration {
  const [guide, ours] = [quoted(guideTable), quoted(ourTable)];
  const after = (event: string, name: string, ...statements: string[]) =>
    `CREATE TRIGGER ${quoted(`${ourTable}_guide_${name}`)} AFTER ${event} ON ${ours} BEGIN ${statements.join("; ")}; END`;
  const remove = `DELETE FROM ${guide} WHERE id = OLD.id`;
  const writeNew = write(guide, "NEW", SQLITE);
  return [
    after("INSERT", "added", writeNew),
    after(`UPDATE OF ${READ}`, "changed", `${remove} AND OLD.id <> NEW.id`, writeNew),
    after("DELETE", "removed", remove),
    write(guide, "ours", SQLITE, ours),
  ];
}

/** The same on PostgreSQL. */
export function keptOnPostgres(guideTable: string, ourTable: string): Migration {
  const [guide, ours] = [quoted(guideTable), quoted(ourTable)];
  const functionOf = (name: string) => quoted(`${ourTable}_guide_${name}`);
  const postgres: Dialect = {
    // Days and the rest apart: an interval of so many milliseconds is not exact.
    time: (ms) => `CASE WHEN ${ms} IS NOT NULL THEN timestamp 'epoch'
      + LEAST(GREATEST(${ms}, ${FIRST_MS}), ${LAST_MS}) / 86400000 * interval '1 day'
      + LEAST(GREATEST(${ms}, ${FIRST_MS}), ${LAST_MS}) % 86400000 * interval '1 millisecond' END`,
    tariff: (row) => `CASE WHEN ${row}.kind = 'tariff' THEN ${functionOf("tariff")}(${row}.data) END`,
  };
  // With the rights of its owner: a server needs none on this table. So the caller must not choose the search path.
  const follow = (name: string, body: string) =>
    `CREATE FUNCTION ${functionOf(name)}() RETURNS trigger LANGUAGE plpgsql
      SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$ BEGIN ${body}; RETURN NULL; END $body$`;
  const after = (event: string, name: string, each: "ROW" | "STATEMENT" = "ROW") =>
    `CREATE TRIGGER guide_${name} AFTER ${event} ON ${ours} FOR EACH ${each} EXECUTE FUNCTION ${functionOf(name)}()`;
  const remove = `DELETE FROM ${guide} WHERE id = OLD.id`;
  const writeNew = write(guide, "NEW", postgres);
  return [
    // JSON may hold what PostgreSQL cannot read, such as NUL in a text. No payment may fail because of it.
    `CREATE FUNCTION ${functionOf("tariff")}(data text) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $body$ BEGIN
      RETURN CASE json_typeof(data::json -> 'tariffId') WHEN 'number' THEN (data::json ->> 'tariffId')::integer END;
      EXCEPTION WHEN OTHERS THEN RETURN NULL; END $body$`,
    follow("added", writeNew),
    follow("changed", `IF OLD.id <> NEW.id THEN ${remove}; END IF; ${writeNew}`),
    follow("removed", remove),
    follow("emptied", `DELETE FROM ${guide}`),
    // Before the rows that are there now: from here on nobody else writes payments until this step commits.
    after("INSERT", "added"),
    after(`UPDATE OF ${READ}`, "changed"),
    after("DELETE", "removed"),
    after("TRUNCATE", "emptied", "STATEMENT"),
    write(guide, "ours", postgres, ours),
  ];
}
