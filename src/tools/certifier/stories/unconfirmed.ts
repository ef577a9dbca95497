import { reached } from "../expect";
import { EXECUTION_ERROR, OTHER_REASON, type Run } from "../run";
import { story } from "./story";

// The sandbox's first scenario: a transaction is created and cancelled before it was performed.

/** An order that nobody has touched. */
export const freshOrder = story((run) => run.newOrder());

/** Check, then Create. */
export const created = story(async (run) => {
  const order = await freshOrder(run);
  const check = await run.checkPerform(order);
  const wanted = run.wanted(order);
  const create = await run.create(wanted);
  return { order, wanted, check, create, answeredAt: run.now() };
});

/** The same Create again, a moment later; then CheckTransaction. */
export const createdAgain = story(async (run) => {
  const { wanted, create } = await created(run);
  reached(create);
  await run.pause();
  return { create, repeat: await run.create(wanted), check: await run.checkTransaction(wanted) };
});

/** Another transaction wants the order meanwhile. */
export const busy = story(async (run) => {
  await createdAgain(run);
  const { order, wanted } = await created(run);
  const wrong = { ...run.wanted(order), amount: order.amount + 100 };
  const wrongAmount = await run.create(wrong);
  // A second live transaction must not spoil what comes after.
  if (wrongAmount.result !== undefined) await run.cancel(wrong, EXECUTION_ERROR);
  const sameIdOtherAmount = await run.create({ ...wanted, amount: order.amount + 100 });
  const check = await run.checkPerform(order);
  const other = run.wanted(order);
  const create = await run.create(other);
  if (create.result !== undefined) await run.cancel(other, EXECUTION_ERROR);
  return { check, create, wrongAmount, sameIdOtherAmount };
});

/** Cancel, the same again, and once more with another reason; then CheckTransaction. */
export const cancelled = story(async (run) => {
  await busy(run);
  const { wanted } = await created(run);
  const cancel = await run.cancel(wanted, EXECUTION_ERROR);
  await run.pause();
  const repeat = await run.cancel(wanted, EXECUTION_ERROR);
  const otherReason = await run.cancel(wanted, OTHER_REASON);
  return { cancel, repeat, otherReason, check: await run.checkTransaction(wanted) };
});

/** What is over comes again, and a new transaction wants the order that is free again, twice. It is left open. */
export const afterCancelled = story(async (run) => {
  const { cancel } = await cancelled(run);
  reached(cancel);
  const { order, wanted, create: first } = await created(run);
  const create = await run.create(wanted);
  const anew = run.wanted(order);
  if (isWholeSeconds(first.result?.create_time)) await lateInItsSecond(run);
  const createAnew = await run.create(anew);
  const createAnewAgain = await run.create(anew);
  return { create, createAnew, createAnewAgain, perform: await run.perform(wanted) };
});

function isWholeSeconds(time: unknown): boolean {
  return typeof time === "number" && time % 1_000 === 0;
}

/** Half of a second is over, so that rounding a time and cutting it off come to two different seconds. */
async function lateInItsSecond(run: Run): Promise<void> {
  const past = run.now() % 1_000;
  if (past < 550 || past > 850) await run.pause((past < 550 ? 600 : 1_600) - past);
}
