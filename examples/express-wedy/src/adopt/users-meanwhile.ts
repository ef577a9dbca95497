import { quoted, sqlTime, text } from "payme-kit/adapter";
import type { Rules } from "./convert";
import type { NewBooks } from "./new-books";
import { timeIn } from "./old-form";
import { oldUsers } from "./old-rows";
import type { OldTables } from "./old-tables";
import { endsAtOf } from "./old-users";
import { sqlText } from "./sql-text";

/** What changed among users' tariffs since the move, as statements for the old table. */
export async function* usersMeanwhile({ tariffs }: NewBooks, old: OldTables, rules: Rules): AsyncGenerator<string> {
  const { columns } = old;
  const left = new Set(rules.plan.leave_out.users);
  const statement = async (id: string, endBefore: number | null, tariffBefore: string | null) => {
    const { tariffId, expiresAt } = await tariffs.current(id);
    const [end, tariff] = [expiresAt, tariffId === null ? null : String(tariffId)];
    if (end === endBefore && (end === null || tariff === tariffBefore)) return undefined;
    const at = end === null ? null : timeIn(sqlTime(end), rules.plan, "tariff_expires_at", columns.user);
    return `UPDATE "user" SET tariff_id = ${sqlText(tariffId)}, tariff_expires_at = ${sqlText(at)} WHERE id = ${sqlText(id)};`;
  };
  for await (const page of oldUsers(old)) {
    for (const user of page.filter(({ id }) => !left.has(id ?? ""))) {
      const end = endsAtOf(user, rules);
      const before = typeof end === "number" && end > Date.now() ? end : null;
      const line = await statement(user.id ?? "", before, user.tariff_id);
      if (line !== undefined) yield line;
    }
  }
  for (const id of await newUsers(old)) {
    const line = await statement(id, null, null);
    if (line !== undefined) yield line;
  }
}

/** Users that have a row since the move only: it stays, with its times by our clock. */
async function newUsers({ storage, names, kept, columns }: OldTables): Promise<string[]> {
  if (columns.keptUser.size === 0) return [];
  const rows = await storage.sql.read((executor) =>
    executor.execute(
      `SELECT CAST(u.id AS text) AS id FROM ${quoted(names.user)} AS u
        WHERE NOT EXISTS (SELECT 1 FROM ${quoted(kept.user)} AS k WHERE k.id = u.id) ORDER BY u.id`,
      [],
    ),
  );
  return rows.map(({ id }) => text(id));
}
