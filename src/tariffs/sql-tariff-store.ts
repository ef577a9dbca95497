import { som } from "../kit/money";
import { integer, nullable, text } from "../storage/sql/columns";
import type { Dialect, Executor, SqlRow, SqlStorage } from "../storage/sql/executor";
import { migrate } from "../storage/sql/migrations";
import { sqlTime } from "../storage/sql/rows";
import { quoted } from "../storage/sql/tables";
import { inSom, type Tariff } from "./tariff";
import type { TariffReads, TariffStore, TariffUser, TariffVerbs } from "./tariff-store";
import { type TariffTableNames, tariffMigrations, tariffTableNames } from "./tariff-tables";
import type { GrantRow } from "./timetable";

/** Options of {@link sqlTariffStore}. */
export interface SqlTariffStoreOptions {
  /** Default `payme_tariff`, `payme_user`, `payme_grant`. */
  tables?: { readonly [Table in keyof TariffTableNames]?: string | undefined } | undefined;
}

/**
 * Tariffs, users and grants in the SQL database that keeps the payments.
 *
 * @example
 * const store = sqlTariffStore(storage, { tables: { tariff: "tariff", user: "user" } });
 * const tariffs = createTariffs({ payments, store });
 */
export function sqlTariffStore<Tx>(
  storage: Pick<SqlStorage<Tx>, "sql" | "tables">,
  options: SqlTariffStoreOptions = {},
): TariffStore<Tx> {
  const { sql } = storage;
  const tables = tariffTableNames(options.tables, sql.schema);
  const statements = statementsFor(tables, sql.dialect);
  const read = <R>(work: (reads: TariffReads) => Promise<R>) =>
    sql.read((executor) => work(reads(executor, statements)));
  return {
    findTariff: (id) => read((found) => found.findTariff(id)),
    listTariffs: (query) => read((found) => found.listTariffs(query)),
    findUser: (userId) => read((found) => found.findUser(userId)),
    listGrants: (userId) => read((found) => found.listGrants(userId)),
    usersDue: (query) => read((found) => found.usersDue(query)),
    using: (tx) => verbs(sql.executorOf(tx), statements),
    migrate: async () => migrate(sql, storage.tables, await tariffMigrations(sql, tables)),
  };
}

// Tables of a shop have types of their own: a number as a user's id, a boolean, a price with decimals.
const USER_COLUMNS = "CAST(id AS text) AS id, tariff_id, tariff_expires_ms";
const TARIFF_COLUMNS = `id, name, CAST(price AS bigint) AS price, duration_days, duration_months,
  CAST(is_active AS integer) AS is_active`;

/** A value in the type of the column that it goes into or is compared with. SQLite does so by itself. */
function typed(dialect: Dialect, table: string, column: string, value: string): string {
  if (dialect === "sqlite") return value;
  return `(SELECT ${column} FROM json_populate_record(NULL::${table}, json_build_object('${column}', ${value})))`;
}

type Statements = ReturnType<typeof statementsFor>;

