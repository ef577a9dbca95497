import { integer, quoted } from "payme-kit/adapter";
import { keyPages, type TextRow } from "./key-pages";
import type { OldTables } from "./old-tables";

/** The guide's columns of `payment`, in its order. */
export const GUIDE_COLUMNS = [
  "id",
  "user_id",
  "amount",
  "status",
  "created_at",
  "paid_at",
  "payme_transaction_id",
  "payme_cheque_id",
  "tariff_id",
  "payment_method",
  "payme_error_code",
  "payme_error_message",
  "updated_at",
  "webhook_received_at",
] as const;

export type GuideColumn = (typeof GUIDE_COLUMNS)[number];

/** The columns without which a table is not the guide's. */
export const NEEDED_COLUMNS = ["id", "user_id", "amount", "status", "created_at"] as const;

/** A row of the old `payment`, as text. */
export type OldPayment = TextRow<GuideColumn>;

/** What a user had, as text. */
export type OldUser = TextRow<"id" | "tariff_id" | "tariff_expires_at">;

/** Pages of the old payments. */
export function oldPayments({ storage, payments, columns }: OldTables): AsyncGenerator<readonly OldPayment[]> {
  return keyPages(storage.sql, { table: payments, columns: columns.payment, wanted: GUIDE_COLUMNS });
}

/** Pages of the users as they were: from the copy, once there is one. */
export async function* oldUsers({ storage, kept, names, columns }: OldTables): AsyncGenerator<readonly OldUser[]> {
  const [table, present] = columns.keptUser.size > 0 ? [kept.user, columns.keptUser] : [names.user, columns.user];
  if (!present.has("id") || !present.has("tariff_id") || !present.has("tariff_expires_at")) return;
  const wanted = ["id", "tariff_id", "tariff_expires_at"] as const;
  yield* keyPages(storage.sql, { table, columns: present, wanted });
}

/** How many rows a table has. */
export async function countRows({ storage }: Pick<OldTables, "storage">, table: string): Promise<number> {
  const count = `SELECT COUNT(*) AS count FROM ${quoted(table)}`;
  const [row] = await storage.sql.read((executor) => executor.execute(count, []));
  return integer(row?.count);
}
