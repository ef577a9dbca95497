import type { CertifiedOrder, Run } from "../run";

const PAUSE_MS = 100;
/** A shop may fulfil after its answer. */
const PAUSES = 20;

/** Returns a function that counts the fulfilments from now on; undefined where nobody can count them. */
export async function fulfilments(run: Run, order: CertifiedOrder): Promise<(() => Promise<number>) | undefined> {
  const { credited } = run;
  if (credited === undefined) return undefined;
  const before = await credited(order);
  return async () => {
    let count = (await credited(order)) - before;
    for (let pauses = 0; count === 0 && pauses < PAUSES; pauses += 1) {
      await run.pause(PAUSE_MS);
      count = (await credited(order)) - before;
    }
    return count;
  };
}
