import type { StorageSuiteGroup } from "../../../src/entry/testing";

/** A storage with one deliberate fault, as it is found in the field, and the groups that must notice it. */
export interface FaultyAdapter {
  readonly fault: string;
  /** The group that is meant for it. */
  readonly caughtBy: StorageSuiteGroup;
  /** Others that cannot but notice it too. */
  readonly alsoFails?: readonly StorageSuiteGroup[];
  /** Runs the suite on it: which groups failed, with what the report says. */
  run(): Promise<Record<string, string[]>>;
}
