import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { describeOnPostgres } from "../postgres/database";
import { type Books, memoryBooks, postgresBooks, sqliteBooks } from "./books";
import { liveSchedule } from "./life";
import { PLANTED, type Planted, plantedSchedule } from "./planted-faults";
import { anySchedule, type Schedule, scheduleText } from "./random-schedule";

/** `WORLDS=2000` makes a long run, `SEED=…` repeats one. */
const WORLDS = process.env.WORLDS === undefined ? undefined : Number(process.env.WORLDS);
const isQuick = process.env.QUICK === "1";
const TIME = { timeout: 36_000_000 };
/** So many shorter schedules are tried once one has failed. */
const SHORTER = 300;

let lives = 0;
const counts = new Map<string, number>();
const tally = (what: string) => void counts.set(what, (counts.get(what) ?? 0) + 1);
/** What happened, after a long run: nothing should be rare by accident. */
afterAll(() => {
  if (WORLDS === undefined) return;
  console.info([`in ${lives} lives`, ...[...counts].sort().map(([what, count]) => `${what}: ${count}`)].join("\n"));
});

async function judged<Tx>(books: Books<Tx>, schedule: Schedule, planted?: Planted): Promise<readonly string[]> {
  lives += 1;
  return liveSchedule(books, `life-${lives}`, schedule, { planted, tally });
}

/** Lives so many schedules. A failing run throws with its seed, the shortest schedule that fails, and what is wrong then. */
async function liveAll(numRuns: number, judge: (schedule: Schedule) => Promise<readonly string[]>): Promise<void> {
  let wrongs: readonly string[] = [];
  let shorter = 0;
  const property = fc.asyncProperty(anySchedule, async (schedule) => {
    if (wrongs.length > 0) shorter += 1;
    if (shorter > SHORTER) return true;
    const found = await judge(schedule);
    if (found.length > 0) wrongs = found;
    return found.length === 0;
  });
  const { failed, seed, counterexample, errorInstance } = await fc.check(property, { numRuns });
  if (!failed) return;
  const [schedule] = counterexample ?? [];
  throw new Error([`SEED=${seed}`, schedule === undefined ? "" : scheduleText(schedule), ...wrongs].join("\n"), {
    cause: errorInstance,
  });
}

const plantedFaults = Object.keys(PLANTED).filter((name): name is Planted => name in PLANTED);

describe("random schedules of three years", () => {
  it("in memory: a period is debited once, or never where it is given up", TIME, () =>
    liveAll(WORLDS ?? (isQuick ? 15 : 100), (schedule) => judged(memoryBooks(), schedule)),
  );

  it.each(plantedFaults)("%s: the judge catches it", TIME, async (planted) => {
    // What is wrong without the fault as well does not count.
    const isCaught = async (schedule: Schedule) =>
      (await judged(memoryBooks(), schedule, planted)).length > 0 &&
      (await judged(memoryBooks(), schedule)).length === 0;
    const schedules = anySchedule.map((schedule) => plantedSchedule(schedule, planted));
    const property = fc.asyncProperty(schedules, async (schedule) => !(await isCaught(schedule)));
    const { failed } = await fc.check(property, { numRuns: 20, endOnFailure: true });
    expect(failed, "no life shows it").toBe(true);
  });
});

describe.skipIf(isQuick)("random schedules on SQLite", async () => {
  const books = await sqliteBooks();
  afterAll(() => books.close());

  it("are as in memory", TIME, () => liveAll(WORLDS === undefined ? 5 : 100, (schedule) => judged(books, schedule)));
});

describeOnPostgres("random schedules on PostgreSQL", async () => {
  if (isQuick) return it.skip("not in the quick run", () => {});
  const books = await postgresBooks();
  afterAll(() => books.close());

  it("are as in memory", TIME, () => liveAll(WORLDS === undefined ? 5 : 100, (schedule) => judged(books, schedule)));
});