function statementsFor(tables: TariffTableNames, dialect: Dialect) {
  const [tariff, user, grant] = [quoted(tables.tariff), quoted(tables.user), quoted(tables.grant)];
  const userId = typed(dialect, user, "id", "$1::text");
  const isActive = (value: string) => typed(dialect, tariff, "is_active", value);
  const active = "CAST(is_active AS integer) >= $1::integer";
  // Where the column has a zone, that of the connection must not count.
  const expiresAt = dialect === "sqlite" ? "$3::text" : typed(dialect, user, "tariff_expires_at", "$3::text || '+00'");
  return {
    findTariff: `SELECT ${TARIFF_COLUMNS} FROM ${tariff} WHERE id = $1::integer`,
    countTariffs: `SELECT COUNT(*) AS total FROM ${tariff} WHERE ${active}`,
    listTariffs: `SELECT ${TARIFF_COLUMNS} FROM ${tariff} WHERE ${active} ORDER BY id LIMIT $2::bigint OFFSET $3::bigint`,
    addTariff: `INSERT INTO ${tariff} (name, price, duration_days, is_active, duration_months)
      VALUES ($1::text, $2::bigint, $3::integer, ${isActive("$4::integer")}, $5::integer) RETURNING ${TARIFF_COLUMNS}`,
    changeTariff: `UPDATE ${tariff} SET name = COALESCE($2::text, name), price = COALESCE($3::bigint, price),
      duration_days = COALESCE($4::integer, duration_days), is_active = COALESCE(${isActive("$5::integer")}, is_active),
      duration_months = CASE WHEN $4::integer IS NULL THEN duration_months ELSE $6::integer END
      WHERE id = $1::integer RETURNING ${TARIFF_COLUMNS}`,
    findUser: `SELECT ${USER_COLUMNS} FROM ${user} WHERE id = ${userId}`,
    // On SQLite the write transaction keeps others away; there is no FOR UPDATE.
    lockUser: `SELECT ${USER_COLUMNS} FROM ${user} WHERE id = ${userId}${dialect === "postgres" ? " FOR UPDATE" : ""}`,
    // The update changes nothing: it locks and returns a row that another transaction made in between.
    addUser: `INSERT INTO ${user} (id) VALUES (${userId})
      ON CONFLICT (id) DO UPDATE SET id = excluded.id RETURNING ${USER_COLUMNS}`,
    // The foreign key holds, even where the tariff's row is gone.
    saveProjection: `UPDATE ${user} SET tariff_id = (SELECT id FROM ${tariff} WHERE id = $2::integer),
      tariff_expires_at = ${expiresAt}, tariff_expires_ms = $4::bigint, tariff_change_ms = $5::bigint
      WHERE id = ${userId} RETURNING id`,
    usersDue: `SELECT CAST(id AS text) AS id FROM ${user} WHERE tariff_change_ms <= $1::bigint ORDER BY tariff_change_ms, id LIMIT $2::bigint`,
    listGrants: `SELECT * FROM ${grant} WHERE user_id = $1::text AND revoked_ms IS NULL`,
    addGrant: `INSERT INTO ${grant} (payment_id, user_id, tariff_id, name, price, duration_days, settled_ms,
        duration_months, duration_ms)
      VALUES ($1::text, $2::text, $3::integer, $4::text, $5::bigint, $6::integer, $7::bigint, $8::integer, $9::bigint)
      ON CONFLICT (payment_id) DO NOTHING RETURNING payment_id`,
    revokeGrant: `UPDATE ${grant} SET revoked_ms = $2::bigint
      WHERE payment_id = $1::text AND revoked_ms IS NULL RETURNING payment_id`,
    findGrant: `SELECT payment_id FROM ${grant} WHERE payment_id = $1::text`,
  };
}

function reads(executor: Executor, statements: Statements): TariffReads {
  return {
    async findTariff(id) {
      const [row] = await executor.execute(statements.findTariff, [id]);
      return row === undefined ? undefined : tariffOf(row);
    },

    async listTariffs({ skip, limit, activeOnly }) {
      const atLeast = activeOnly ? 1 : 0;
      const [count] = await executor.execute(statements.countTariffs, [atLeast]);
      const rows = await executor.execute(statements.listTariffs, [atLeast, limit, skip]);
      return { total: integer(count?.total), tariffs: rows.map(tariffOf) };
    },

    async findUser(userId) {
      const [row] = await executor.execute(statements.findUser, [userId]);
      return row === undefined ? undefined : userOf(row);
    },

    listGrants: async (userId) => (await executor.execute(statements.listGrants, [userId])).map(grantOf),

    usersDue: async ({ now, limit }) =>
      (await executor.execute(statements.usersDue, [now, limit])).map(({ id }) => text(id)),
  };
}

