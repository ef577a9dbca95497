import { PaymeConfigError } from "../../kit/errors";

/** The names of our tables. On PostgreSQL each may carry its schema: `public.payment`. */
export interface TableNames {
  readonly transaction: string;
  readonly payment: string;
  readonly event: string;
  /** How many payments there are of each kind. */
  readonly count: string;
  readonly migration: string;
}

/** The names that are used where none are given. */
export const DEFAULT_TABLES: TableNames = {
  transaction: "payme_transaction",
  payment: "payme_payment",
  event: "payme_event",
  count: "payme_payment_count",
  migration: "payme_migration",
};

/** A name as SQL takes it. @throws PaymeConfigError for what is no plain identifier: names are never taken on trust. */
export function quoted(name: string): string {
  const parts = name.split(".");
  if (parts.length <= 2 && parts.every(isIdentifier)) return parts.map((part) => `"${part}"`).join(".");
  throw new PaymeConfigError(`${JSON.stringify(name)} cannot be the name of a table`, {
    hint: "Use letters, digits and _, at most 63 of them.",
  });
}

/** The name of an index of a table: it is in the table's schema, and is never said with it. */
export function indexName(table: string, columns: string): string {
  return quoted(`idx_${withoutSchema(table)}_${columns}`);
}

/** The name of a trigger on a table, or of its function: it tells what it keeps. */
export function triggerName(table: string, event: string): string {
  return quoted(`${withoutSchema(table)}_${event}`);
}

function withoutSchema(table: string): string {
  return table.slice(table.indexOf(".") + 1);
}

/** A name in a schema, unless it has one of its own. Without a schema (SQLite) it may have none. */
export function named(name: string, schema: string | undefined): string {
  const full = schema === undefined || name.includes(".") ? name : `${schema}.${name}`;
  quoted(schema === undefined ? name.replaceAll(".", " ") : full);
  return full;
}

/** The names with defaults and schema filled in, checked. */
export function tableNames(
  names: { readonly [Table in keyof TableNames]?: string | undefined } = {},
  schema?: string | undefined,
): TableNames {
  return {
    transaction: named(names.transaction ?? DEFAULT_TABLES.transaction, schema),
    payment: named(names.payment ?? DEFAULT_TABLES.payment, schema),
    event: named(names.event ?? DEFAULT_TABLES.event, schema),
    count: named(names.count ?? DEFAULT_TABLES.count, schema),
    migration: named(names.migration ?? DEFAULT_TABLES.migration, schema),
  };
}

function isIdentifier(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(name);
}
