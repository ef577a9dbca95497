import { integer, quoted, text } from "payme-kit/adapter";
import { roleOf } from "./judge-words";
import type { OldTables } from "./old-tables";
import type { Plan } from "./plan-file";

/** The roles that users have. */
export async function rolesOf({ storage, names, columns }: OldTables): Promise<Plan["roles"]> {
  if (!columns.user.has("role")) return {};
  const rows = await storage.sql.read((executor) =>
    executor.execute(
      `SELECT CAST(role AS text) AS role, COUNT(*) AS count FROM ${quoted(names.user)} WHERE role IS NOT NULL GROUP BY role`,
      [],
    ),
  );
  return Object.fromEntries(rows.map((row) => [text(row.role), roleOf(text(row.role), integer(row.count))]));
}

/** Columns that this server does not fill: no hindrance to the move, but to what it would add later. */
export function notesOn({ columns }: OldTables): string[] {
  const foreign = (table: "tariff" | "user", known: readonly string[]) =>
    [...columns[table].values()]
      .filter(({ name, isNeeded }) => isNeeded && !known.includes(name))
      .map(({ name }) => name);
  const tariff = foreign("tariff", ["id", "name", "price", "duration_days", "is_active"]);
  const user = foreign("user", ["id"]);
  return [
    ...(tariff.length > 0
      ? [`tariff.${tariff.join(", ")} must have a value: POST /tariffs fails until it has a default`]
      : []),
    ...(user.length > 0
      ? [`user.${user.join(", ")} must have a value: a buyer needs a row of user before he buys`]
      : []),
  ];
}
