import { quoted, type SqlStorage } from "payme-kit/adapter";

/** The events that the move itself wrote. Each change of a payment since writes another one. */
const OF_THE_MOVE = "'payment.imported', 'tariff.granted'";

/** SQL: true while nothing has happened to the payment since it was imported. `id` is SQL for its id. */
export function isUntouched({ tables }: Pick<SqlStorage<unknown>, "tables">, id: string): string {
  return `NOT EXISTS (SELECT 1 FROM ${quoted(tables.event)} AS e WHERE e.subject = ${id} AND e.kind NOT IN (${OF_THE_MOVE}))`;
}

/** SQL: true for a payment that was imported. */
export function isImported({ tables }: Pick<SqlStorage<unknown>, "tables">, id: string): string {
  return `EXISTS (SELECT 1 FROM ${quoted(tables.event)} AS e WHERE e.subject = ${id} AND e.kind = 'payment.imported')`;
}
