import { StorageSuiteFailure, within } from "./check";
import { type StorageSuiteGroup, storageSuiteGroups, suiteGroups } from "./groups";
import type { CreateStorageUnderTest, StorageUnderTest, SuiteCase, SuiteNeed, SuiteRunner } from "./under-test";

/** Options of {@link storageSuite}. An option of false leaves out the cases that need this ability. */
export interface StorageSuiteOptions<Tx> {
  /** Your test runner's `describe` and `it`. */
  runner: SuiteRunner;
  /** Makes a storage on an empty database. Called once for each case. */
  create: CreateStorageUnderTest<Tx>;
  /** The title of the cases. Default `storage`. */
  name?: string | undefined;
  /** False for a storage that ends with its process: nothing is reopened. Default true. */
  durable?: boolean | undefined;
  /** False where a second connection cannot reach the data. Default: as `durable`. */
  shared?: boolean | undefined;
  /** False for no race against a second process. Default: as `shared`. */
  processes?: boolean | undefined;
  /** True: `create` gives a {@link StorageWitness}, which reads rows without the storage. Default false. */
  witness?: boolean | undefined;
  /** False for a storage without tariffs. Default true. */
  tariffs?: boolean | undefined;
  /** False for a storage without subscriptions. Default true: a storage on SQL, or in memory, has them by itself. */
  subscriptions?: boolean | undefined;
  /** Only these groups, for work on an adapter. Default all. */
  groups?: readonly StorageSuiteGroup[] | undefined;
  /** The time limit of one case, in ms: a storage that hangs fails. Default 20,000. */
  caseTimeoutMs?: number | undefined;
}

/**
 * Proves that a storage keeps the contract of `Storage`:
 *
 * - It gives rows back unchanged, its guards hold, and its outcomes are right.
 * - Of equal calls at once exactly one wins, in one process and in two.
 * - A transaction is all or nothing, and its rows survive the process.
 * - Pages neither miss nor repeat a row. One worker at a time leases a message.
 * - Payments of one user that are settled at once each give their days.
 * - A period of a subscription has one row, and one attempt at a time.
 *
 * It has its own assertions, and runs in vitest, Jest and `node:test`. A failure says what to correct.
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
 *         has: async (id) => storage.published().table("host").get(id) !== undefined,
 *       },
 *       close: () => storage.close(),
 *     };
 *   },
 * });
 */
export function storageSuite<Tx>(options: StorageSuiteOptions<Tx>): void {
  const { runner, create, name = "storage", groups = storageSuiteGroups, caseTimeoutMs = 20_000 } = options;
  const has = abilitiesOf(options);
  for (const { name: group, needs, mend, cases } of suiteGroups.filter((each) => groups.includes(each.name))) {
    const wanted = cases
      .map((each) => ({ ...each, needs: each.needs ?? needs, mend: each.mend ?? mend }))
      .filter((each) => each.needs === undefined || has[each.needs]);
    if (wanted.length === 0) continue;
    runner.describe(`${name}: ${group}`, () => {
      for (const each of wanted) runner.it(each.title, () => runCase(group, each, create, caseTimeoutMs));
    });
  }
}

function abilitiesOf<Tx>(options: StorageSuiteOptions<Tx>): Readonly<Record<SuiteNeed, boolean>> {
  const reopen = options.durable ?? true;
  const second = options.shared ?? reopen;
  const process = options.processes ?? second;
  const { witness = false, tariffs = true, subscriptions = true } = options;
  return { reopen, second, process, witness, tariffs, subscriptions };
}

/** Runs a case on a new storage. A failure tells the author of the adapter what to correct. */
async function runCase<Tx>(
  group: string,
  each: SuiteCase & { readonly mend: string },
  create: CreateStorageUnderTest<Tx>,
  timeoutMs: number,
): Promise<void> {
  const kit = await create().catch((error: unknown) => {
    throw explained(error, "create()", "Return a storage on an empty database, and the members that the suite needs.");
  });
  try {
    assertHas(kit, each.needs);
    const ended = await within(timeoutMs, prepared(kit, each));
    if (ended === "nothing yet") throw new StorageSuiteFailure("the case", `no end after ${timeoutMs} ms`, "an end");
  } catch (error) {
    throw explained(error, `${group}: ${each.title}`, each.mend);
  } finally {
    // A storage that hangs gets the same limit again, no more.
    await within(timeoutMs, kit.close());
  }
}

async function prepared<Tx>(kit: StorageUnderTest<Tx>, each: SuiteCase): Promise<"ended"> {
  await kit.storage.migrate();
  await kit.tariffs?.migrate();
  await each.run(kit);
  return "ended";
}

/** The option for a storage without this ability. */
const OPTIONS: Readonly<Record<SuiteNeed, string>> = {
  second: "shared: false",
  process: "processes: false",
  reopen: "durable: false",
  witness: "witness: false",
  tariffs: "tariffs: false",
  subscriptions: "subscriptions: false",
};

function assertHas<Tx>(kit: StorageUnderTest<Tx>, need: SuiteNeed | undefined): void {
  // The group of subscriptions finds its store by itself.
  if (need === undefined || need === "subscriptions" || kit[need] !== undefined) return;
  const missing = new StorageSuiteFailure("the result of create()", Object.keys(kit), `a member ${need} among them`);
  throw explained(missing, "create()", `Return a member ${need}, or give the suite ${OPTIONS[need]}.`);
}

/** The failure with its place, the finding, the correction and the rules. */
function explained(error: unknown, where: string, mend: string): StorageSuiteFailure {
  const failure =
    error instanceof StorageSuiteFailure
      ? error
      : new StorageSuiteFailure("a call of the storage", `it threw ${String(error)}`, "no error", error);
  // An inner place explained it already.
  if (failure.message.includes("\n  mend: ")) return failure;
  failure.message = `${where}\n  found: ${failure.message}\n  mend:  ${mend}\n  rules: docs/write-an-adapter.md of payme-kit`;
  return failure;
}
