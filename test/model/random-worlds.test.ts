import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { describeOnPostgres } from "../postgres/database";
import { memoryStock, postgresStock, type Stock, sqliteStock } from "./goods";
import { PLANTED, type Planted } from "./planted-faults";
import { anyLife, type Life, lifeText } from "./random-life";
import { live } from "./random-world";
import { wrongsOf } from "./world-judge";

/** `WORLDS=100000` makes a long run, `SEED=…` repeats one. */
const WORLDS = process.env.WORLDS === undefined ? undefined : Number(process.env.WORLDS);
const isQuick = process.env.QUICK === "1";

let worlds = 0;
const counts = new Map<string, number>();
const tally = (what: string) => void counts.set(what, (counts.get(what) ?? 0) + 1);
/** What happened in a thousand worlds, after a long run: nothing should be rare by accident. */
afterAll(() => {
  if (WORLDS === undefined) return;
  const lines = [...counts].sort().map(([what, count]) => `${what}: ${((count * 1_000) / worlds).toFixed(1)}`);
  console.info([`in a thousand of ${worlds} worlds`, ...lines].join("\n"));
});

async function judged<Tx>(stock: Stock<Tx>, life: Life, planted?: Planted): Promise<string[]> {
  worlds += 1;
  return wrongsOf(await live(stock, `world-${worlds}`, life, { planted, tally }));
}

/** So many shorter lives are tried once one has failed. */
const SHORTER_LIVES = 400;

/** Lives so many lives. A failing run throws with its seed, the fewest steps that fail, and what is wrong then. */
async function liveAll(numRuns: number, judge: (life: Life) => Promise<string[]>): Promise<void> {
  let wrongs: string[] = [];
  let shorter = 0;
  const property = fc.asyncProperty(anyLife, async (life) => {
    if (wrongs.length > 0) shorter += 1;
    if (shorter > SHORTER_LIVES) return true;
    const found = await judge(life);
    if (found.length > 0) wrongs = found;
    return found.length === 0;
  });
  const { failed, seed, counterexample } = await fc.check(property, { numRuns });
  if (!failed) return;
  const [life] = counterexample ?? [];
  throw new Error([`SEED=${seed}`, life === undefined ? "" : lifeText(life), ...wrongs].join("\n"));
}

const plantedFaults = keysOf(PLANTED).map((planted) => [planted, PLANTED[planted]] as const);

function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): Key[] {
  const keys: Key[] = [];
  for (const key in record) keys.push(key);
  return keys;
}

const TIME = { timeout: 36_000_000 };

describe("random worlds", () => {
  it("in memory: money is given for once or in front of a person, and so is what goes back", TIME, async () => {
    await liveAll(WORLDS ?? (isQuick ? 60 : 2_000), async (life) => judged(memoryStock(), life));
  });

  it.each(plantedFaults)("%s: the judge catches it", TIME, async (planted, from) => {
    // What is wrong without the fault as well does not count.
    const isCaught = async (life: Life) =>
      (await judged(memoryStock(), life, planted)).length > 0 && (await judged(memoryStock(), life)).length === 0;
    const property = fc.asyncProperty(anyLife, async (life) => !(await isCaught(life)));
    const { failed, numRuns, seed } = await fc.check(property, {
      numRuns: 2_000,
      seed: Number(process.env.SEED ?? from),
      endOnFailure: true,
    });
    expect(failed, "no world shows it").toBe(true);
    console.info(`${planted}: caught in world ${numRuns} of SEED=${seed}`);
  });
});

describe.skipIf(isQuick)("random worlds on SQLite", async () => {
  const stock = await sqliteStock();
  afterAll(() => stock.close());

  it("are as in memory", TIME, () => liveAll(WORLDS ?? 100, (life) => judged(stock, life)));
});

describeOnPostgres("random worlds on PostgreSQL", async () => {
  if (isQuick) return it.skip("not in the quick run", () => {});
  const stock = await postgresStock();
  afterAll(() => stock.close());

  it("are as in memory", TIME, () => liveAll(WORLDS ?? 100, (life) => judged(stock, life)));
});
