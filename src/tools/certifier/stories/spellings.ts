import type { Answer } from "../caller";
import { skip } from "../expect";
import { type CertifiedOrder, type Run, story, type Wanted } from "../run";
import { respelled, unknownLike } from "../values";
import { afterRace } from "./at-once";
import { fulfilments } from "./fulfilments";

/** A transaction for the held order, whose account is spelled in another way. */
interface Other {
  readonly wanted: Wanted;
  readonly create: Answer;
  /** Only a field that decides nothing differs. */
  readonly isSameOrder: boolean;
}

/** A held order is requested in other spellings, and with other values of the free fields. Where one is accepted, both transactions are performed. */
export const otherSpellings = story(async (run) => {
  const { order, winners } = await afterRace(run);
  const [winner, second] = winners;
  if (winner === undefined || second !== undefined) skip("the order has no single transaction: see create.at-once");
  if (winner.check.result?.state !== 1) skip("the order is not held: see create.race-winner");
  const other = await firstAccepted(run, order);
  if (other === undefined) return undefined;
  const fulfilled = await fulfilments(run, order);
  const performs = [await run.perform(winner.wanted), await run.perform(other.wanted)];
  return { other, performs, fulfilled: await fulfilled?.expected() };
});

async function firstAccepted(run: Run, order: CertifiedOrder): Promise<Other | undefined> {
  for (const field of run.freeFieldsOf(order)) {
    const wanted = { ...run.wanted(order), account: unknownLike(order.account, field) };
    const create = await run.create(wanted);
    if (create.result !== undefined) return { wanted, create, isSameOrder: true };
  }
  for (const field of [run.fieldOf(order), ...run.furtherFieldsOf(order)]) {
    for (const spelled of respelled(order.account, field)) {
      const wanted = { ...run.wanted(order), account: spelled };
      const create = await run.create(wanted);
      if (create.result !== undefined) return { wanted, create, isSameOrder: false };
    }
  }
  return undefined;
}
