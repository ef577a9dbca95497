import { StorageSuiteFailure, within } from "./check";
import type { CreateStorageUnderTest, StorageUnderTest, SuiteCase, SuiteNeed } from "./under-test";

/** A case of the suite on its way to the runner. */
export interface CaseRun<Tx> {
  readonly group: string;
  readonly each: SuiteCase;
  readonly create: CreateStorageUnderTest<Tx>;
  /** What to do where the case itself does not say. */
  readonly advice: string;
  readonly timeoutMs: number;
}

/** Runs a case on a storage of its own. What goes wrong is told so that an adapter's author knows what to mend. */
export async function runCase<Tx>({ group, each, create, advice, timeoutMs }: CaseRun<Tx>): Promise<void> {
  const told = (error: unknown) => tell(error, `${group}: ${each.title}`, each.mend ?? advice);
  const kit = await create().catch((error: unknown) => {
    throw tell(
      error,
      "create()",
      "It must bring a storage over an empty database, and what the suite needs around it.",
    );
  });
  try {
    assertHas(kit, each.needs);
    const ended = await within(timeoutMs, prepared(kit, each));
    if (ended === "nothing yet") throw new StorageSuiteFailure("the case", `no end after ${timeoutMs} ms`, "an end");
  } catch (error) {
    throw told(error);
  } finally {
    // What hangs is not waited for a second time.
    await within(timeoutMs, kit.close());
  }
}

async function prepared<Tx>(kit: StorageUnderTest<Tx>, each: SuiteCase): Promise<"ended"> {
  await kit.storage.migrate();
  await kit.tariffs?.migrate();
  await each.run(kit);
  return "ended";
}

/** Which option says that a storage has no such thing. */
const OPTIONS: Readonly<Record<SuiteNeed, string>> = {
  second: "shared: false",
  process: "processes: false",
  reopen: "durable: false",
  witness: "witness: false",
  tariffs: "tariffs: false",
};

function assertHas<Tx>(kit: StorageUnderTest<Tx>, need: SuiteNeed | undefined): void {
  if (need === undefined || kit[need] !== undefined) return;
  const missing = new StorageSuiteFailure("what create() brought", Object.keys(kit), `a member ${need} among them`);
  throw tell(missing, "create()", `Bring a member ${need}, or give the suite ${OPTIONS[need]} where there is none.`);
}

/** The failure as a report shows it: where, what was found, what to do, and where it is written. */
function tell(error: unknown, where: string, mend: string): StorageSuiteFailure {
  const failure =
    error instanceof StorageSuiteFailure
      ? error
      : new StorageSuiteFailure("a call of the storage", `it threw ${String(error)}`, "no error", error);
  // Told already, where it was known better.
  if (failure.message.includes("\n  mend: ")) return failure;
  failure.message = `${where}\n  found: ${failure.message}\n  mend:  ${mend}\n  rules: docs/write-an-adapter.md of payme-kit`;
  return failure;
}
