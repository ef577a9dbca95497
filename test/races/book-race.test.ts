import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { scope } from "../ledger/rows";
import { callOf, openBooks, PRIZES, prepareRace, type Race, races } from "./book-calls";
import type { Variant } from "./databases";
import { type NewDatabase, onEachDatabase } from "./new-database";
import { runWorkers } from "./workers";

const outcomesSchema = z.array(z.array(z.string()));

/** A database made by the variant itself: the unguarded one has no unique indexes. */
async function openRace(newAddress: NewDatabase, variant: Variant) {
  const address = await newAddress();
  const { storage, close } = openBooks(address, variant);
  onTestFinished(close);
  await prepareRace(storage);
  return { address, storage };
}

const countApplied = (outcomes: readonly string[]) => outcomes.filter((outcome) => outcome === "applied").length;

/** Many calls at once for one prize: how many were told that they won it. */
async function winnersInOneProcess(newAddress: NewDatabase, race: Race, variant: Variant): Promise<number> {
  const { storage } = await openRace(newAddress, variant);
  return countApplied(await Promise.all(Array.from({ length: 40 }, (_, n) => callOf(race, storage, 0, `runner${n}`))));
}

/** Two processes call for all prizes in the same order: how many times one was told that it won. */
async function winnersInTwoProcesses(newAddress: NewDatabase, race: Race, variant: Variant): Promise<number> {
  const { address } = await openRace(newAddress, variant);
  const workers = ["a", "b"].map((runner) => [address, variant, race, runner]);
  return countApplied(outcomesSchema.parse(await runWorkers("./book-worker.ts", workers)).flat());
}

/** On a busy machine two processes may miss each other: then they are sent again, five times at most. */
async function isSeenInTwoProcesses(newAddress: NewDatabase, race: Race): Promise<boolean> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    if ((await winnersInTwoProcesses(newAddress, race, "unguarded")) > PRIZES) return true;
  }
  return false;
}

const TITLES: Readonly<Record<Race, string>> = {
  pay: "one payment, paid by different Payme ids",
  order: "one one-time order, different transactions",
  reference: "one reference, different payments",
};

onEachDatabase((newAddress) => {
  describe.each(races)("%s", (race) => {
    it(`${TITLES[race]}, at once in one process: one is applied`, async () => {
      expect(await winnersInOneProcess(newAddress, race, "guarded")).toBe(1);
    });

    it(`${TITLES[race]}, from two processes: one is applied each time`, async () => {
      expect(await winnersInTwoProcesses(newAddress, race, "guarded")).toBe(PRIZES);
    });

    it("without the guard these tests fail, in one process and in two", async () => {
      expect(await winnersInOneProcess(newAddress, race, "unguarded")).toBeGreaterThan(1);
      expect(await isSeenInTwoProcesses(newAddress, race)).toBe(true);
    });
  });

  it("each payment raced for by two processes ends as the call that was applied left it", async () => {
    const { address, storage } = await openRace(newAddress, "guarded");
    const workers = ["a", "b"].map((runner) => [address, "guarded", "pay", runner]);
    const [a = []] = outcomesSchema.parse(await runWorkers("./book-worker.ts", workers));
    for (const [prize, outcome] of a.entries()) {
      const winner = outcome === "applied" ? "a" : "b";
      const row = await storage.findPayment(scope, { id: `payment-${prize}` });
      expect(row).toMatchObject({ status: "PAID", paidBy: `${winner}-${prize}` });
    }
  });
});
