import type { Answer } from "../caller";
import { expectResult, fail, isUnanswered, skip } from "../expect";
import { type CertifiedOrder, EXECUTION_ERROR, type Run, story, type Wanted } from "../run";
import { afterCancelled, busy, created, createdAgain, paidOrder } from "./sandbox";
import { expired } from "./twelve-hours";

// A call for an old transaction comes late, when a new one holds the order.

/** The new transaction, and a third one's request, after the late call. */
interface Kept {
  readonly state: 1 | 2;
  readonly check: Answer;
  readonly create: Answer;
}

async function look(run: Run, order: CertifiedOrder, holder: Wanted, state: Kept["state"]): Promise<Kept> {
  return { state, check: await run.checkTransaction(holder), create: await run.tryCreate(run.wanted(order)) };
}

/** A cancelled transaction is cancelled again while the new one is open, and once that one is paid. */
export const oldCancelledAgain = story(async (run) => {
  const { anew, createAnew, late } = await afterCancelled(run);
  if (createAnew.result === undefined) skip("no new transaction was created: see create.after-cancel");
  if (late.perform.error === undefined) skip("see perform.cancelled");
  const { order, wanted } = await created(run);
  await run.cancel(wanted, EXECUTION_ERROR);
  const open = await look(run, order, anew, 1);
  if ((await run.perform(anew)).result === undefined) return [open];
  await run.cancel(wanted, EXECUTION_ERROR);
  return [open, await look(run, order, anew, 2)];
});

/** An expired transaction was performed late, while the new one is open. */
export const oldPerformedLate = story(async (run) => {
  const { order, holder, perform } = await expired(run);
  if (holder === undefined) skip("no new transaction was created: see timeout.order-free");
  if (perform.error === undefined) skip("see timeout.perform");
  return [await look(run, order, holder, 1)];
});

/** Expects that the new transaction still holds the order. */
export async function expectKept(run: Run, looks: readonly Kept[]): Promise<void> {
  if ((await busy(run)).create.error === undefined) skip("see create.busy-order");
  if ((await createdAgain(run)).check.result?.state !== 1) skip("see check.created");
  for (const { state, check, create } of looks) {
    if (isUnanswered(check) || isUnanswered(create)) skip("a call was not answered: see http.status");
    if (state === 2 && (await paidOrder(run)).create.error === undefined) skip("see create.paid-order");
    expectResult(check, { state });
    if (create.result !== undefined) fail("an error: the new transaction holds the order", create);
  }
}
