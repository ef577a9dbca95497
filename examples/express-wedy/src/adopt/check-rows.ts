import type { ImportedPayment } from "payme-kit";
import { integer, quoted, text } from "payme-kit/adapter";
import { type Converted, convert, type Rules } from "./convert";
import { countRows, type OldPayment, oldPayments, oldUsers } from "./old-rows";
import type { OldTables } from "./old-tables";
import { oldTariffs } from "./old-tariffs";
import { endsAtOf } from "./old-users";
import type { Plan } from "./plan-file";

/** What a pass over all rows found. Nothing was written. */
export interface CheckedRows {
  readonly rules: Rules;
  /** Payments that convert, of each status. */
  readonly counts: Readonly<Record<string, number>>;
  readonly leftOut: number;
  /** Users whose tariff runs. */
  readonly running: number;
  /** One of each old status, before and after. */
  readonly samples: readonly { readonly old: OldPayment; readonly payment: ImportedPayment }[];
  /** What fits no rule: the row, and why. */
  readonly problems: readonly string[];
}

/** Converts every row, and keeps none. */
export async function checkRows(old: OldTables, plan: Plan, now: number): Promise<CheckedRows> {
  const rules = { plan, tariffs: await oldTariffs(old), repeated: await repeatedReceipts(old) };
  const [counts, samples, problems]: [Record<string, number>, Map<string, CheckedRows["samples"][number]>, string[]] = [
    {},
    new Map(),
    [],
  ];
  let [leftOut, read, running] = [0, 0, 0];
  for await (const { row, converted } of convertedRows(old, rules)) {
    read += 1;
    if (converted === "left_out") leftOut += 1;
    else if ("problem" in converted) problems.push(`payment ${row.id ?? "without an id"}: ${converted.problem}`);
    else {
      const { payment } = converted;
      counts[payment.status] = (counts[payment.status] ?? 0) + 1;
      if (!samples.has(row.status ?? "")) samples.set(row.status ?? "", { old: row, payment });
    }
  }
  const there = await countRows(old, old.payments);
  if (read !== there)
    problems.push(`payment: ${there} rows, and ${read} can be told apart by their id; each needs its own`);
  for await (const page of oldUsers(old)) {
    for (const user of page.filter(({ id }) => !plan.leave_out.users.includes(id ?? ""))) {
      const end = endsAtOf(user, rules);
      if (typeof end === "string") problems.push(`user ${user.id}: ${end}`);
      else if (end !== null && end > now) running += 1;
    }
  }
  return { rules, counts, leftOut, running, samples: [...samples.values()], problems };
}

/** Every row with what becomes of it, in the order of ids. */
export async function* convertedRows(
  old: OldTables,
  rules: Rules,
): AsyncGenerator<{ readonly row: OldPayment; readonly converted: Converted | "left_out" }> {
  const leaveOut = new Set(rules.plan.leave_out.payments);
  for await (const page of oldPayments(old)) {
    for (const row of page) {
      yield { row, converted: leaveOut.has(row.id ?? "") ? "left_out" : convert(row, rules) };
    }
  }
}

/** Receipts with which more than one payment was paid. */
async function repeatedReceipts({ storage, payments, columns }: OldTables): Promise<ReadonlySet<string>> {
  if (!columns.payment.has("payme_transaction_id") || !columns.payment.has("paid_at")) return new Set();
  const rows = await storage.sql.read((executor) =>
    executor.execute(
      `SELECT CAST(payme_transaction_id AS text) AS id, COUNT(*) AS count FROM ${quoted(payments)}
        WHERE paid_at IS NOT NULL AND payme_transaction_id IS NOT NULL GROUP BY payme_transaction_id HAVING COUNT(*) > 1`,
      [],
    ),
  );
  return new Set(rows.filter(({ count }) => integer(count) > 1).map(({ id }) => text(id)));
}
