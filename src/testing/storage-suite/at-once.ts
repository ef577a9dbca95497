import type { Storage } from "../../ledger";
import type { StorageUnderTest } from "./under-test";

/** The number of calls at once. */
export const CALLS = 16;

/** Makes the calls at once. Every second one uses the second connection, where one exists. */
export async function atOnce<Tx, R>(
  kit: StorageUnderTest<Tx>,
  call: (storage: Storage<Tx>, n: number) => Promise<R>,
): Promise<R[]> {
  const second = (await kit.second?.()) ?? kit.storage;
  return Promise.all(Array.from({ length: CALLS }, (_, n) => call(n % 2 === 0 ? kit.storage : second, n)));
}

/** The number of calls that were applied. */
export function countApplied(results: readonly { outcome: string }[]): number {
  return results.filter(({ outcome }) => outcome === "applied").length;
}

/** The ids in the rows of all calls. */
export function idsOf(rows: readonly (readonly { id: string | number }[])[]): (string | number)[] {
  return rows.flat().map(({ id }) => id);
}
