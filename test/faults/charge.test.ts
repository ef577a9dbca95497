import { describe, expect, it } from "vitest";
import { alwaysANewReceipt, noErrorIsPaid, unknownIsDeclined } from "./careless";
import { type Attempt, asTheDocsSay, play, STORIES, type Story } from "./charge-stories";
import { FAULTS, type Fault, tellPlan } from "./fault-kinds";
import { CONTRARY, openWorld } from "./world";

/** A Payme that answers as the documents suggest, and one that does the other thing wherever they leave it open. */
const PAYMES = [
  { payme: "as documented", choices: {}, faults: FAULTS },
  {
    payme: "as different as the documents allow",
    choices: CONTRARY,
    faults: FAULTS.filter(({ isAlike }) => isAlike !== true),
  },
] as const;
type Choices = (typeof PAYMES)[number]["choices"];

/** The calls that reach Payme where nothing fails. */
async function undisturbed(story: Story, choices: Choices): Promise<readonly string[]> {
  const world = openWorld(undefined, choices);
  expect(await play(story, world, asTheDocsSay)).toEqual([]);
  return world.calls;
}

/** What goes wrong where a fault hits each call of a story in turn, once and until the network heals. */
async function problemsWith(story: Story, fault: Fault, attempt: Attempt, choices: Choices): Promise<string[]> {
  const calls = await undisturbed(story, choices);
  const wrong: string[] = [];
  for (const [index] of calls.entries()) {
    for (const lasts of [false, true]) {
      const plan = { fault, call: index + 1, lasts };
      const world = openWorld(plan, choices);
      const problems = await play(story, world, attempt);
      if (!world.hasStruck()) problems.push("the fault never happened");
      wrong.push(...problems.map((problem) => `${tellPlan(plan, calls)}: ${problem}`));
    }
  }
  return wrong;
}

describe.each(PAYMES)("with a Payme $payme", ({ choices, faults }) => {
  describe.each(STORIES)("$name", (story) => {
    const changes = story.calls.filter((method) => method !== "receipts.check");

    it("where nothing fails is these calls", async () => {
      const calls = await undisturbed(story, choices);
      expect(calls.filter((method) => method !== "receipts.check")).toEqual(changes);
    });

    it.each(faults)("any call $name: money once at most, every outcome true, the end right", async (fault) => {
      expect(await problemsWith(story, fault, asTheDocsSay, choices)).toEqual([]);
    });
  });
});

describe("a careless caller is caught", () => {
  const [story] = STORIES;
  const faultNamed = (name: string) => FAULTS.find((fault) => fault.name === name);

  it.each([
    ["pays again on a new receipt", alwaysANewReceipt, "done, and the answer dropped", {}, "was debited 2 times"],
    ["pays again on a new receipt", alwaysANewReceipt, "done, and answered with HTML", {}, "was taken 2 times"],
    [
      "pays again on a new receipt",
      alwaysANewReceipt,
      "too late, arriving when all is over",
      {},
      "in the end 2500000 is taken, not 1250000",
    ],
    ["takes no error as paid", noErrorIsPaid, "done twice", {}, "was taken 2 times"],
    ["takes no error as paid", noErrorIsPaid, "HTTP 502", CONTRARY, "charge says paid: the receipt is in 2"],
    ["takes unknown as declined", unknownIsDeclined, "done, and the answer dropped", {}, "charge says declined"],
  ])("one that %s, where a call is %s", async (_what, attempt, name, choices, problem) => {
    const fault = faultNamed(name);
    if (story === undefined || fault === undefined) throw new Error("no such story or fault");
    expect((await problemsWith(story, fault, attempt, choices)).join("\n")).toContain(problem);
  });
});
