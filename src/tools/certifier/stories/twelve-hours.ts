import type { Answer } from "../caller";
import { skip } from "../expect";
import { type CertifiedOrder, type Run, story, type Wanted } from "../run";
import { performEnded } from "./fulfilments";
import { created } from "./sandbox";

// No story waits 12 hours: it dates Payme's `time` back.

const MINUTE_MS = 60_000;
/** 43,200,000 ms from Payme's `time`. */
export const TWELVE_HOURS_MS = 12 * 60 * MINUTE_MS;
export const NEARLY_MS = TWELVE_HOURS_MS - 10 * MINUTE_MS;
const LONG_PAST_MS = 13 * 60 * MINUTE_MS;
/** The rest of the 12 hours of a transaction that expires during the run. Longer where a slow call used up the first. */
const LAST_MOMENTS_MS = [3_000, 6_000, 12_000];
/** Covers times that the endpoint rounds to seconds. */
const MARGIN_MS = 1_500;
const NONE_SO_OLD = "the endpoint creates no transaction that is nearly 12 hours old";
/** A larger difference means that the value is not a time. */
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

/** For so long, a job of the shop may end an expired transaction. */
const JOB_MS = 60_000;
const LOOK_MS = 10_000;

/** A transaction that is over 12 hours old; none where the endpoint creates no such transaction. */
interface Outlived {
  readonly order: CertifiedOrder;
  readonly create: Answer;
  readonly wanted?: Wanted;
}

/**
 * Two transactions that are over 12 hours old, and open according to the endpoint: one is left alone, one is created again.
 *
 * Some endpoints create a transaction that is 13 hours old, and refuse to perform it. Others refuse to create it: they get one
 * with three seconds left by their own clock. The story waits until its create_time, counted from the answer, is over 12 hours
 * ago, so a slow call does no harm.
 */
export const outlived = story(async (run) => {
  const abandoned = await createOld(run, await run.newOrder());
  const again = await createOld(run, await run.newOrder());
  // Nobody waits for a transaction that was 13 hours old at once.
  const waits = [abandoned.waitMs, again.waitMs].filter((ms) => ms > 0);
  if (waits.length > 0) await run.pause(Math.max(...waits) + MARGIN_MS);
  return { abandoned, again };
});

async function createOld(run: Run, order: CertifiedOrder): Promise<Outlived & { readonly waitMs: number }> {
  const old = run.wanted(order, LONG_PAST_MS);
  const create = await run.create(old);
  if (create.result !== undefined) return { order, create, wanted: old, waitMs: 0 };
  const aheadMs = await clockAheadMs(run);
  for (const lifeMs of LAST_MOMENTS_MS) {
    const dying = run.wanted(order, TWELVE_HOURS_MS - lifeMs - aheadMs);
    const accepted = await run.create(dying);
    if (accepted.result === undefined) continue;
    return { order, create, wanted: dying, waitMs: Math.max(lifeMs, leftMs(dying, accepted)) };
  }
  return { order, create, waitMs: 0 };
}

/** Waits until a transaction that was just created is over 12 hours old, by its create_time too. */
export async function outlive(run: Run, wanted: Wanted, created: Answer, lifeMs: number): Promise<void> {
  await run.pause(Math.max(lifeMs, leftMs(wanted, created)) + MARGIN_MS);
}

/**
 * Another transaction requests the order of the abandoned one, which no call names: at once, then for a minute. Then the
 * abandoned one is performed, and the order is requested again.
 */
export const expired = story(async (run) => {
  const { order, wanted } = (await outlived(run)).abandoned;
  if (wanted === undefined) skip(NONE_SO_OLD);
  const anew = run.wanted(order);
  const createAnew = await run.create(anew);
  const isHeld = createAnew.error !== undefined && !run.isRepeatable;
  const createLater = isHeld ? await createWhenFree(run, order, createAnew) : createAnew;
  const holder = createAnew.result === undefined ? undefined : anew;
  const late = await performEnded(run, order, wanted);
  const { perform } = late;
  const check = await run.checkTransaction(wanted);
  const createAtLast = createLater.result === undefined ? await run.create(run.wanted(order)) : createLater;
  return { order, wanted, holder, createAnew, createLater, late, perform, check, createAtLast };
});

/** An expired transaction is looked at, between two statements. Then it is created again, and performed. */
export const expiredAgain = story(async (run) => {
  const { wanted } = (await outlived(run)).again;
  if (wanted === undefined) skip(NONE_SO_OLD);
  // Some endpoints refuse a period whose from is its to.
  const period = { from: wanted.time - 1, to: wanted.time + 1 };
  const before = await run.call("GetStatement", period);
  await run.checkTransaction(wanted);
  const after = await run.call("GetStatement", period);
  const createAgain = await run.create(wanted);
  return { wanted, before, after, createAgain, perform: await run.perform(wanted) };
});

async function createWhenFree(run: Run, order: CertifiedOrder, refused: Answer): Promise<Answer> {
  let create = refused;
  for (let ms = 0; ms < JOB_MS && create.result === undefined; ms += LOOK_MS) {
    await run.pause(LOOK_MS);
    create = await run.create(run.wanted(order));
  }
  return create;
}

/** The rest of a transaction's 12 hours at its create_time; 0 where create_time is not a time. */
function leftMs({ time }: Wanted, { result }: Answer): number {
  const createTime = result?.create_time;
  const left = typeof createTime === "number" ? time + TWELVE_HOURS_MS - createTime : 0;
  return left < STRANGE_MS ? left : 0;
}

/**
 * The lead of the endpoint's clock. Its create_time lies between the call and its answer. Where the clocks can agree, they are
 * taken to agree: the difference is then a slow call.
 */
async function clockAheadMs(run: Run): Promise<number> {
  const { wanted, create, answeredAt } = await created(run);
  const createTime = create.result?.create_time;
  if (typeof createTime !== "number") return 0;
  const [least, most] = [createTime - answeredAt, createTime - wanted.time];
  const ahead = Math.min(Math.max(0, least), most);
  return Math.abs(ahead) < STRANGE_MS ? ahead : 0;
}
