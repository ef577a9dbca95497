import { checkedTables, type Desk, movedTables } from "./desk";
import { importOld } from "./import-old";
import { openNewBooks } from "./new-books";
import { makeTables, statementsOf } from "./new-tables";
import { findOldTables } from "./old-tables";
import { writePlan } from "./plan-file";
import { findingLines, planLines } from "./print-plan";
import { giveRunning } from "./running-tariffs";
import { AdoptStop, Exit } from "./stop";
import { survey } from "./survey";
import { UNDO_FILE, undo } from "./undo";
import { verify } from "./verify";

/** The commands by name. */
export const COMMANDS: Readonly<Record<string, (desk: Desk) => Promise<void>>> = {
  async inspect({ books, database, folder, print }) {
    const plan = await survey(await findOldTables(books), database);
    writePlan(folder, plan);
    for (const line of findingLines(plan)) print(line);
  },

  async plan(desk) {
    const { mode } = openNewBooks(desk.books, desk.config);
    const { old, checked } = await checkedTables(desk);
    for (const line of planLines(checked, await statementsOf(old), mode)) desk.print(line);
    desk.print("Every row fits. With the old server stopped: npm run adopt -- run");
  },

  async run(desk) {
    const books = openNewBooks(desk.books, desk.config);
    const { old: found, checked } = await checkedTables(desk);
    const old = await makeTables(desk.books, found);
    const { imported, same, different } = await importOld(books, old, checked.rules, desk.say);
    await giveRunning(books, old, checked.rules, checked.running, desk.say);
    desk.print(`${imported} payments imported, ${same} were here already; ${checked.running} tariffs run on.`);
    if (different.length === 0) return desk.print("Next: npm run adopt -- verify");
    for (const { id, members } of different) desk.print(`payment ${id}: the books have another ${members.join(", ")}`);
    throw new AdoptStop(
      `${different.length} payments are in the books otherwise, and stay as they are. Was the plan changed after a run? Then: npm run adopt -- undo`,
      Exit.DIFFERENT,
    );
  },

  async verify(desk) {
    const books = openNewBooks(desk.books, desk.config);
    const { old, checked } = await movedTables(desk);
    const { compared, goneOn, differences } = await verify(books, old, checked.rules);
    for (const difference of differences) desk.print(difference);
    desk.print(
      `${compared.payments} payments and ${compared.users} users compared; ${goneOn} payments have gone on since.`,
    );
    if (differences.length > 0)
      throw new AdoptStop(`${differences.length} differences; they are listed.`, Exit.DIFFERENT);
    desk.print("No difference. Next: npm start");
  },

  async undo(desk) {
    const books = openNewBooks(desk.books, desk.config);
    const { old, checked } = await movedTables(desk);
    const { count, aside } = await undo(books, old, checked.rules, desk);
    desk.say(`The old tables have their names back. Our books are kept as ${aside}.`);
    if (count > 0)
      desk.say(`${count} changes since the move: run ${UNDO_FILE} on the database, then start the old server.`);
  },
};
