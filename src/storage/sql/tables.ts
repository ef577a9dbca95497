import { PaymeConfigError } from "../../errors";

/** The names of our tables. */
export interface TableNames {
  readonly transaction: string;
  readonly payment: string;
  readonly event: string;
  readonly migration: string;
}

/** The names that are used where none are given. */
export const DEFAULT_TABLES: TableNames = {
  transaction: "payme_transaction",
  payment: "payme_payment",
  event: "payme_event",
  migration: "payme_migration",
};

/** A name as SQL takes it. @throws PaymeConfigError for what is no plain identifier: names are never taken on trust. */
export function quoted(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(name)) return `"${name}"`;
  throw new PaymeConfigError(`${JSON.stringify(name)} cannot be the name of a table`, {
    hint: "Use letters, digits and _, at most 63 of them.",
  });
}

/** The names with defaults filled in, checked. */
export function tableNames(names: { readonly [Table in keyof TableNames]?: string | undefined } = {}): TableNames {
  const tables = {
    transaction: names.transaction ?? DEFAULT_TABLES.transaction,
    payment: names.payment ?? DEFAULT_TABLES.payment,
    event: names.event ?? DEFAULT_TABLES.event,
    migration: names.migration ?? DEFAULT_TABLES.migration,
  };
  Object.values(tables).forEach(quoted);
  return tables;
}
