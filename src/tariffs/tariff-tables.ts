import { text } from "../storage/sql/columns";
import type { Dialect, Executor, SqlSeam } from "../storage/sql/executor";
import type { Migrations } from "../storage/sql/migrations";
import { indexName, named, quoted } from "../storage/sql/tables";

/** The names of the tables that tariffs need. */
export interface TariffTableNames {
  readonly tariff: string;
  /**
   * May be a table of yours: missing columns are added to it. Its `id` must be text and its key. Where a row needs more
   * than an id, every buyer must have a row before he pays.
   */
  readonly user: string;
  readonly grant: string;
}

/** The names with schema, checked. No shop has tables with the default names. */
export function tariffTableNames(
  names: { readonly [Table in keyof TariffTableNames]?: string | undefined } = {},
  schema?: string | undefined,
): TariffTableNames {
  const { tariff = "payme_tariff", user = "payme_user", grant = "payme_grant" } = names;
  return { tariff: named(tariff, schema), user: named(user, schema), grant: named(grant, schema) };
}

/** The steps that make the tables. A `user` table that is there gets new columns, as in the Wedy guide. */
export async function tariffMigrations<Tx>(seam: SqlSeam<Tx>, tables: TariffTableNames): Promise<Migrations> {
  const present = await seam.read((executor) => columnsOf(executor, seam.dialect, tables.user));
  return tariffSteps(tables, seam.dialect, present);
}

/** @param present the columns of the `user` table that is there. */
export function tariffSteps(tables: TariffTableNames, dialect: Dialect, present: readonly string[] = []): Migrations {
  const [tariff, user, grant] = [quoted(tables.tariff), quoted(tables.user), quoted(tables.grant)];
  const id =
    dialect === "sqlite" ? "INTEGER PRIMARY KEY AUTOINCREMENT" : "INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY";
  const userColumns: readonly (readonly [name: string, type: string])[] = [
    ["tariff_id", `INTEGER NULL CONSTRAINT fk_user_tariff REFERENCES ${tariff} (id)`],
    ["tariff_expires_at", "TIMESTAMP NULL"],
    ["tariff_expires_ms", "BIGINT NULL"],
    ["tariff_change_ms", "BIGINT NULL"],
  ];
  const added = userColumns.filter(([name]) => !present.includes(name));
  return {
    part: "tariffs",
    steps: [
      [
        `CREATE TABLE ${tariff} (
          id ${id},
          name VARCHAR NOT NULL,
          price BIGINT NOT NULL,
          duration_days INTEGER NOT NULL,
          is_active INTEGER NOT NULL DEFAULT 1
        )`,
        `CREATE TABLE IF NOT EXISTS ${user} (id VARCHAR PRIMARY KEY)`,
        ...added.map(([name, type]) => `ALTER TABLE ${user} ADD COLUMN ${name} ${type}`),
        `CREATE INDEX ${indexName(tables.user, "tariff_change")} ON ${user} (tariff_change_ms)
          WHERE tariff_change_ms IS NOT NULL`,
        // No foreign keys: a row that was deleted by hand must not make a payment fail.
        `CREATE TABLE ${grant} (
          payment_id VARCHAR PRIMARY KEY,
          user_id VARCHAR NOT NULL,
          tariff_id INTEGER NOT NULL,
          name VARCHAR NOT NULL,
          price BIGINT NOT NULL,
          duration_days INTEGER NOT NULL,
          settled_ms BIGINT NOT NULL,
          revoked_ms BIGINT NULL
        )`,
        `CREATE INDEX ${indexName(tables.grant, "user_id")} ON ${grant} (user_id) WHERE revoked_ms IS NULL`,
      ],
      [
        `ALTER TABLE ${tariff} ADD COLUMN duration_months INTEGER NULL`,
        `ALTER TABLE ${grant} ADD COLUMN duration_months INTEGER NULL`,
        `ALTER TABLE ${grant} ADD COLUMN duration_ms BIGINT NULL`,
      ],
    ],
  };
}

async function columnsOf(executor: Executor, dialect: Dialect, table: string): Promise<string[]> {
  const source =
    dialect === "sqlite"
      ? "SELECT name FROM pragma_table_info($1::text)"
      : "SELECT attname::text AS name FROM pg_attribute WHERE attrelid = to_regclass($1::text) AND attnum > 0 AND NOT attisdropped";
  return (await executor.execute(source, [dialect === "sqlite" ? table : quoted(table)])).map(({ name }) => text(name));
}