function verbs(executor: Executor, statements: Statements): TariffVerbs {
  return {
    async addTariff({ name, price, durationDays, durationMonths = null, isActive }) {
      const values = [name, inSom(price), durationDays, Number(isActive), durationMonths];
      return tariffOf(theOne(await executor.execute(statements.addTariff, values)));
    },

    async changeTariff(id, { name = null, price, durationDays = null, durationMonths = null, isActive }) {
      const active = isActive === undefined ? null : Number(isActive);
      const values = [id, name, price === undefined ? null : inSom(price), durationDays, active, durationMonths];
      const [row] = await executor.execute(statements.changeTariff, values);
      return row === undefined ? undefined : tariffOf(row);
    },

    async lockUser(userId) {
      // Looked for first: a user table of the shop may refuse a row with an id alone.
      const [known] = await executor.execute(statements.lockUser, [userId]);
      return userOf(known ?? theOne(await executor.execute(statements.addUser, [userId])));
    },

    async addGrant({ paymentId, userId, tariffId, name, price, durationDays, durationMonths, durationMs, settledAt }) {
      const exact = [durationMonths ?? null, durationMs ?? null];
      const values = [paymentId, userId, tariffId, name, inSom(price), durationDays, settledAt, ...exact];
      const added = await executor.execute(statements.addGrant, values);
      return { outcome: added.length === 1 ? "applied" : "already_applied" };
    },

    async revokeGrant(paymentId, at) {
      const revoked = await executor.execute(statements.revokeGrant, [paymentId, at]);
      if (revoked.length === 1) return { outcome: "applied" };
      const [known] = await executor.execute(statements.findGrant, [paymentId]);
      return { outcome: known === undefined ? "not_found" : "already_applied" };
    },

    async saveProjection(userId, { tariffId, expiresAt, nextChangeAt }) {
      const values = [userId, tariffId, expiryText(expiresAt), expiresAt, nextChangeAt];
      await executor.execute(statements.saveProjection, values);
    },

    ...reads(executor, statements),
  };
}

/** The last moment that `YYYY-MM-DD HH:MM:SS.mmm` can say. */
const LAST_WRITTEN_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

function expiryText(expiresAt: number | null): string | null {
  return expiresAt === null ? null : sqlTime(Math.min(expiresAt, LAST_WRITTEN_MS));
}

function theOne(rows: readonly SqlRow[]): SqlRow {
  const [row] = rows;
  if (row === undefined) throw new TypeError("the database gave no row where RETURNING gives one");
  return row;
}

function tariffOf(row: SqlRow): Tariff {
  return {
    id: integer(row.id),
    name: text(row.name),
    price: som(integer(row.price)),
    durationDays: integer(row.duration_days),
    durationMonths: nullable(row.duration_months, integer) ?? undefined,
    isActive: integer(row.is_active) === 1,
  };
}

function userOf(row: SqlRow): TariffUser {
  return {
    id: text(row.id),
    tariffId: nullable(row.tariff_id, integer),
    tariffExpiresAt: nullable(row.tariff_expires_ms, integer),
  };
}

/** The durations that are not in days; what a row has not is left out. */
function exactOf(row: SqlRow): Pick<GrantRow, "durationMonths" | "durationMs"> {
  const [months, ms] = [nullable(row.duration_months, integer), nullable(row.duration_ms, integer)];
  return { ...(months === null ? {} : { durationMonths: months }), ...(ms === null ? {} : { durationMs: ms }) };
}

function grantOf(row: SqlRow): GrantRow {
  return {
    paymentId: text(row.payment_id),
    userId: text(row.user_id),
    tariffId: integer(row.tariff_id),
    name: text(row.name),
    price: som(integer(row.price)),
    durationDays: integer(row.duration_days),
    settledAt: integer(row.settled_ms),
    revokedAt: nullable(row.revoked_ms, integer),
    ...exactOf(row),
  };
}
