import type { CertifiedOrder, Run } from "../run";

const LOOK_MS = 100;
/** A shop may fulfil after its answer. */
const LOOKS = 20;

/** The fulfilments of an order since its first count. */
export interface Fulfilments {
  /** The fulfilments so far. */
  soFar(): Promise<number>;
  /** The fulfilments, where one is expected: an order without one is looked at for two seconds. */
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
      for (let looks = 0; count === 0 && looks < LOOKS; looks += 1) {
        await run.pause(LOOK_MS);
        count = await soFar();
      }
      return count;
    },
  };
}
