import type { Answer } from "../caller";
import { skip } from "../expect";
import type { Run, Wanted } from "../run";
import { story } from "./story";
import { created } from "./unconfirmed";

// Nobody waits 12 hours: Payme's `time` is dated back.

const MINUTE_MS = 60_000;
/** 43,200,000 ms from Payme's `time`. */
const TWELVE_HOURS_MS = 12 * 60 * MINUTE_MS;
export const NEARLY_MS = TWELVE_HOURS_MS - 10 * MINUTE_MS;
const LONG_PAST_MS = 13 * 60 * MINUTE_MS;
/** How much life a transaction has left that is to end while we look on; more where a slow call has used up the first. */
const LAST_MOMENTS_MS = [3_000, 6_000, 12_000];
/** For times that the endpoint rounds to seconds. */
const MARGIN_MS = 1_500;
/** Clocks that differ by more, or a transaction that has more time left, are no times at all but something else. */
const STRANGE_MS = 10 * MINUTE_MS;

/** A transaction that is 11 h 50 min old is created and performed. */
export const nearlyTwelveHours = story(async (run) => {
  const order = await run.newOrder();
  const wanted = run.wanted(order, NEARLY_MS);
  const create = await run.create(wanted);
  const perform = create.result === undefined ? undefined : await run.perform(wanted);
  if (run.now() - wanted.time > TWELVE_HOURS_MS) skip("the calls took so long that its 12 hours were over");
  return { wanted, create, perform };
});

/**
 * A transaction that is over 12 hours old, and open as far as the endpoint's answers say.
 *
 * Some endpoints accept a transaction that comes 13 hours old and refuse to perform it. Others refuse to create it; to them one is
 * given that has three seconds left by their own clock, and those are waited for. How long is told by the create_time that they
 * give it, and counted from their answer: however slow a call was, they have passed then.
 */
export const outlived = story(async (run) => {
  const order = await run.newOrder();
  const old = run.wanted(order, LONG_PAST_MS);
  const create = await run.create(old);
  if (create.result !== undefined) return { order, create, wanted: old };
  const aheadMs = await clockAheadMs(run);
  for (const lifeMs of LAST_MOMENTS_MS) {
    const dying = run.wanted(order, TWELVE_HOURS_MS - lifeMs - aheadMs);
    const accepted = await run.create(dying);
    if (accepted.result === undefined) continue;
    await run.pause(Math.max(lifeMs, leftMs(dying, accepted)) + MARGIN_MS);
    return { order, create, wanted: dying };
  }
  return { order, create };
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

/** How much of a transaction's 12 hours was left when the endpoint created it, by its own create_time; 0 where that says nothing. */
function leftMs({ time }: Wanted, { result }: Answer): number {
  const createTime = result?.create_time;
  const left = typeof createTime === "number" ? time + TWELVE_HOURS_MS - createTime : 0;
  return left < STRANGE_MS ? left : 0;
}

/**
 * How far the endpoint's clock is ahead of ours. Its create_time was made between our call and its answer: where the clocks may
 * well agree they do, for what lies between was a slow call then.
 */
async function clockAheadMs(run: Run): Promise<number> {
  const { wanted, create, answeredAt } = await created(run);
  const createTime = create.result?.create_time;
  if (typeof createTime !== "number") return 0;
  const [least, most] = [createTime - answeredAt, createTime - wanted.time];
  const ahead = Math.min(Math.max(0, least), most);
  return Math.abs(ahead) < STRANGE_MS ? ahead : 0;
}
