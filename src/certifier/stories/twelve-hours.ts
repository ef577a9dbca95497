import { skip } from "../expect";
import type { Run } from "../run";
import { story } from "./story";
import { created } from "./unconfirmed";

// Nobody waits 12 hours: Payme's `time` is dated back.

const MINUTE_MS = 60_000;
/** 43,200,000 ms from Payme's `time`. */
const TWELVE_HOURS_MS = 12 * 60 * MINUTE_MS;
const NEARLY_MS = TWELVE_HOURS_MS - 10 * MINUTE_MS;
const LONG_PAST_MS = 13 * 60 * MINUTE_MS;
/** How much life a transaction has left that is to end while we look on. */
const LAST_MOMENTS_MS = 3_000;

/** A transaction that is 11 h 50 min old is created and performed. */
export const nearlyTwelveHours = story(async (run) => {
  const order = await run.newOrder();
  const wanted = run.wanted(order, NEARLY_MS);
  const create = await run.create(wanted);
  const perform = create.result === undefined ? undefined : await run.perform(wanted);
  return { wanted, create, perform };
});

/**
 * A transaction that is over 12 hours old, and open as far as the endpoint's answers say.
 *
 * Some endpoints accept a transaction that comes 13 hours old and refuse to perform it. Others refuse to create it; to them one is
 * given that has three seconds left by their own clock, and those are waited for.
 */
export const outlived = story(async (run) => {
  const order = await run.newOrder();
  const old = run.wanted(order, LONG_PAST_MS);
  const create = await run.create(old);
  if (create.result !== undefined) return { order, create, wanted: old };
  const dying = run.wanted(order, TWELVE_HOURS_MS - LAST_MOMENTS_MS - (await clockAheadMs(run)));
  if ((await run.create(dying)).result === undefined) return { order, create };
  await run.pause(LAST_MOMENTS_MS + 1_000);
  return { order, create, wanted: dying };
});

/** Another transaction wants the order; the outlived one is to be performed; and whether the order is free at last. */
export const expired = story(async (run) => {
  const { order, wanted } = await outlived(run);
  if (wanted === undefined) skip("the endpoint creates no transaction that is nearly 12 hours old");
  const createAnew = await run.create(run.wanted(order));
  const perform = await run.perform(wanted);
  const check = await run.checkTransaction(wanted);
  const createAtLast = createAnew.result === undefined ? await run.create(run.wanted(order)) : createAnew;
  return { wanted, createAnew, perform, check, createAtLast };
});

/** How far the endpoint's clock is ahead of ours, by the create_time that it gave. */
async function clockAheadMs(run: Run): Promise<number> {
  const { wanted, create } = await created(run);
  const createTime = create.result?.create_time;
  const ahead = typeof createTime === "number" ? createTime - wanted.time : 0;
  return Math.abs(ahead) < 10 * MINUTE_MS ? ahead : 0;
}
