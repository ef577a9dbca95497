import { reached, skip } from "../expect";
import { EXECUTION_ERROR, OTHER_REASON } from "../run";
import { story } from "./story";

// The sandbox's second scenario: a transaction is created, performed and cancelled.

/** The reason that a refund from the cabinet comes with. */
const REFUND = 5;

/** Create, Perform, and the same Perform a moment later; then CheckTransaction. */
export const performed = story(async (run) => {
  const order = await run.newOrder();
  const wanted = run.wanted(order);
  const create = await run.create(wanted);
  reached(create);
  await run.pause();
  const perform = await run.perform(wanted);
  await run.pause();
  const repeat = await run.perform(wanted);
  return { order, wanted, create, perform, repeat, check: await run.checkTransaction(wanted) };
});

/** The paid order is to be paid once more, by its own transaction and by another. */
export const paidOrder = story(async (run) => {
  const { order, wanted, perform } = await performed(run);
  reached(perform);
  const createAgain = await run.create(wanted);
  const check = await run.checkPerform(order);
  const other = run.wanted(order);
  const create = await run.create(other);
  if (create.result !== undefined) await run.cancel(other, EXECUTION_ERROR);
  return { check, create, createAgain };
});

/** The money goes back: Cancel, the same again, and once more with another reason; then CheckTransaction. */
export const refunded = story(async (run) => {
  await paidOrder(run);
  const { wanted, perform } = await performed(run);
  const cancel = await run.cancel(wanted, REFUND);
  await run.pause();
  const repeat = await run.cancel(wanted, REFUND);
  const otherReason = await run.cancel(wanted, OTHER_REASON);
  return { wanted, perform, cancel, repeat, otherReason, check: await run.checkTransaction(wanted) };
});

/** What was refunded is to be performed once more. */
export const performedAfterRefund = story(async (run) => {
  const { wanted, cancel } = await refunded(run);
  if (cancel.result === undefined) skip("the refund was refused");
  return { performAgain: await run.perform(wanted) };
});
