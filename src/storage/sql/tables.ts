import { PaymeConfigError } from "../../kit/errors";

/** The names of our tables. On PostgreSQL each may have its schema: `public.payment`. */
export interface TableNames {
  readonly transaction: string;
  readonly payment: string;
  readonly event: string;
  /** The counts of payments of each kind. */
  readonly count: string;
  readonly migration: string;
}

/** The default names. */
export const DEFAULT_TABLES: TableNames = {
  transaction: "payme_transaction",
  payment: "payme_payment",
  event: "payme_event",
  count: "payme_payment_count",
  migration: "payme_migration",
};

/** True for a payment whose refund has begun and not ended. An index has these rows only: its text stays. */
export const IS_REFUNDING = "refund IN ('queued', 'refused', 'stuck')";

/** Returns a name in quotes. @throws PaymeConfigError for a name that is not a plain identifier: names are never trusted. */
export function quoted(name: string): string {
  const parts = name.split(".");
  if (parts.length <= 2 && parts.every(isIdentifier)) return parts.map((part) => `"${part}"`).join(".");
  throw new PaymeConfigError(`${JSON.stringify(name)} cannot be the name of a table`, {
    hint: "Use letters, digits and _, at most 63 of them.",
  });
}

/** Returns the name of an index, without the schema: it is always the schema of its table. */
export function indexName(table: string, columns: string): string {
  return quoted(`idx_${withoutSchema(table)}_${columns}`);
}

/** The same with the schema, as a statement needs it that names no table. */
export function indexPath(table: string, columns: string): string {
  const schema = quoted(table).slice(0, -quoted(withoutSchema(table)).length);
  return `${schema}${indexName(table, columns)}`;
}

/** Returns the name of a trigger on a table, or of its function. */
export function triggerName(table: string, event: string): string {
  return quoted(`${withoutSchema(table)}_${event}`);
}

function withoutSchema(table: string): string {
  return table.slice(table.indexOf(".") + 1);
}

/** Returns a name with the schema, unless it has its own. Without a schema (SQLite) it may have none. */
export function named(name: string, schema: string | undefined): string {
  const full = schema === undefined || name.includes(".") ? name : `${schema}.${name}`;
  quoted(schema === undefined ? name.replaceAll(".", " ") : full);
  return full;
}

/** Returns the checked names, with defaults and schema. */
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
