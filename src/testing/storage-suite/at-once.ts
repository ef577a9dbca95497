import type { Storage } from "../../ledger";
import type { StorageUnderTest } from "./under-test";

/** How many calls are made at once. */
export const CALLS = 16;

/** Makes the calls at once, every other one over the second connection where there is one. */
export async function atOnce<Tx, R>(
  kit: StorageUnderTest<Tx>,
  call: (storage: Storage<Tx>, n: number) => Promise<R>,
): Promise<R[]> {
  const second = (await kit.second?.()) ?? kit.storage;
  return Promise.all(Array.from({ length: CALLS }, (_, n) => call(n % 2 === 0 ? kit.storage : second, n)));
}

/** How many of them were told that they won. */
export function countApplied(results: readonly { outcome: string }[]): number {
  return results.filter(({ outcome }) => outcome === "applied").length;
}

/** The ids of all rows that all calls brought. */
export function idsOf(rows: readonly (readonly { id: string | number }[])[]): (string | number)[] {
  return rows.flat().map(({ id }) => id);
}
