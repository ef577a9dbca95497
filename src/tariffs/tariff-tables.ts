import { type Executor, type Migrations, quoted, type SqlSeam, text } from "../storage/sql";

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

/** The names with defaults filled in, checked. */
export function tariffTableNames(
  names: { readonly [Table in keyof TariffTableNames]?: string | undefined } = {},
): TariffTableNames {
  const tables = {
    tariff: names.tariff ?? DEFAULT_TABLES.tariff,
    user: names.user ?? DEFAULT_TABLES.user,
    grant: names.grant ?? DEFAULT_TABLES.grant,
  };
  Object.values(tables).forEach(quoted);
  return tables;
}

/** The steps that make the tables; what they find of a `user` table they extend, as the Wedy guide does. */
export async function tariffMigrations<Tx>(seam: SqlSeam<Tx>, tables: TariffTableNames): Promise<Migrations> {
  const [tariff, user, grant] = [quoted(tables.tariff), quoted(tables.user), quoted(tables.grant)];
  const index = (table: string, columns: string) => quoted(`idx_${table}_${columns}`);
  const id =
    seam.dialect === "sqlite"
      ? "INTEGER PRIMARY KEY AUTOINCREMENT"
      : "INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY";
  const userColumns: readonly (readonly [name: string, type: string])[] = [
    ["tariff_id", `INTEGER NULL CONSTRAINT fk_user_tariff REFERENCES ${tariff} (id)`],
    ["tariff_expires_at", "TIMESTAMP NULL"],
    ["tariff_expires_ms", "BIGINT NULL"],
    ["tariff_change_ms", "BIGINT NULL"],
  ];
  const present = await seam.read((executor) => columnsOf(executor, seam.dialect, tables.user));
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
        `CREATE INDEX ${index(tables.user, "tariff_change")} ON ${user} (tariff_change_ms)
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
        `CREATE INDEX ${index(tables.grant, "user_id")} ON ${grant} (user_id) WHERE revoked_ms IS NULL`,
      ],
    ],
  };
}

async function columnsOf(executor: Executor, dialect: SqlSeam<never>["dialect"], table: string): Promise<string[]> {
  const source =
    dialect === "sqlite"
      ? "SELECT name FROM pragma_table_info($1::text)"
      : "SELECT column_name AS name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1::text";
  return (await executor.execute(source, [table])).map(({ name }) => text(name));
}
