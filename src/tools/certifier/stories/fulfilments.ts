import type { Answer } from "../caller";
import { fail } from "../expect";
import type { CertifiedOrder, Run, Wanted } from "../run";

const LOOK_MS = 100;
/** A shop may fulfil after its answer. */
const LOOKS = 20;
/** A queue may have a job for each Perform. */
const LOOKS_FOR_ANOTHER = 10;

/** The fulfilments of an order since its first count. */
export interface Fulfilments {
  /** The fulfilments so far. */
  soFar(): Promise<number>;
  /** The fulfilments, where one is expected: it is awaited for two seconds, and a second one for one more. */
  expected(): Promise<number>;
}

/** Counts the fulfilments from now on; undefined where nobody can count them. */
export async function fulfilments(run: Run, order: CertifiedOrder): Promise<Fulfilments | undefined> {
  const { credited } = run;
  if (credited === undefined) return undefined;
  const before = await credited(order);
  const soFar = async () => (await credited(order)) - before;
  return {
    soFar,
    async expected() {
      let count = await soFar();
      for (let looks = 0; count < 2 && looks < (count < 1 ? LOOKS : LOOKS_FOR_ANOTHER); looks += 1) {
        await run.pause(LOOK_MS);
        const seen = await soFar();
        if (seen > count) [count, looks] = [seen, 0];
      }
      return count;
    },
  };
}

const REFUSED_MS = 300;

/** A Perform that should be refused, and how often it fulfilled the order; undefined where nobody can count that. */
export interface LatePerform {
  readonly perform: Answer;
  readonly fulfilled: number | undefined;
}

/** Performs a transaction that has ended. On a balance, a late fulfilment of another transaction would be counted. */
export async function performEnded(run: Run, order: CertifiedOrder, wanted: Wanted): Promise<LatePerform> {
  const fulfilled = run.isRepeatable ? undefined : await fulfilments(run, order);
  const perform = await run.perform(wanted);
  if (fulfilled !== undefined) await run.pause(REFUSED_MS);
  return { perform, fulfilled: await fulfilled?.soFar() };
}

/** Expects that a refused Perform fulfilled nothing. */
export function expectNotFulfilled({ perform, fulfilled }: LatePerform): void {
  if (fulfilled !== undefined && fulfilled > 0)
    fail("nothing fulfilled", perform, "refused, but the order is fulfilled");
}
