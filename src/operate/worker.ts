import { DAY_MS } from "../kit/calendar";
import { type Clock, type Sleep, sleep, systemClock } from "../kit/clock";
import type { EventListener } from "../kit/emit";
import { PaymeConfigError } from "../kit/errors";
import { consoleLogger, type Logger } from "../kit/logger";
import { waitFor } from "../kit/wait-for";
import { createRunner, type JobHealth, type JobReport } from "./job-runner";
import { outboxJobs, type RepeatedJob, repeatedJobs, type WorkerParts } from "./jobs";
import type { WorkerEvent } from "./worker-event";

/** Options of {@link createWorker}. */
export interface WorkerOptions extends WorkerParts {
  /** How long a job waits between its runs, give or take a fifth. Default: `payments.reconcile` 10 s, `payments.review` an hour, the others a minute. */
  everyMs?: { readonly [job in RepeatedJob]?: number | undefined } | undefined;
  /** A run that takes longer is reported to the log, and no other starts meanwhile. Default 3 minutes. */
  deadlineMs?: number | undefined;
  now?: Clock | undefined;
  sleep?: Sleep | undefined;
  /** From 0 to 1: spreads the runs of several processes. */
  random?: (() => number) | undefined;
  /** Gets each run that did something or failed. What it throws is logged and changes nothing. */
  onEvent?: EventListener<WorkerEvent> | undefined;
  logger?: Logger | undefined;
}

/** How the worker of this process does. */
export interface WorkerHealth {
  /** False where a job is late: it has failed three times in a row, runs for longer than `deadlineMs`, or has not run when it should. */
  readonly isWell: boolean;
  readonly jobs: readonly (JobHealth & { readonly isLate: boolean })[];
}

/** The work beside the requests, each job by itself. Made by {@link createWorker}. */
export interface Worker {
  /** Repeats every job until {@link stop}. Its timers keep the process alive. Twice is once; during a stop it does nothing. */
  start(): void;
  /**
   * Starts no more runs, and waits for those under way for `graceMs` (default 10 s) at most. Then no timer is left that keeps
   * the process alive. What was cut off loses nothing: another run takes it up.
   */
  stop(options?: { graceMs?: number | undefined }): Promise<void>;
  /**
   * Runs every job once, and again while it has work left, for `budgetMs` (default 20 s) at most: for a cron job or a
   * serverless function. Never rejects.
   */
  runOnce(options?: { budgetMs?: number | undefined }): Promise<JobReport[]>;
  /** Its heartbeat, for a health check of this process. Before `start` nothing is late. */
  health(): WorkerHealth;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const EVERY_MS = {
  "payments.reconcile": 10 * SECOND_MS,
  "payments.review": 60 * MINUTE_MS,
  "merchant.sweep": MINUTE_MS,
  "tariffs.sweep": MINUTE_MS,
  "subscriptions.run": MINUTE_MS,
};
/** So many failures in a row are no accident. */
const FAILURES = 3;
/** The outbox cuts off a little earlier than the worker, so that it can record what it cut off. */
const OUTBOX_GRACE = 0.8;

/**
 * Creates the worker of a shop. Each job runs by itself: one that fails or hangs stops no other. Any number of processes may
 * have one.
 *
 * @throws PaymeConfigError where it gets no part, or a time that is not from 1 ms to a day.
 * @example
 * const worker = createWorker({ merchant, payments, outbox });
 * worker.start();
 * process.once("SIGTERM", () => worker.stop());
 */
export function createWorker(options: WorkerOptions): Worker {
  const { now = systemClock, sleep: wait = sleep, random = Math.random, logger = consoleLogger } = options;
  const { deadlineMs = 3 * MINUTE_MS, outbox = [] } = options;
  const context = { deadlineMs, now, sleep: wait, random, logger, onEvent: options.onEvent };
  const everyMs = (job: RepeatedJob) => options.everyMs?.[job] ?? EVERY_MS[job];
  const repeated = repeatedJobs(options).map((job) => createRunner(job, context));
  const runners = [...repeated, ...outboxJobs(options).map((job) => createRunner(job, context))];
  const outboxes = [outbox].flat();
  if (runners.length === 0)
    throw new PaymeConfigError("createWorker: give merchant, payments, tariffs, subscriptions or outbox");
  for (const ms of [...repeated.map(({ job }) => everyMs(job)), deadlineMs]) {
    if (!(ms >= 1 && ms <= DAY_MS)) throw new PaymeConfigError("createWorker: a time is from 1 ms to a day");
  }
  /** A run that is due waits for its turn and its jitter: three times its pause is too long. */
  function isLate({ endedAt, runningSince, failures }: JobHealth, pauseMs: number): boolean {
    if (failures >= FAILURES) return true;
    if (runningSince !== null) return now() - runningSince > deadlineMs;
    return running !== undefined && now() - Math.max(endedAt ?? 0, running.since) > 3 * pauseMs + deadlineMs;
  }

  let running:
    | { readonly loops: readonly Promise<void>[]; readonly stop: AbortController; readonly since: number }
    | undefined;

  return {
    start() {
      if (running !== undefined) return;
      const stop = new AbortController();
      running = {
        stop,
        since: now(),
        loops: repeated.map((runner) => runner.repeat(everyMs(runner.job), stop.signal)),
      };
      for (const each of outboxes) each.start();
    },
    async stop({ graceMs = 10 * SECOND_MS } = {}) {
      const ending = running;
      if (ending === undefined) return;
      ending.stop.abort();
      const ends = [...ending.loops, ...outboxes.map((each) => each.stop({ graceMs: graceMs * OUTBOX_GRACE }))];
      const isOver = (await waitFor(Promise.allSettled(ends), graceMs, wait)) !== undefined;
      const jobs = repeated.filter((runner) => runner.isRunning()).map(({ job }) => job);
      if (!isOver) logger.warn("the worker stopped before all had ended; others take over", { jobs });
      if (running === ending) running = undefined;
    },
    health() {
      const jobs = repeated.map((runner) => {
        const health = runner.health();
        return { ...health, isLate: isLate(health, everyMs(runner.job)) };
      });
      return { isWell: jobs.every((job) => !job.isLate), jobs };
    },
    runOnce: ({ budgetMs = 20 * SECOND_MS } = {}) => Promise.all(runners.map((runner) => runner.runWithin(budgetMs))),
  };
}
