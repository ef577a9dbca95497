import { stackOf } from "../ledger";
import { codeOf } from "./cards";
import { askPeriod, buryPeriod, chargePeriod, lookBack } from "./charge-period";
import type { SubscriptionsContext } from "./context";
import { nextTask } from "./turn";

/** Bounds of a run. */
export interface RunOptions {
  /** The most subscriptions to look at. Default 100. */
  readonly limit?: number | undefined;
}

/** Results of a run. */
export interface RunReport {
  /** Subscriptions that were due. */
  readonly checked: number;
  /** How many of them met an error; they come again. */
  readonly errors: number;
}

/** Nobody else takes a subscription that was claimed, for so long. What keeps a period from being charged twice is its attempt. */
const LEASE_MS = 5 * 60_000;
/** So many are looked at at once: most of the time goes by while Payme works. */
const AT_ONCE = 4;
/** Open, charge, another card, another receipt: more in one look is a fault. */
const MOST_TURNS = 8;

/** Takes subscriptions that are due and brings each as far as it goes now. Any number of processes may run it at once. */
export async function run<Tx>(context: SubscriptionsContext<Tx>, { limit = 100 }: RunOptions): Promise<RunReport> {
  const { payments, store } = context;
  const { storage, scope, now, logger } = payments.books;
  const leaseUntil = now() + LEASE_MS;
  const claim = { now: now(), leaseUntil, limit };
  const due = await storage.transaction((tx) => store.using(tx).claimDue(scope, claim));
  const report = { checked: 0, errors: 0 };
  const waiting = [...due];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && now() < leaseUntil; next = waiting.shift()) {
      report.checked += 1;
      try {
        await advance(context, next.id);
      } catch (error) {
        report.errors += 1;
        logger.error("a subscription could not be looked at; it comes again", {
          subscription_id: next.id,
          error: codeOf(error),
          stack: error instanceof Error ? stackOf(error) : undefined,
        });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return report;
}

/** Brings one subscription as far as it goes now. */
export async function advance<Tx>(context: SubscriptionsContext<Tx>, id: string): Promise<void> {
  let charged: number | undefined;
  let hasLooked = false;
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const task = await nextTask(context, id, { hasLooked });
    if (task.do === "rest") return;
    if (task.do === "look") {
      hasLooked = true;
      await lookBack(context, task);
    }
    if (task.do === "charge") {
      // Another period is for another run: an outage of five is not charged in a second.
      charged ??= task.period.number;
      if (task.period.number !== charged) return;
      if (!(await chargePeriod(context, task))) return;
    }
    if (task.do === "ask" && !(await askPeriod(context, task))) return;
    if (task.do === "bury" && !(await buryPeriod(context, task))) return;
  }
}
