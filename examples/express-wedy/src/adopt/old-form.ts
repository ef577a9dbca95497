import { tiyin } from "payme-kit";
import { toSom } from "../som";
import { tiyinOf } from "./judge-unit";
import type { GuideColumn, OldPayment } from "./old-rows";
import type { OldTables } from "./old-tables";
import { momentOf, oldTimeText } from "./old-times";
import type { Plan, TimeColumn } from "./plan-file";
import type { TableColumns } from "./table-columns";

/** A row of the guide's table as the old server would have it: its unit, its clock, its words. */
export function oldForm(
  row: OldPayment,
  plan: Plan,
  { columns }: Pick<OldTables, "columns">,
  before?: OldPayment,
): OldPayment {
  const time = (column: Exclude<TimeColumn, "tariff_expires_at">) =>
    row[column] === null ? null : timeIn(row[column], plan, column, columns.payment);
  return {
    ...row,
    amount: plan.unit.is === "som" ? String(toSom(tiyin(row.amount ?? ""))) : row.amount,
    status: wordOf(row.status, plan, before?.status ?? null),
    created_at: time("created_at"),
    paid_at: time("paid_at"),
    updated_at: time("updated_at"),
    webhook_received_at: time("webhook_received_at"),
  };
}

/** The columns in which a row differs from the one before, by what they mean. */
export function changedColumns(now: OldPayment, before: OldPayment, plan: Plan, columns: TableColumns): GuideColumn[] {
  const meaning = (row: OldPayment, column: GuideColumn): unknown => {
    const value = row[column];
    if (value === null) return null;
    if (column === "amount") return tiyinOf(value, plan.unit.is ?? "tiyin");
    return isTimeColumn(column) ? momentOf(value, plan.clock[column].is ?? "UTC") : value;
  };
  return [...columns.keys()].filter(isGuideColumn).filter((column) => meaning(now, column) !== meaning(before, column));

  function isGuideColumn(name: string): name is GuideColumn {
    return name in now;
  }
}

function isTimeColumn(column: GuideColumn): column is Exclude<TimeColumn, "tariff_expires_at"> {
  return ["created_at", "paid_at", "updated_at", "webhook_received_at"].includes(column);
}

/** The text of one of our UTC times by the old clock; with its zone, where the column has one. */
export function timeIn(text: string, plan: Plan, column: TimeColumn, columns: TableColumns): string {
  const moment = momentOf(text, "UTC") ?? 0;
  if (columns.get(column)?.type.includes("with time zone")) return `${oldTimeText(moment, "UTC")}+00`;
  return oldTimeText(moment, plan.clock[column].is ?? "UTC");
}

/** The old word for a status: the row's own where it still says so, else the commonest one. */
function wordOf(status: string | null, { statuses }: Plan, before: string | null): string | null {
  if (before !== null && statuses[before]?.is === status) return before;
  const word = Object.keys(statuses).find((each) => statuses[each]?.is === status);
  return word ?? status;
}
