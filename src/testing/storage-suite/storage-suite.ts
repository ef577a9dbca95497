import { basics } from "./groups/basics";
import { guards } from "./groups/guards";
import { outcomes } from "./groups/outcomes";
import { races } from "./groups/races";
import { reopen } from "./groups/reopen";
import { rollback } from "./groups/rollback";
import type { CreateStorageUnderTest, StorageUnderTest, SuiteCase, SuiteRunner } from "./under-test";

/** The groups of the suite, in the order in which they run. */
export const storageSuiteGroups = ["basics", "guards", "outcomes", "races", "rollback", "reopen"] as const;
export type StorageSuiteGroup = (typeof storageSuiteGroups)[number];

const CASES: Readonly<Record<StorageSuiteGroup, readonly SuiteCase[]>> = {
  basics,
  guards,
  outcomes,
  races,
  rollback,
  reopen,
};

/** What {@link storageSuite} needs. */
export interface StorageSuiteOptions<Tx> {
  /** Your test runner's `describe` and `it`. */
  runner: SuiteRunner;
  /** Makes a storage over an empty database; called once for each case. */
  create: CreateStorageUnderTest<Tx>;
  /** Heads the cases in the report. Default `storage`. */
  name?: string | undefined;
  /** False for a storage that lives as long as the process: then nothing is reopened. Default true. */
  durable?: boolean | undefined;
}

/**
 * Proves that a storage holds the contract of {@link Storage}: what is stored and found, that guards hold, what outcomes say,
 * that of equal calls at once exactly one wins, that a transaction is all or nothing, and that it outlives the process.
 *
 * It brings its own assertions, and runs in vitest, Jest and `node:test`.
 *
 * @example
 * import { describe, it } from "node:test";
 * import { memoryStorage } from "payme-kit";
 * import { storageSuite } from "payme-kit/testing";
 *
 * storageSuite({
 *   runner: { describe, it },
 *   name: "memoryStorage",
 *   durable: false,
 *   async create() {
 *     const storage = memoryStorage();
 *     return {
 *       storage,
 *       host: {
 *         add: (tx, id) => tx.table("host").set(id, { id }),
 *         has: async (id) => storage.read().table("host").get(id) !== undefined,
 *       },
 *       close: () => storage.close(),
 *     };
 *   },
 * });
 */
export function storageSuite<Tx>({ runner, create, name = "storage", durable = true }: StorageSuiteOptions<Tx>): void {
  for (const group of storageSuiteGroups) {
    if (group === "reopen" && !durable) continue;
    runner.describe(`${name}: ${group}`, () => {
      for (const each of CASES[group]) runner.it(each.title, () => runCase(each, create));
    });
  }
}

async function runCase<Tx>(each: SuiteCase, create: CreateStorageUnderTest<Tx>): Promise<void> {
  const kit: StorageUnderTest<Tx> = await create();
  try {
    await kit.storage.migrate();
    await each.run(kit);
  } finally {
    await kit.close();
  }
}
