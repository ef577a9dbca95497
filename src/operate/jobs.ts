import type { MerchantApi } from "../merchant/merchant-api";
import type { Outbox } from "../outbox/outbox";
import type { Payments } from "../payments/payments";
import type { Subscriptions } from "../subscriptions/subscriptions";
import type { Tariffs } from "../tariffs/tariffs";

/** The parts of a shop that have work to repeat: one of each, or several where it has several cashboxes. */
export interface WorkerParts {
  /** `merchant.sweep` frees what abandoned transactions held, live and test. */
  merchant?: Several<Pick<MerchantApi, "sweep">> | undefined;
  /** `payments.reconcile` asks Payme about payments whose end is not known, `payments.review` looks at past days again. */
  payments?: Several<Pick<Payments, "reconcile" | "review">> | undefined;
  /** `tariffs.sweep` brings the users' rows up to date. Give their `payments`, too. */
  tariffs?: Several<Pick<Tariffs, "sweep">> | undefined;
  /** `subscriptions.run` charges periods, tries them again and gives them up. Give their `payments`, too. */
  subscriptions?: Several<Pick<Subscriptions, "run">> | undefined;
  /** The worker starts and stops it. */
  outbox?: Several<Pick<Outbox<unknown>, "runOnce" | "start" | "stop">> | undefined;
}

type Several<Part> = Part | readonly Part[];

/** A job that the worker repeats. */
export type RepeatedJob =
  | "payments.reconcile"
  | "payments.review"
  | "merchant.sweep"
  | "tariffs.sweep"
  | "subscriptions.run";

/** Counts of a job's runs, as its report names them. */
export type JobCounts = Readonly<Record<string, number>>;

/** What a run did. */
export interface JobRun {
  readonly counts: JobCounts;
  /** Work is left that need not wait. */
  readonly hasMore: boolean;
}

/** A piece of work, a page at a time. */
export interface Job<Name extends string = string> {
  readonly name: Name;
  /** Which of several parts: 0 where there is one. */
  readonly index: number;
  run(): Promise<JobRun>;
}

/** Payme is asked about one after another: a page ends within a short budget. */
const ASKED_PAGE = 20;
const REVIEWED_DAYS = 5;
const PAGE = 100;

/** Returns the jobs to repeat. Where a page made no progress, the next one waits its time. */
export function repeatedJobs(parts: WorkerParts): Job<RepeatedJob>[] {
  const { payments = [], merchant = [], tariffs = [], subscriptions = [] } = parts;
  return [
    ...jobs("payments.reconcile", [payments].flat(), async (part) => {
      const counts = { ...(await part.reconcile({ limit: ASKED_PAGE })) };
      return { counts, hasMore: counts.checked >= ASKED_PAGE && counts.errors < counts.checked };
    }),
    ...jobs("payments.review", [payments].flat(), async (part) => {
      const { days, left } = await part.review({ limit: REVIEWED_DAYS });
      const counts = { days: days.length, recorded: 0, differences: 0, failed: 0 };
      for (const { recorded, differences, error } of days) {
        counts.recorded += recorded;
        counts.differences += differences.length;
        if (error !== undefined) counts.failed += 1;
      }
      return { counts, hasMore: left > counts.failed && counts.days > counts.failed };
    }),
    ...jobs("merchant.sweep", [merchant].flat(), async (part) => {
      const live = await part.sweep({ limit: PAGE, mode: "live" });
      const test = await part.sweep({ limit: PAGE, mode: "test" });
      const counts = { expired: live.expired + test.expired, failed: live.failed + test.failed };
      return { counts, hasMore: live.expired >= PAGE || test.expired >= PAGE };
    }),
    ...jobs("tariffs.sweep", [tariffs].flat(), async (part) => {
      const counts = { ...(await part.sweep({ limit: PAGE })) };
      return { counts, hasMore: counts.updated > 0 && counts.updated + counts.failed >= PAGE };
    }),
    ...jobs("subscriptions.run", [subscriptions].flat(), async (part) => {
      const counts = { ...(await part.run({ limit: ASKED_PAGE })) };
      return { counts, hasMore: counts.checked >= ASKED_PAGE && counts.errors < counts.checked };
    }),
  ];
}

/** Returns a job for each outbox, of one batch: any message may free the next of its subject. */
export function outboxJobs({ outbox = [] }: WorkerParts): Job<"outbox">[] {
  return jobs("outbox", [outbox].flat(), async (part) => {
    const counts = { ...(await part.runOnce()) };
    return { counts, hasMore: counts.claimed > 0 };
  });
}

function jobs<Part, Name extends string>(name: Name, parts: readonly Part[], run: (part: Part) => Promise<JobRun>) {
  return parts.map((part, index): Job<Name> => ({ name, index, run: () => run(part) }));
}
