import * as fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import type { SqlStorage } from "../../src/entry/adapter";
import { postgresStorage } from "../../src/entry/postgres";
import { sqliteStorage } from "../../src/entry/sqlite";
import type { Storage } from "../../src/ledger";
import { memoryStorage } from "../../src/storage/memory/memory-storage";
import { rewritten } from "../faulty/adapters/broken";
import { databaseUrl, describeOnPostgres, newSchema, openPool } from "../postgres/database";
import { anyStep, everything, type Step } from "./random-verbs";

/** Steps that are made one by one, or in one transaction that commits or is rolled back. */
interface Block {
  readonly kind: "alone" | "committed" | "rolled back";
  readonly steps: readonly Step[];
}

const blocks: fc.Arbitrary<Block[]> = fc.array(
  fc.record({
    kind: fc.constantFrom("alone" as const, "alone" as const, "committed" as const, "rolled back" as const),
    steps: fc.array(anyStep, { minLength: 1, maxLength: 6 }),
  }),
  { minLength: 1, maxLength: 15 },
);

class RolledBack extends Error {}

/** What each step brought, and what was there after the block. */
async function carryOut<Tx>(storage: Storage<Tx>, { kind, steps }: Block): Promise<unknown> {
  const results: unknown[] = [];
  const runAll = async (verbs: Parameters<Step["run"]>[0]) => {
    for (const step of steps) results.push({ step: String(step), result: await step.run(verbs) });
  };
  if (kind === "alone") await runAll(storage);
  else {
    const transaction = storage.transaction(async (tx) => {
      await runAll(storage.using(tx));
      if (kind === "rolled back") throw new RolledBack();
    });
    await transaction.catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error;
    });
  }
  return { kind, results, everything: await everything(storage) };
}

/** Checks the property on random stories; a failure names the seed with which it is repeated. */
async function check<Tx>(open: () => SqlStorage<Tx>, numRuns: number, endOnFailure = false): Promise<void> {
  const property = fc.asyncProperty(blocks, async (story) => {
    const [memory, database] = [memoryStorage(), open()];
    try {
      await database.migrate();
      for (const block of story) expect(await carryOut(database, block)).toEqual(await carryOut(memory, block));
    } finally {
      await database.close();
    }
  });
  await fc.assert(property, { seed: SEED, numRuns, endOnFailure });
}

const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const RUNS = Number(process.env.RUNS ?? 60);

describe(`memory and SQLite (seed ${SEED})`, () => {
  it("answer alike and hold the same after every step, whatever is done to them", async () => {
    await check(() => sqliteStorage({ file: ":memory:" }), RUNS);
  }, 600_000);

  it.each([
    ["a guard", "AND state = ? AND", "AND (state = ? OR 1 = 1) AND"],
    ["a column", "checks = checks + 1", "checks = checks + 0"],
    ["an order", "ORDER BY created_ms, id LIMIT", "ORDER BY created_ms DESC, id LIMIT"],
  ])(
    "differ where %s of one of them is wrong: this test can fail",
    async (_what, from, to) => {
      const open = () => sqliteStorage({ file: ":memory:", open: rewritten([from, to]) });
      await expect(check(open, 3_000, true)).rejects.toThrow("Property failed");
    },
    120_000,
  );
});

describeOnPostgres(`memory and PostgreSQL (seed ${SEED})`, () => {
  it("answer alike and hold the same after every step, whatever is done to them", async () => {
    const pool = openPool(await databaseUrl());
    onTestFinished(() => pool.end());
    await check(() => postgresStorage(pool, { schema: newSchema() }), RUNS);
  }, 600_000);
});
