import { privateSqliteKit } from "../../storage/kits";
import { rewritten } from "./broken";
import { failedGroups } from "./failed-groups";

/** Runs the suite on an SQLite storage of which parts of the SQL are others. */
export function onSqlite(
  ...changes: readonly (readonly [from: string, to: string])[]
): Promise<Record<string, string[]>> {
  return failedGroups({ create: () => privateSqliteKit({ open: rewritten(...changes) }), durable: false });
}
