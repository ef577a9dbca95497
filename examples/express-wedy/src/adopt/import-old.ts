import type { ImportReport } from "payme-kit";
import { quoted } from "payme-kit/adapter";
import { convertedRows } from "./check-rows";
import type { Rules } from "./convert";
import type { NewBooks } from "./new-books";
import { countRows } from "./old-rows";
import type { OldTables } from "./old-tables";
import { progressOf } from "./progress";
import { AdoptStop, Exit } from "./stop";
import { isUntouched } from "./untouched";

/** How many payments commit together. */
const BATCH = 200;

/** Imports the kept payments. What is imported already stays as it is. */
export async function importOld(
  { payments }: NewBooks,
  old: OldTables,
  rules: Rules,
  say: (line: string) => void,
): Promise<ImportReport> {
  const total = await countRows(old, old.payments);
  const progress = progressOf("payments", total - rules.plan.leave_out.payments.length, say);
  const report = await payments.import(paymentsOf(old, rules), {
    batchSize: BATCH,
    onProgress: ({ imported, same, different }) => progress.at(imported + same + different.length),
  });
  await takeGuideColumns(old);
  return report;
}

async function* paymentsOf(old: OldTables, rules: Rules) {
  for await (const { row, converted } of convertedRows(old, rules)) {
    if (converted === "left_out") continue;
    if ("payment" in converted) yield converted.payment;
    else throw new AdoptStop(`payment ${row.id}: ${converted.problem}. Mend it, and run it again.`, Exit.DIFFERENT);
  }
}

/** What our books do not keep: the guide's table has it as it was, until the payment changes. */
async function takeGuideColumns(old: OldTables): Promise<void> {
  const { storage, names, kept, columns } = old;
  const had = (column: string) => (columns.payment.has(column) ? `CAST(k.${column} AS text)` : "NULL");
  const method = columns.payment.has("payment_method") ? had("payment_method") : "'PAYME'";
  const update = `UPDATE ${quoted(names.payment)} AS g
    SET payment_method = ${method}, payme_cheque_id = ${had("payme_cheque_id")},
      updated_at = CASE WHEN ${had("updated_at")} IS NULL THEN NULL ELSE g.updated_at END
    FROM ${quoted(kept.payment)} AS k
    WHERE CAST(k.id AS text) = g.id AND ${isUntouched(storage, "g.id")}
      AND (g.payment_method IS DISTINCT FROM ${method} OR g.payme_cheque_id IS DISTINCT FROM ${had("payme_cheque_id")}
        OR (${had("updated_at")} IS NULL AND g.updated_at IS NOT NULL))`;
  const { sql } = storage;
  await sql.transaction((tx) => sql.executorOf(tx).execute(update, []), { patient: true });
}
