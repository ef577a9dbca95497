import { describe, it } from "vitest";
import { mistakes } from "../faulty/endpoints";
import { createEndpoint, KEY, type Rules } from "../faulty/endpoints/reference";
import { idsOf } from "./shops";

function run(instead: Partial<Rules>) {
  const api = createEndpoint(instead);
  return idsOf({ api, key: KEY, newOrder: api.newOrder, credited: api.credited });
}

/** What the reference endpoint leaves out, as it may. */
const OPTIONAL = ["fiscal.success"];

describe.concurrent("an endpoint of another make", () => {
  it("passes where it is right", async ({ expect }) => {
    expect(await run({})).toMatchObject({ failed: [], warned: OPTIONAL });
  });

  it("passes with warnings where busy orders are -31008, as the docs say", async ({ expect }) => {
    const { failed, warned } = await run({ busyCode: -31008 });
    expect(failed).toEqual([]);
    expect(warned.sort()).toEqual(
      [
        "check-perform.busy-order",
        "check-perform.paid-order",
        "create.busy-order",
        "create.paid-order",
        ...OPTIONAL,
      ].sort(),
    );
  });

  it("passes with a warning where nothing is refunded", async ({ expect }) => {
    const { failed, warned } = await run({ refusesRefund: true });
    expect(failed).toEqual([]);
    expect(warned.sort()).toEqual(["cancel.performed", ...OPTIONAL].sort());
  });

  it("passes where it creates no transaction of the past: one is given its last seconds", async ({ expect }) => {
    const { failed, skipped } = await run({ refusesOldCreate: true });
    expect(failed).toEqual([]);
    expect(skipped).not.toContain("timeout.reason");
  });
});

describe.concurrent("a well-known mistake is told, and nothing else", () => {
  it.for([...mistakes])("$name", async ({ instead, fails }, { expect }) => {
    expect((await run(instead)).failed.sort()).toEqual([...fails].sort());
  });
});
