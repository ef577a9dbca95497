import fc from "fast-check";
import { describe, it } from "vitest";
import { asTheDocsSay, play, STORIES } from "./charge-stories";
import { FAULTS } from "./fault-kinds";
import { CONTRARY, openWorld } from "./world";

/** Faults that need no clock of their own; a client meets them in any order. */
const kinds = FAULTS.filter(({ arrives }) => arrives === undefined);
const someFaults = fc.array(
  fc.record({ fault: fc.constantFrom(...kinds), callNumber: fc.integer({ min: 1, max: 12 }) }),
  {
    minLength: 1,
    maxLength: 4,
  },
);
/** An empty card is declined at once where nothing fails: whether something still fails is for the other table. */
const stories = STORIES.filter(({ end }) => end !== "declined");

describe("several faults in one story", () => {
  it.each(stories)("$name: money once at most, every outcome true, the end right", async (story) => {
    await fc.assert(
      fc.asyncProperty(someFaults, fc.constantFrom({}, CONTRARY), async (faults, choices) => {
        const world = openWorld(undefined, choices);
        const prepare: typeof story.prepare = async (of) => {
          const thing = await story.prepare(of);
          for (const { fault, callNumber } of faults) world.mock.faults.add({ ...fault.rule, callNumber });
          return thing;
        };
        const problems = await play({ ...story, prepare }, world, asTheDocsSay);
        if (problems.length > 0) throw new Error(problems.join("; "));
      }),
      { numRuns: 60 },
    );
  });
});
