import type { Answer } from "../caller";
import { isUnanswered, skip } from "../expect";
import { EXECUTION_ERROR } from "../run";
import { story } from "./story";

// What Payme repeats while the first answer is still under way.

const PARALLEL = 16;
/** So many start together; the others follow a millisecond apart, so that a time that each made for itself differs. */
const AT_THE_SAME_MOMENT = 8;

/** Sixteen transactions, each with an id of its own, want one order at the same moment. */
export const manyTransactions = story(async (run) => {
  const order = await run.newOrder();
  const wanted = Array.from({ length: PARALLEL }, () => run.wanted(order));
  const tries = await Promise.all(wanted.map(async (each) => ({ wanted: each, create: await run.create(each) })));
  return { order, tries, winners: tries.filter(({ create }) => create.result !== undefined) };
});

/** The one that won is performed sixteen times at the same moment; then CheckTransaction. */
export const manyPerforms = story(async (run) => {
  const { order, winners } = await manyTransactions(run);
  const [winner = skip("no transaction was created")] = winners;
  await run.pause();
  const performs = await times(async (n) => {
    if (n > AT_THE_SAME_MOMENT) await run.pause(n - AT_THE_SAME_MOMENT);
    return run.perform(winner.wanted);
  });
  return { order, performs, check: await run.checkTransaction(winner.wanted) };
});

/** One transaction is created by sixteen equal calls at the same moment. */
export const sameTransaction = story(async (run) => {
  const wanted = run.wanted(await run.newOrder());
  return { wanted, creates: await times(() => run.create(wanted)) };
});

/** It is performed and cancelled at the same moment; then CheckTransaction. What an unanswered call has done nobody can say. */
export const performAgainstCancel = story(async (run) => {
  const { wanted, creates } = await sameTransaction(run);
  if (creates.every(({ result }) => result === undefined)) skip("no transaction was created");
  const calls = await times((n) => (n % 2 === 0 ? run.cancel(wanted, EXECUTION_ERROR) : run.perform(wanted)));
  if (calls.some(isUnanswered)) skip("a call was not answered: see http.status");
  return { ...split(calls), check: await run.checkTransaction(wanted) };
});

function times(call: (n: number) => Promise<Answer>): Promise<Answer[]> {
  return Promise.all(Array.from({ length: PARALLEL }, (_, n) => call(n)));
}

function split(calls: readonly Answer[]) {
  return {
    performs: calls.filter(({ method }) => method === "PerformTransaction"),
    cancels: calls.filter(({ method }) => method === "CancelTransaction"),
  };
}
