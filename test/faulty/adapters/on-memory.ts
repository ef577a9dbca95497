import type { Verbs } from "../../../src/ledger";
import { memoryKit } from "../../storage/kits";
import { withVerbs } from "./broken";
import { failedGroups } from "./failed-groups";

/** Runs the suite on a memory storage of which some verbs are replaced. */
export function onMemory(replace: (verbs: Verbs) => Partial<Verbs>): Promise<Record<string, string[]>> {
  return failedGroups({ create: async () => withVerbs(await memoryKit(), replace), durable: false });
}
