import { quoted } from "payme-kit/adapter";
import { asText, keyPages, textRow } from "./key-pages";
import { changedColumns, oldForm } from "./old-form";
import { GUIDE_COLUMNS, type OldPayment } from "./old-rows";
import type { OldTables } from "./old-tables";
import type { Plan } from "./plan-file";
import { sqlText } from "./sql-text";
import { columnsOf } from "./table-columns";

/** What changed among payments since the move, as statements for the old table. Texts of errors are left out. */
export async function* paymentsMeanwhile(old: OldTables, plan: Plan): AsyncGenerator<string> {
  const { storage, names, columns } = old;
  const present = await columnsOf(storage.sql, names.payment);
  const left = new Set(plan.leave_out.payments);
  for await (const page of keyPages(storage.sql, { table: names.payment, columns: present, wanted: GUIDE_COLUMNS })) {
    const before = await keptRows(
      old,
      page.map(({ id }) => id),
    );
    for (const row of page) {
      const kept = before.get(row.id);
      const now = oldForm(row, plan, old, kept);
      if (kept === undefined && !left.has(row.id ?? "")) yield insertOf(now, old);
      if (kept === undefined) continue;
      const changed = changedColumns(now, kept, plan, columns.payment).filter((name) => name !== "payme_error_message");
      if (changed.length === 0) continue;
      const set = changed.map((name) => `${name} = ${sqlText(now[name])}`).join(", ");
      yield `UPDATE payment SET ${set} WHERE id = ${sqlText(row.id)};`;
    }
  }
}

/** The kept rows of these ids. */
async function keptRows({ storage, kept, columns }: OldTables, ids: readonly (string | null)[]) {
  const list = GUIDE_COLUMNS.map((name) => asText(name, columns.payment)).join(", ");
  const type = storage.sql.dialect === "sqlite" ? "text" : (columns.payment.get("id")?.type ?? "text");
  const givenIds =
    storage.sql.dialect === "sqlite"
      ? "SELECT value FROM json_each($1::text)"
      : `SELECT CAST(value AS ${type}) FROM json_array_elements_text($1::text::json) AS value`;
  const rows = await storage.sql.read((executor) =>
    executor.execute(`SELECT ${list} FROM ${quoted(kept.payment)} AS t WHERE t.id IN (${givenIds})`, [
      JSON.stringify(ids),
    ]),
  );
  return new Map(rows.map((row) => [typeof row.id === "string" ? row.id : null, textRow(row, GUIDE_COLUMNS)]));
}

function insertOf(row: OldPayment, { columns }: OldTables): string {
  const known = GUIDE_COLUMNS.filter((name) => columns.payment.has(name) && name !== "payme_error_message");
  const needed = [...columns.payment.values()].filter(
    ({ name, isNeeded }) => isNeeded && !known.some((k) => k === name),
  );
  const names = [...known, ...needed.map(({ name }) => name)];
  // Nobody here knows what belongs there: so the statement cannot run before a person says it.
  const values = [...known.map((name) => sqlText(row[name])), ...needed.map(({ name }) => `<${name}>`)];
  return `INSERT INTO payment (${names.join(", ")}) VALUES (${values.join(", ")});`;
}
