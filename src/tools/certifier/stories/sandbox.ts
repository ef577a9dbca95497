import { reached, skip } from "../expect";
import { EXECUTION_ERROR, OTHER_REASON, REFUND, type Run, story } from "../run";
import { fulfilments, performEnded } from "./fulfilments";

// The sandbox's first scenario: a transaction is created, then cancelled before Perform.

/** A new order. */
export const freshOrder = story((run) => run.newOrder());

/** Check, then Create. */
export const created = story(async (run) => {
  const order = await freshOrder(run);
  const check = await run.checkPerform(order);
  const wanted = run.wanted(order);
  const create = await run.create(wanted);
  return { order, wanted, check, create, answeredAt: run.now() };
});

/** The same Create a moment later; then CheckTransaction. */
export const createdAgain = story(async (run) => {
  const { wanted, create } = await created(run);
  reached(create);
  await run.pause();
  return { create, repeat: await run.create(wanted), check: await run.checkTransaction(wanted) };
});

/** Another transaction wants the same order. */
export const busy = story(async (run) => {
  await createdAgain(run);
  const { order, wanted } = await created(run);
  const wrong = { ...run.wanted(order), amount: order.amount + 100 };
  const wrongAmount = await run.tryCreate(wrong);
  const sameIdOtherAmount = await run.create({ ...wanted, amount: order.amount + 100 });
  const check = await run.checkPerform(order);
  const create = await run.tryCreate(run.wanted(order));
  return { check, create, wrongAmount, sameIdOtherAmount };
});

/** Cancel, the same Cancel, and a Cancel with another reason; then CheckTransaction. */
export const cancelled = story(async (run) => {
  await busy(run);
  const { wanted } = await created(run);
  const cancel = await run.cancel(wanted, EXECUTION_ERROR);
  await run.pause();
  const repeat = await run.cancel(wanted, EXECUTION_ERROR);
  const otherReason = await run.cancel(wanted, OTHER_REASON);
  return { cancel, repeat, otherReason, check: await run.checkTransaction(wanted) };
});

/** The cancelled transaction is created and performed again. A new transaction takes the free order, twice, and stays open. */
export const afterCancelled = story(async (run) => {
  const { cancel } = await cancelled(run);
  reached(cancel);
  const { order, wanted, create: first } = await created(run);
  const create = await run.create(wanted);
  const anew = run.wanted(order);
  if (isWholeSeconds(first.result?.create_time)) await lateInItsSecond(run);
  const createAnew = await run.create(anew);
  const createAnewAgain = await run.create(anew);
  return { create, anew, createAnew, createAnewAgain, late: await performEnded(run, order, wanted) };
});

// The sandbox's second scenario: a transaction is created, performed and cancelled.

/** Create, Perform, and the same Perform a moment later; then CheckTransaction. */
export const performed = story(async (run) => {
  const order = await run.newOrder();
  const fulfilled = await fulfilments(run, order);
  const wanted = run.wanted(order);
  const create = await run.create(wanted);
  reached(create);
  await run.pause();
  const early = await fulfilled?.soFar();
  const perform = await run.perform(wanted);
  await run.pause();
  const repeat = await run.perform(wanted);
  const check = await run.checkTransaction(wanted);
  // Counted now: the order is refunded later.
  const count = perform.result === undefined ? undefined : await fulfilled?.expected();
  return { order, wanted, create, perform, repeat, check, early, fulfilled: count };
});

/** The paid order is requested again, by its own transaction and by another one. */
export const paidOrder = story(async (run) => {
  const { order, wanted, perform } = await performed(run);
  reached(perform);
  const createAgain = await run.create(wanted);
  const check = await run.checkPerform(order);
  const create = await run.tryCreate(run.wanted(order));
  return { check, create, createAgain };
});

/** A refund: Cancel, the same Cancel, and a Cancel with another reason; then CheckTransaction. */
export const refunded = story(async (run) => {
  await paidOrder(run);
  const { wanted, perform } = await performed(run);
  const cancel = await run.cancel(wanted, REFUND);
  await run.pause();
  const repeat = await run.cancel(wanted, REFUND);
  const otherReason = await run.cancel(wanted, OTHER_REASON);
  return { wanted, perform, cancel, repeat, otherReason, check: await run.checkTransaction(wanted) };
});

/** The refunded transaction is performed again. */
export const performedAfterRefund = story(async (run) => {
  const { order, wanted } = await performed(run);
  const { cancel } = await refunded(run);
  if (cancel.result === undefined) skip("the refund was refused");
  return performEnded(run, order, wanted);
});

function isWholeSeconds(time: unknown): boolean {
  return typeof time === "number" && time % 1_000 === 0;
}

/** Waits for the second half of a second, where rounding a time and truncating it give different seconds. */
async function lateInItsSecond(run: Run): Promise<void> {
  const past = run.now() % 1_000;
  if (past < 550 || past > 850) await run.pause((past < 550 ? 600 : 1_600) - past);
}
