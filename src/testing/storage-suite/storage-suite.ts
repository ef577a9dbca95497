import { ADVICE } from "./advice";
import { type StorageSuiteGroup, storageSuiteGroups, suiteCases } from "./groups";
import { runCase } from "./run-case";
import type { CreateStorageUnderTest, SuiteNeed, SuiteRunner } from "./under-test";

/** What {@link storageSuite} needs. The options say what a storage has not; the cases that need it are left out. */
export interface StorageSuiteOptions<Tx> {
  /** Your test runner's `describe` and `it`. */
  runner: SuiteRunner;
  /** Makes a storage over an empty database; called once for each case. */
  create: CreateStorageUnderTest<Tx>;
  /** Heads the cases in the report. Default `storage`. */
  name?: string | undefined;
  /** False for a storage that lives as long as the process: then nothing is reopened. Default true. */
  durable?: boolean | undefined;
  /** False where no second connection can reach the data. Default: as `durable`. */
  shared?: boolean | undefined;
  /** False where no second process is raced against. Default: as `shared`. */
  processes?: boolean | undefined;
  /** True: `create` brings a {@link Witness}, and rows are read behind the storage's back. Default false. */
  witness?: boolean | undefined;
  /** False for a storage beside which no tariffs are kept. Default true. */
  tariffs?: boolean | undefined;
  /** Only these groups, while an adapter is being written. Default all. */
  groups?: readonly StorageSuiteGroup[] | undefined;
  /** How long one case may take, in ms: a storage that hangs is told so. Default 20,000. */
  caseTimeoutMs?: number | undefined;
}

/**
 * Proves that a storage holds the contract of {@link Storage}: what is stored and found, that guards hold, what outcomes say,
 * that of equal calls at once exactly one wins (in one process and in two), that a transaction is all or nothing, that it
 * outlives the process, that pages miss and repeat nothing, that messages are leased to one worker at a time, and that
 * payments of one user which are settled at once each give their days.
 *
 * It brings its own assertions, and runs in vitest, Jest and `node:test`. A failure says what to mend.
 *
 * @example
 * import { describe, it } from "node:test";
 * import { memoryStorage } from "payme-kit";
 * import { memoryTariffStore } from "payme-kit/tariffs";
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
 *       tariffs: memoryTariffStore(storage),
 *       host: {
 *         add: (tx, id) => tx.table("host").set(id, { id }),
 *         has: async (id) => storage.read().table("host").get(id) !== undefined,
 *       },
 *       close: () => storage.close(),
 *     };
 *   },
 * });
 */
export function storageSuite<Tx>(options: StorageSuiteOptions<Tx>): void {
  const { runner, create, name = "storage", groups = storageSuiteGroups, caseTimeoutMs = 20_000 } = options;
  const has = abilitiesOf(options);
  for (const group of storageSuiteGroups.filter((each) => groups.includes(each))) {
    const cases = suiteCases[group].filter(({ needs }) => needs === undefined || has[needs]);
    if (cases.length === 0) continue;
    runner.describe(`${name}: ${group}`, () => {
      for (const each of cases) {
        const run = { group, each, create, advice: ADVICE[group], timeoutMs: caseTimeoutMs };
        runner.it(each.title, () => runCase(run));
      }
    });
  }
}

function abilitiesOf<Tx>(options: StorageSuiteOptions<Tx>): Readonly<Record<SuiteNeed, boolean>> {
  const reopen = options.durable ?? true;
  const second = options.shared ?? reopen;
  const process = options.processes ?? second;
  return { reopen, second, process, witness: options.witness ?? false, tariffs: options.tariffs ?? true };
}
