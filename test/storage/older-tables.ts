import type { Dialect, TableNames } from "../../src/entry/adapter";
import { ledgerMigrations } from "../../src/storage/sql/migrations";

/** The statements that made the tables before the first step in which `mark` stands, and recorded their steps. */
export function olderTables({ tables, dialect }: { tables: TableNames; dialect: Dialect }, mark: string): string[] {
  const { part, steps } = ledgerMigrations(tables, dialect);
  const count = steps.findIndex((step) => step.join().includes(mark));
  if (count < 1) throw new Error(`no step has ${mark}`);
  const migration = tables.migration;
  return [
    `CREATE TABLE ${migration} (part VARCHAR, step INTEGER, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (part, step))`,
    ...steps.slice(0, count).flat(),
    ...steps.slice(0, count).map((_, n) => `INSERT INTO ${migration} (part, step) VALUES ('${part}', ${n + 1})`),
  ];
}

/** The mark of the step that takes the guide's columns out of the table of payments. */
export const GUIDE_COLUMNS = "DROP COLUMN tariff_id";
