import type { WedyConfig } from "../config";
import type { Books } from "../open-books";
import { type CheckedRows, checkRows } from "./check-rows";
import { findOldTables, type OldTables } from "./old-tables";
import { openQuestions, PLAN_FILE, readPlan } from "./plan-file";
import { AdoptStop, Exit } from "./stop";

/** What a command works with. */
export interface Desk {
  readonly books: Books;
  readonly config: WedyConfig;
  /** The database without user and password. */
  readonly database: string;
  /** Where the plan is: the folder of the start. */
  readonly folder: string;
  /** For people, on standard error. */
  say(line: string): void;
  /** What may be piped on, on standard output. */
  print(line: string): void;
}

/** The old tables and every row by the plan. @throws AdoptStop where a question is open or a row fits no rule. */
export async function checkedTables(desk: Desk): Promise<{ old: OldTables; checked: CheckedRows }> {
  const plan = readPlan(desk.folder, desk.database);
  const open = openQuestions(plan);
  if (open.length > 0) {
    throw new AdoptStop(`${PLAN_FILE} has open questions. Answer each "is": null there.\n${open.join("\n")}`);
  }
  const old = await findOldTables(desk.books);
  const checked = await checkRows(old, plan, Date.now());
  const { problems } = checked;
  if (problems.length === 0) return { old, checked };
  for (const problem of problems) desk.print(problem);
  throw new AdoptStop(
    `${problems.length} rows fit no rule; they are listed. Mend them in the table, or name their ids under "leave_out" in ${PLAN_FILE}.`,
    Exit.DIFFERENT,
  );
}

/** The same once `run` began. */
export async function movedTables(desk: Desk): Promise<{ old: OldTables; checked: CheckedRows }> {
  const found = await checkedTables(desk);
  if (found.old.isMoved) return found;
  throw new AdoptStop("The tables were not moved in: there is no kept table. Run first: npm run adopt -- run");
}
