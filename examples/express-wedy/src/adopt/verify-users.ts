import { quoted } from "payme-kit/adapter";
import type { Rules } from "./convert";
import type { NewBooks } from "./new-books";
import { oldUsers } from "./old-rows";
import type { OldTables } from "./old-tables";
import { endsAtOf } from "./old-users";
import { isUntouched } from "./untouched";

/** Compares what each user had with what he has, to the second. */
export async function differingUsers({ tariffs }: NewBooks, old: OldTables, rules: Rules) {
  const differences: string[] = [];
  let compared = 0;
  for await (const page of oldUsers(old)) {
    for (const user of page.filter(({ id }) => !rules.plan.leave_out.users.includes(id ?? ""))) {
      const end = endsAtOf(user, rules);
      const before = typeof end === "number" && end > Date.now() ? `${user.tariff_id} until ${secondOf(end)}` : "none";
      const current = await tariffs.current(user.id ?? "");
      const now = current.expiresAt === null ? "none" : `${current.tariffId} until ${secondOf(current.expiresAt)}`;
      compared += 1;
      if (before !== now && !(await hasGoneOn(old, user.id ?? ""))) {
        differences.push(`user ${user.id}: tariff ${before} before, ${now} now`);
      }
    }
  }
  return { compared, differences };
}

const secondOf = (ms: number) => new Date(ms).toISOString().slice(0, 19);

/** True where a payment of the user was made or has changed since. */
async function hasGoneOn({ storage }: OldTables, userId: string): Promise<boolean> {
  const rows = await storage.sql.read((executor) =>
    executor.execute(
      `SELECT 1 AS found FROM ${quoted(storage.tables.payment)} AS p
        WHERE p.user_id = $1::text AND NOT (${isUntouched(storage, "p.id")}) LIMIT 1`,
      [userId],
    ),
  );
  return rows.length > 0;
}
