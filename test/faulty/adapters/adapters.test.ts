import { describe, expect, it } from "vitest";
import { storageSuiteGroups } from "../../../src/entry/testing";
import { memoryKit, sqliteKit } from "../../storage/kits";
import { failedGroups } from "./failed-groups";
import type { FaultyAdapter } from "./variants";
import { wrongBasics } from "./wrong-basics";
import { wrongClock } from "./wrong-clock";
import { wrongEvents } from "./wrong-events";
import { wrongGuards } from "./wrong-guards";
import { wrongIntegers } from "./wrong-integers";
import { wrongOutcomes } from "./wrong-outcomes";
import { wrongPaging } from "./wrong-paging";
import { wrongRaces } from "./wrong-races";
import { wrongReads } from "./wrong-reads";
import { wrongReopen } from "./wrong-reopen";
import { wrongRollback } from "./wrong-rollback";
import { wrongSubscriptions } from "./wrong-subscriptions";
import { wrongTimetable } from "./wrong-timetable";
import { wrongTwoStores } from "./wrong-two-stores";

const faulty: readonly FaultyAdapter[] = [
  ...wrongBasics,
  ...wrongGuards,
  ...wrongOutcomes,
  ...wrongRaces,
  ...wrongRollback,
  ...wrongReads,
  ...wrongReopen,
  ...wrongTwoStores,
  ...wrongPaging,
  ...wrongClock,
  ...wrongIntegers,
  ...wrongEvents,
  ...wrongSubscriptions,
  ...wrongTimetable,
];

describe("the storage suite finds a storage that", () => {
  it.each(faulty.map((each) => [each.fault, each] as const))(
    "%s",
    async (_fault, { caughtBy, alsoFails = [], run }) => {
      const failed = await run();
      const groups = storageSuiteGroups.filter((group) => group === caughtBy || alsoFails.includes(group));
      expect(Object.keys(failed), JSON.stringify(failed, undefined, 2)).toEqual(groups);
      for (const report of failed[caughtBy] ?? []) expect(report).toMatch(/\n {2}found: [\s\S]+\n {2}mend: {2}[A-Z]/);
    },
  );

  it("(each group of the suite has a faulty storage that only this group finds)", () => {
    const alone = faulty.filter(({ alsoFails = [] }) => alsoFails.length === 0).map(({ caughtBy }) => caughtBy);
    expect(storageSuiteGroups.filter((group) => !alone.includes(group))).toEqual([]);
  });

  it("(and finds nothing wrong in the right ones)", async () => {
    expect(await failedGroups({ create: memoryKit, durable: false })).toEqual({});
    expect(await failedGroups({ create: sqliteKit, witness: true })).toEqual({});
  });
});
