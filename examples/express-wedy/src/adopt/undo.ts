import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Executor, quoted, type SqlStorage } from "payme-kit/adapter";
import type { Rules } from "./convert";
import type { Desk } from "./desk";
import { returningSteps } from "./keep-tables";
import { paymentsMeanwhile } from "./meanwhile";
import type { NewBooks } from "./new-books";
import type { OldTables } from "./old-tables";
import { addedColumns } from "./tariff-columns";
import { putAside } from "./undone-books";
import { usersMeanwhile } from "./users-meanwhile";

/** Where the statements go, beside standard output. */
export const UNDO_FILE = "adopt-undo.sql";

/** Writes down what changed since the move, then gives the old tables their names back. Our books are put aside, not dropped. */
export async function undo(
  books: NewBooks,
  old: OldTables,
  rules: Rules,
  { folder, print }: Pick<Desk, "folder" | "print">,
) {
  const file = openSync(join(folder, UNDO_FILE), "w", 0o600);
  let count = 0;
  for (const lines of [paymentsMeanwhile(old, rules.plan), usersMeanwhile(books, old, rules)]) {
    for await (const line of lines) {
      writeSync(file, `${line}\n`);
      print(line);
      count += 1;
    }
  }
  // On the disk before the way back: afterwards nobody could tell them any more.
  fsyncSync(file);
  closeSync(file);
  const { sql } = old.storage;
  const aside = await sql.transaction(async (tx) => giveBack(sql.executorOf(tx), old), { patient: true });
  return { count, aside };
}

async function giveBack(executor: Executor, old: OldTables): Promise<string> {
  const { storage, names, kept, columns } = old;
  const run = async (statements: readonly string[]) => {
    for (const statement of statements) await executor.execute(statement, []);
  };
  if (columns.keptUser.has("tariff_id") && columns.keptUser.has("tariff_expires_at")) await run([restoreUsers(old)]);
  await dropAdded(storage, executor, old);
  // The triggers go with our books, so that none of them names a table that is gone.
  const aside = await putAside(storage, executor);
  await run([`DROP TABLE ${quoted(names.payment)}`]);
  await run(await returningSteps(executor, old));
  const copies = [columns.keptUser.size > 0 ? kept.user : "", columns.keptTariff.size > 0 ? kept.tariff : ""];
  await run(copies.filter((name) => name !== "").map((name) => `DROP TABLE ${quoted(name)}`));
  return aside;
}

function restoreUsers({ names, kept }: OldTables): string {
  return `UPDATE ${quoted(names.user)} AS u SET tariff_id = k.tariff_id, tariff_expires_at = k.tariff_expires_at
    FROM ${quoted(kept.user)} AS k WHERE k.id = u.id
      AND (u.tariff_id IS DISTINCT FROM k.tariff_id OR u.tariff_expires_at IS DISTINCT FROM k.tariff_expires_at)`;
}

async function dropAdded({ sql }: SqlStorage<unknown>, executor: Executor, old: OldTables): Promise<void> {
  // SQLite drops no column that has an index.
  const schema = sql.dialect === "postgres" ? '"public".' : "";
  await executor.execute(`DROP INDEX IF EXISTS ${schema}"idx_user_tariff_change"`, []);
  for (const { table, column } of addedColumns(old)) {
    await executor.execute(`ALTER TABLE ${quoted(table)} DROP COLUMN ${quoted(column)}`, []);
  }
}
