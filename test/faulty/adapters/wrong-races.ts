import { sqliteKit } from "../../storage/kits";
import { rewritten, withVerbs } from "./broken";
import { failedGroups } from "./failed-groups";
import { openUnguarded, readThenWrite } from "./unguarded";
import type { FaultyAdapter } from "./variants";

/** Right as long as one call comes after the other. */
export const wrongRaces: readonly FaultyAdapter[] = [
  {
    fault: "reads the row, looks at it, then writes it",
    failsIn: ["races"],
    run: () => failedGroups({ create: async () => withVerbs(await sqliteKit({ open: openUnguarded }), readThenWrite) }),
  },
  {
    fault: "begins a transaction without the lock, and meets another's",
    failsIn: ["races"],
    run: () => failedGroups({ create: () => sqliteKit({ open: rewritten(["BEGIN IMMEDIATE", "BEGIN"]) }) }),
  },
];
