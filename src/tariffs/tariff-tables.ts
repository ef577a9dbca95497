import type { Dialect, Executor, SqlSeam } from "../storage/sql/executor";
import type { Migrations } from "../storage/sql/migrations";
import { text } from "../storage/sql/rows";
import { indexName, named, quoted } from "../storage/sql/tables";

/** The names of the tables that tariffs need. */
export interface TariffTableNames {
  readonly tariff: string;
  /**
   * May be a table of yours: the columns that are missing are added to it. Its `id` must be text and its key, and where
   * it takes no row with nothing but an id, every buyer must have one before he pays.
   */
  readonly user: string;
  readonly grant: string;
}

/** The names that are used where none are given: none that a shop of its own would have. */
const DEFAULT_TABLES: TariffTableNames = { tariff: "payme_tariff", user: "payme_user", grant: "payme_grant" };

/** The names with defaults and schema filled in, checked. */
export function tariffTableNames(
  names: { readonly [Table in keyof TariffTableNames]?: string | undefined } = {},
  schema?: string | undefined,
): TariffTableNames {
  return {
    tariff: named(names.tariff ?? DEFAULT_TABLES.tariff, schema),
    user: named(names.user ?? DEFAULT_TABLES.user, schema),
    grant: named(names.grant ?? DEFAULT_TABLES.grant, schema),
  };
}

/** The steps that make the tables; what they find of a `user` table they extend, as the Wedy guide does. */
export async function tariffMigrations<Tx>(seam: SqlSeam<Tx>, tables: TariffTableNames): Promise<Migrations> {
  const present = await seam.read((executor) => columnsOf(executor, seam.dialect, tables.user));
  return tariffSteps(tables, seam.dialect, present);
}

/** @param present the columns that the `user` table has already. */
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
        // No foreign keys: a grant outlives a row that was deleted by hand, and no payment may fail for it.
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
