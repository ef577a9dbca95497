import type { StorageSuiteGroup } from "../../../src/testing";

/** A storage with one deliberate fault, as it is found in the field, and the groups that must notice it. */
export interface FaultyAdapter {
  readonly fault: string;
  readonly failsIn: readonly StorageSuiteGroup[];
  /** Runs the suite on it. */
  run(): Promise<Record<string, string[]>>;
}
