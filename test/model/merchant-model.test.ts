import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rewritten } from "../faulty/adapters/broken";
import { anyCommands, expectSameBooks } from "./merchant-commands";
import { MerchantModel } from "./merchant-model";
import { MerchantWorld, type Open } from "./merchant-world";

const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const RUNS = Number(process.env.RUNS ?? 100);

/** Runs random commands on the model and on both shops; a failure names its seed, and the fewest commands that fail. */
function check(numRuns: number, open?: Open, endOnFailure = false): Promise<void> {
  const property = fc.asyncProperty(fc.commands(anyCommands(), { size: "max", maxCommands: 60 }), async (commands) => {
    const model = new MerchantModel();
    const world = new MerchantWorld(model, open);
    try {
      await Promise.all(world.shops.map(({ ready }) => ready));
      await fc.asyncModelRun(() => ({ model, real: world }), commands);
      await expectSameBooks(model, world);
    } finally {
      await world.close();
    }
  });
  return fc.assert(property, { seed: SEED, numRuns, endOnFailure, includeErrorInReport: true });
}

describe(`the merchant engine and its model (seed ${SEED})`, () => {
  it("agree on memory and on SQLite: every answer, the statement, and that what is paid is fulfilled once", async () => {
    MerchantWorld.crashes = 0;
    await check(RUNS);
    expect(MerchantWorld.crashes).toBeGreaterThan(RUNS / 10);
  }, 600_000);

  it.each([
    ["a guard on the state", "AND state = ? AND time", "AND (state = ? OR 1 = 1) AND time"],
    ["the 12 hours", "AND time >= ?\n", "AND (time >= ? OR 1 = 1)\n"],
    ["a time", "perform_time = CASE", "perform_time = 0 + CASE WHEN 1 = 1 THEN 0"],
    ["a reason", "COALESCE(?, reason)", "NULLIF(?, 4)"],
    ["the statement's order", "ORDER BY time, payme_id LIMIT ?", "ORDER BY payme_id LIMIT ?"],
    ["the statement's end", "AND time <= ?", "AND time < ?"],
    ["a rollback", "ROLLBACK", "COMMIT"],
  ])(
    "differ where %s of the adapter is wrong: this test can fail",
    async (_what, from, to) => {
      await expect(check(1_000, rewritten([from, to]), true)).rejects.toThrow("Property failed");
    },
    120_000,
  );
});
