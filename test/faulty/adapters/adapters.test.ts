import { describe, expect, it } from "vitest";
import { storageSuiteGroups } from "../../../src/testing";
import { memoryKit, sqliteKit } from "../../storage/kits";
import { failedGroups } from "./failed-groups";
import type { FaultyAdapter } from "./variants";
import { wrongBasics } from "./wrong-basics";
import { wrongGuards } from "./wrong-guards";
import { wrongOutcomes } from "./wrong-outcomes";
import { wrongRaces } from "./wrong-races";
import { wrongReopen } from "./wrong-reopen";
import { wrongRollback } from "./wrong-rollback";

const faulty: readonly FaultyAdapter[] = [
  ...wrongBasics,
  ...wrongGuards,
  ...wrongOutcomes,
  ...wrongRaces,
  ...wrongRollback,
  ...wrongReopen,
];

describe("the storage suite finds a storage that", () => {
  it.each(faulty.map((each) => [each.fault, each] as const))("%s", async (_fault, { failsIn, run }) => {
    const failed = await run();
    expect(Object.keys(failed), JSON.stringify(failed, undefined, 2)).toEqual(failsIn);
  });

  it("(each of its groups has one that only this group finds, or finds first)", () => {
    const alone = faulty.filter(({ failsIn }) => failsIn.length === 1).flatMap(({ failsIn }) => failsIn);
    expect(storageSuiteGroups.filter((group) => !alone.includes(group))).toEqual([]);
  });

  it("(and finds nothing in those that are right)", async () => {
    expect(await failedGroups({ create: memoryKit, durable: false })).toEqual({});
    expect(await failedGroups({ create: sqliteKit })).toEqual({});
  });
});
