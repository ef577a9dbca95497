import type { Answer } from "../caller";
import { isPerformed, isUnanswered, reached, skip } from "../expect";
import { EXECUTION_ERROR, REFUND, type Run, story, type Wanted } from "../run";
import { fulfilments } from "./fulfilments";

// Calls that Payme sends again before the first answer.

const PARALLEL = 16;
/** These start together. The others follow a millisecond apart, so that times that are made again differ. */
const AT_THE_SAME_MOMENT = 8;

/** Sixteen transactions with different ids request one order at the same moment. */
export const manyTransactions = story(async (run) => {
  const order = await run.newOrder();
  const wanted = Array.from({ length: PARALLEL }, () => run.wanted(order));
  const tries = await Promise.all(wanted.map(async (each) => ({ wanted: each, create: await run.create(each) })));
  return { order, tries, winners: tries.filter(({ create }) => create.result !== undefined) };
});

/** CheckTransaction of each transaction that the race created. */
export const afterRace = story(async (run) => {
  const { order, winners } = await manyTransactions(run);
  const checked: { wanted: Wanted; create: Answer; check: Answer }[] = [];
  for (const winner of winners) checked.push({ ...winner, check: await run.checkTransaction(winner.wanted) });
  return { order, winners: checked };
});

/**
 * CheckTransaction twice; then sixteen Performs at the same moment, and CheckTransaction. Nothing else was done with this
 * order: no other mistake may hide, or feign, a second fulfilment.
 */
export const manyPerforms = story(async (run) => {
  const order = await run.newOrder();
  const fulfilled = await fulfilments(run, order);
  const wanted = run.wanted(order);
  const create = await run.create(wanted);
  reached(create);
  const reads = [await run.checkTransaction(wanted), await run.checkTransaction(wanted)] as const;
  await run.pause();
  const early = await fulfilled?.soFar();
  const performs = await times(async (n) => {
    await startOf(run, n);
    return run.perform(wanted);
  });
  const check = await run.checkTransaction(wanted);
  const count = performs.some(isPerformed) ? await fulfilled?.expected() : undefined;
  return { wanted, create, reads, performs, check, early, fulfilled: count };
});

/** Sixteen equal Cancels refund the transaction of {@link manyPerforms} at the same moment; then CheckTransaction. */
export const manyRefunds = story(async (run) => {
  const { wanted, performs } = await manyPerforms(run);
  if (!performs.some(isPerformed)) skip("no transaction was performed");
  await run.pause();
  const cancels = await times(async (n) => {
    await startOf(run, n);
    return run.cancel(wanted, REFUND);
  });
  return { cancels, check: await run.checkTransaction(wanted) };
});

/** Sixteen equal calls create one transaction at the same moment. */
export const sameTransaction = story(async (run) => {
  const wanted = run.wanted(await run.newOrder());
  return { wanted, creates: await times(() => run.create(wanted)) };
});

/** The transaction is performed and cancelled at the same moment; then CheckTransaction. */
export const performAgainstCancel = story(async (run) => {
  const { wanted, creates } = await sameTransaction(run);
  if (creates.every(({ result }) => result === undefined)) skip("no transaction was created");
  const calls = await times((n) => (n % 2 === 0 ? run.cancel(wanted, EXECUTION_ERROR) : run.perform(wanted)));
  if (calls.some(isUnanswered)) skip("a call was not answered: see http.status");
  const of = (name: string) => calls.filter(({ method }) => method === name);
  const check = await run.checkTransaction(wanted);
  return { performs: of("PerformTransaction"), cancels: of("CancelTransaction"), check };
});

async function startOf(run: Run, n: number): Promise<void> {
  if (n > AT_THE_SAME_MOMENT) await run.pause(n - AT_THE_SAME_MOMENT);
}

function times(call: (n: number) => Promise<Answer>): Promise<Answer[]> {
  return Promise.all(Array.from({ length: PARALLEL }, (_, n) => call(n)));
}
