import type { CheckedRows } from "./check-rows";
import { GUIDE_COLUMNS } from "./old-rows";
import { openQuestions, PLAN_FILE, type Plan } from "./plan-file";

/** The findings, as lines for a person. */
export function findingLines(plan: Plan): string[] {
  const line = (name: string, { is, why }: { is: string | null; why: string }) => `${name} = ${is ?? "?"}  (${why})`;
  const open = openQuestions(plan).length;
  return [
    `${plan.rows} rows of payment in ${plan.database}`,
    line("unit", plan.unit),
    ...Object.entries(plan.clock).map(([column, found]) => line(`clock of ${column}`, found)),
    ...Object.entries(plan.statuses).map(([word, found]) => line(`status ${word}`, found)),
    ...Object.entries(plan.roles).map(([word, found]) => line(`role ${word}`, found)),
    ...plan.notes.map((note) => `note: ${note}`),
    open === 0
      ? `No open question. Next: npm run adopt -- plan`
      : `${open} open questions, each "?" above. Answer them in ${PLAN_FILE} ("is": null). Next: npm run adopt -- plan`,
  ];
}

/** What `run` would do, as lines for a person. Of each row, what its conversion is made of: ids, words, sums and times. */
export function planLines(
  { counts, leftOut, running, samples }: CheckedRows,
  statements: readonly string[],
  mode: string,
): string[] {
  return [
    "-- Tables that are here change by:",
    ...statements.map((statement) => `${statement};`),
    "-- Beside them payme-kit makes its own tables (npx payme-kit schema), and this server the guide's payment.",
    `-- Payments become ${mode} ones: ${mode === "live" ? "PAYME_TEST_MODE is false" : "PAYME_TEST_MODE is true"}.`,
    "",
    ...Object.entries(counts).map(([status, count]) => `${count} payments ${status}`),
    `${leftOut} payments left out`,
    `${running} running tariffs`,
    "",
    ...samples.flatMap(({ old, payment }) => [
      `before: ${GUIDE_COLUMNS.filter((name) => SHOWN.has(name) && old[name] !== null)
        .map((name) => `${name}=${old[name]}`)
        .join(" ")}`,
      `after:  id=${payment.id} amount=${payment.amount} tiyin status=${payment.status} created_at=${timeText(payment.createdAt)}${
        payment.paidAt ? ` paid_at=${timeText(payment.paidAt)}` : ""
      }`,
    ]),
  ];
}

const SHOWN = new Set(["id", "amount", "status", "created_at", "paid_at", "payme_transaction_id", "tariff_id"]);

const timeText = (ms: number) => new Date(ms).toISOString();
