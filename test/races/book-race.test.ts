import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { scope } from "../ledger/rows";
import { temporaryFolder } from "../storage/kits";
import { callOf, openStorage, PRIZES, prepareRace, type Race, races, type Variant } from "./book-calls";
import { runWorkers } from "./workers";

const outcomesSchema = z.array(z.array(z.string()));

/** A file made by the variant itself: the unguarded one has no unique indexes. */
async function openRace(variant: Variant) {
  const { file, remove } = temporaryFolder();
  onTestFinished(remove);
  const storage = openStorage(file, variant);
  onTestFinished(() => storage.close());
  await prepareRace(storage);
  return { file, storage };
}

const countApplied = (outcomes: readonly string[]) => outcomes.filter((outcome) => outcome === "applied").length;

/** Many calls at once for one prize: how many were told that they won it. */
async function winnersInOneProcess(race: Race, variant: Variant): Promise<number> {
  const { storage } = await openRace(variant);
  return countApplied(await Promise.all(Array.from({ length: 40 }, (_, n) => callOf(race, storage, 0, `runner${n}`))));
}

/** Two processes call for all prizes in the same order: how many times one was told that it won. */
async function winnersInTwoProcesses(race: Race, variant: Variant): Promise<number> {
  const { file } = await openRace(variant);
  const workers = ["a", "b"].map((runner) => [file, variant, race, runner]);
  return countApplied(outcomesSchema.parse(await runWorkers("./book-worker.ts", workers)).flat());
}

const TITLES: Readonly<Record<Race, string>> = {
  pay: "one payment, paid by different Payme ids",
  order: "one one-time order, different transactions",
  reference: "one reference, different payments",
};

describe.each(races)("%s", (race) => {
  it(`${TITLES[race]}, at once in one process: one is applied`, async () => {
    expect(await winnersInOneProcess(race, "guarded")).toBe(1);
  });

  it(`${TITLES[race]}, from two processes: one is applied each time`, async () => {
    expect(await winnersInTwoProcesses(race, "guarded")).toBe(PRIZES);
  });

  it("these tests see what happens without the guard, in one process and in two", async () => {
    expect(await winnersInOneProcess(race, "unguarded")).toBeGreaterThan(1);
    expect(await winnersInTwoProcesses(race, "unguarded")).toBeGreaterThan(PRIZES);
  });
});

it("each payment raced for by two processes ends as the call that was applied left it", async () => {
  const { file, storage } = await openRace("guarded");
  const workers = ["a", "b"].map((runner) => [file, "guarded", "pay", runner]);
  const [a = []] = outcomesSchema.parse(await runWorkers("./book-worker.ts", workers));
  for (const [prize, outcome] of a.entries()) {
    const winner = outcome === "applied" ? "a" : "b";
    const row = await storage.findPayment(scope, { id: `payment-${prize}` });
    expect(row).toMatchObject({ status: "PAID", paidBy: `${winner}-${prize}` });
  }
});
