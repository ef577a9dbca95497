import { migrate } from "payme-kit/adapter";
import type { Books } from "../open-books";
import { keepingSteps } from "./keep-tables";
import { findOldTables, type OldTables } from "./old-tables";
import { tariffSteps } from "./tariff-columns";

/** The statements that change tables which are here, in their order. Beside them only new tables are made. */
export async function statementsOf(old: OldTables): Promise<string[]> {
  const keeping = old.isMoved ? [] : await keepingSteps(old);
  const isDone = old.columns.user.has("tariff_change_ms");
  return [...keeping, ...(old.columns.tariff.size === 0 || isDone ? [] : tariffSteps(old).flat())];
}

/** Puts the old payments aside, and makes our tables and the guide's. Each part commits at once; a crash in between is made up for. */
export async function makeTables(books: Books, found: OldTables): Promise<OldTables> {
  const { storage, store } = books;
  const { sql, tables } = storage;
  if (!found.isMoved) await migrate(sql, tables, { part: "adopt", steps: [await keepingSteps(found)] });
  await storage.migrate();
  const old = await findOldTables(books);
  if (old.columns.keptTariff.size > 0) await migrate(sql, tables, { part: "tariffs", steps: tariffSteps(old) });
  await store.migrate();
  return old;
}
