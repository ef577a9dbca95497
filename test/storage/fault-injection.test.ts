import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { describeOnPostgres } from "../postgres/database";
import { openHastyShop, openLateShop } from "./faults/careless-shops";
import { faultyPostgres, faultySqlite } from "./faults/faulty-databases";
import { operations } from "./faults/operations";
import { type OpenShop, play } from "./faults/play";

// Each statement of every operation fails once, before it reached the database and after it has done its work. Whoever
// reported repeats, the timers run, and the books end as if nothing had failed.

const cases = operations.map((operation) => [operation.title, operation] as const);
const recordPaid = operations.find(({ title }) => title === "recordPaid") ?? fail("recordPaid");
/** The fewest statements of any operation: BEGIN, one change, COMMIT; or a single read. */
const FEWEST_STRIKES = 2;

let strikesInAll = 0;
afterAll(() => process.stdout.write(`fault injection: ${strikesInAll} statements were made to fail\n`));

async function playOnSqlite(operation: (typeof operations)[number], openShop?: OpenShop) {
  const database = await faultySqlite();
  onTestFinished(() => database.close());
  return play(database, operation, openShop);
}

async function playOnPostgres(operation: (typeof operations)[number], openShop?: OpenShop) {
  const database = await faultyPostgres();
  onTestFinished(() => database.close());
  return play(database, operation, openShop);
}

describe("on SQLite, with each statement failing once", () => {
  it.each(cases)("%s", async (_title, operation) => {
    const { strikes, ends, wrongs } = await playOnSqlite(operation);
    expect({ ends, wrongs }).toEqual({ ends: operation.ends, wrongs: [] });
    expect(strikes).toBeGreaterThanOrEqual(FEWEST_STRIKES);
    strikesInAll += strikes;
  });

  it("and a shop that gives after the commit is caught", async () => {
    const { wrongs } = await playOnSqlite(recordPaid, openLateShop);
    expect(wrongs).toContainEqual(expect.stringMatching(/after statement.*COMMIT.*paid, and given not exactly once/));
    expect(wrongs).not.toContainEqual(expect.stringContaining("undisturbed"));
  });
});

describeOnPostgres("on PostgreSQL, with each statement failing once", () => {
  it.each(cases)("%s", async (_title, operation) => {
    const { strikes, ends, wrongs } = await playOnPostgres(operation);
    expect({ ends, wrongs }).toEqual({ ends: operation.ends, wrongs: [] });
    expect(strikes).toBeGreaterThanOrEqual(FEWEST_STRIKES);
    strikesInAll += strikes;
  });

  it("and shops that give after the commit, or past the transaction, are caught", async () => {
    const late = await playOnPostgres(recordPaid, openLateShop);
    expect(late.wrongs).toContainEqual(expect.stringContaining("paid, and given not exactly once"));
    const hasty = await playOnPostgres(recordPaid, openHastyShop);
    expect(hasty.wrongs).toContainEqual(expect.stringContaining("given, and neither paid nor refunded"));
    expect([...late.wrongs, ...hasty.wrongs]).not.toContainEqual(expect.stringContaining("undisturbed"));
  });
});

function fail(title: string): never {
  throw new Error(`no operation ${title}`);
}
