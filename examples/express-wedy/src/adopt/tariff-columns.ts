import { indexName, type Migration, quoted } from "payme-kit/adapter";
import type { OldTables } from "./old-tables";

/**
 * The first steps of the tariffs' tables where `tariff` is here already: what it and `user` lack is added. Recorded as done,
 * they are what `sqlTariffStore` would have made; later steps are its own.
 */
export function tariffSteps({ storage, names, columns }: OldTables): readonly Migration[] {
  const [tariff, user] = [quoted(names.tariff), quoted(names.user)];
  const schema = storage.sql.schema === undefined ? "" : `${storage.sql.schema}.`;
  const grant = `${schema}payme_grant`;
  const missing = (table: "tariff" | "user", wanted: Readonly<Record<string, string>>) =>
    Object.entries(wanted)
      .filter(([name]) => !columns[table].has(name))
      .map(([name, type]) => `ALTER TABLE ${quoted(names[table])} ADD COLUMN ${name} ${type}`);
  return [
    [
      ...missing("tariff", { is_active: "INTEGER NOT NULL DEFAULT 1" }),
      ...(columns.user.size === 0 ? [`CREATE TABLE ${user} (id VARCHAR PRIMARY KEY)`] : []),
      ...missing("user", {
        tariff_id: `INTEGER NULL CONSTRAINT fk_user_tariff REFERENCES ${tariff} (id)`,
        tariff_expires_at: "TIMESTAMP NULL",
        tariff_expires_ms: "BIGINT NULL",
        tariff_change_ms: "BIGINT NULL",
      }),
      `CREATE INDEX ${indexName(names.user, "tariff_change")} ON ${user} (tariff_change_ms)
        WHERE tariff_change_ms IS NOT NULL`,
      `CREATE TABLE ${quoted(grant)} (
        payment_id VARCHAR PRIMARY KEY,
        user_id VARCHAR NOT NULL,
        tariff_id INTEGER NOT NULL,
        name VARCHAR NOT NULL,
        price BIGINT NOT NULL,
        duration_days INTEGER NOT NULL,
        settled_ms BIGINT NOT NULL,
        revoked_ms BIGINT NULL
      )`,
      `CREATE INDEX ${indexName(grant, "user_id")} ON ${quoted(grant)} (user_id) WHERE revoked_ms IS NULL`,
    ],
    [
      ...missing("tariff", { duration_months: "INTEGER NULL" }),
      `ALTER TABLE ${quoted(grant)} ADD COLUMN duration_months INTEGER NULL`,
      `ALTER TABLE ${quoted(grant)} ADD COLUMN duration_ms BIGINT NULL`,
    ],
  ];
}

/** The columns that `run` added to tables that were here, for `undo` to drop. */
export function addedColumns({ names, columns }: OldTables): { readonly table: string; readonly column: string }[] {
  const added = (table: "tariff" | "user", before: ReadonlySet<string>, ours: readonly string[]) =>
    before.size === 0
      ? []
      : ours
          .filter((name) => columns[table].has(name) && !before.has(name))
          .map((column) => ({ table: names[table], column }));
  const [tariff, user] = [new Set(columns.keptTariff.keys()), new Set(columns.keptUser.keys())];
  return [
    ...added("tariff", tariff, ["is_active", "duration_months"]),
    ...added("user", user, ["tariff_id", "tariff_expires_at", "tariff_expires_ms", "tariff_change_ms"]),
  ];
}
