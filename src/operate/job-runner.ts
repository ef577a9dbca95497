import type { Clock, Sleep } from "../kit/clock";
import { type EventListener, emit } from "../kit/emit";
import type { Logger } from "../kit/logger";
import { waitFor } from "../kit/wait-for";
import { stackOf } from "../ledger";
import type { Job, JobCounts, JobRun, RepeatedJob } from "./jobs";
import type { WorkerEvent } from "./worker-event";

/** What `runOnce` did of a job. */
export interface JobReport {
  readonly job: RepeatedJob | "outbox";
  /** Which one, where several parts were given. */
  readonly index: number;
  readonly ms: number;
  /** `out_of_time`: work is left. A run that has not ended goes on, and no other starts meanwhile. */
  readonly status: "done" | "failed" | "out_of_time";
  /** The counts of the runs that ended, added up. */
  readonly report: JobCounts;
  /** What was thrown. The log has its stack. */
  readonly error?: string | undefined;
}

/** The checked options of `createWorker` that a runner needs. */
export interface RunnerContext {
  readonly deadlineMs: number;
  readonly now: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly logger: Logger;
  readonly onEvent: EventListener<WorkerEvent> | undefined;
}

/** How a job does: its heartbeat in this process. Times are in ms; null: not yet. */
export interface JobHealth {
  readonly job: JobReport["job"];
  readonly index: number;
  /** When its last run ended, well or not. */
  readonly endedAt: number | null;
  /** When the run that is under way began. */
  readonly runningSince: number | null;
  /** How many runs have failed one after another. */
  readonly failures: number;
}

/** A job's first run waits for this long at most. */
const FIRST_WITHIN_MS = 10_000;
/** A wait is longer or shorter by up to a fifth: processes that start at once do not go on at once. */
const JITTER = 0.2;
/** A new one for each wait: a race leaves its reactions behind on a promise that never ends. */
const never = () => new Promise<never>(() => {});

/** Runs one job, never twice at once. Errors are logged, and never thrown. */
export function createRunner<Name extends JobReport["job"]>(
  { name: job, index, run }: Job<Name>,
  context: RunnerContext,
) {
  const { deadlineMs, now, sleep, random, logger, onEvent } = context;
  let [endedAt, runningSince, failures]: [number | null, number | null, number] = [null, null, 0];
  let underWay: Promise<JobRun & { error?: string }> | undefined;

  async function attempt() {
    const start = now();
    runningSince = start;
    const ended = await tried();
    const { error, counts } = ended;
    [endedAt, runningSince, failures] = [now(), null, error === undefined ? 0 : failures + 1];
    const didWork = error !== undefined || Object.values(counts).some((count) => count > 0);
    if (onEvent !== undefined && didWork) {
      const what = { job, index, ms: endedAt - start, isFailed: error !== undefined, counts };
      emit(onEvent, { kind: "worker.ran", at: endedAt, ...what }, logger);
    }
    return ended;
  }

  async function tried(): Promise<JobRun & { error?: string }> {
    try {
      const done = await run();
      if (Object.values(done.counts).some((count) => count > 0))
        logger.info("a job ran", { job, index, ...done.counts });
      return done;
    } catch (error) {
      logger.error("a job failed; it runs again later", { job, index, stack: stackOf(error) });
      return { counts: {}, hasMore: false, error: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Starts a run, or joins the one that is under way. */
  function runAlone() {
    underWay ??= attempt().finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  /** One run. It is reported each time when it has taken `deadlineMs` more. */
  async function watchedRun(stop: AbortSignal): Promise<JobRun> {
    const start = now();
    const running = runAlone();
    for (;;) {
      const ended = await waitFor(running, deadlineMs, sleep, stop);
      if (ended !== undefined) return ended;
      if (stop.aborted) return running;
      logger.error("a job has not ended; the others go on", { job, index, ms: now() - start });
    }
  }

  return {
    job,
    isRunning: () => underWay !== undefined,
    health: (): JobHealth => ({ job, index, endedAt, runningSince, failures }),
    /** Repeats the job, at once while work is left. Resolves when it was stopped and its run has ended. */
    async repeat(everyMs: number, stop: AbortSignal): Promise<void> {
      let waitMs = random() * Math.min(everyMs, FIRST_WITHIN_MS);
      for (;;) {
        await waitFor(never(), waitMs, sleep, stop);
        if (stop.aborted) return;
        const { hasMore } = await watchedRun(stop);
        waitMs = hasMore ? 0 : everyMs * (1 + JITTER * (2 * random() - 1));
      }
    },
    /** Runs the job until no work is left, for `budgetMs` at most. */
    async runWithin(budgetMs: number): Promise<JobReport> {
      const start = now();
      const report: Record<string, number> = {};
      const ending = (status: JobReport["status"]) => ({ job, index, ms: now() - start, status, report });
      for (;;) {
        const ended = await waitFor(runAlone(), budgetMs - (now() - start), sleep);
        if (ended === undefined) {
          logger.warn("a job did not end within its budget; it goes on", { job, index, budgetMs });
          return ending("out_of_time");
        }
        for (const [name, count] of Object.entries(ended.counts)) report[name] = (report[name] ?? 0) + count;
        if (ended.error !== undefined) return { ...ending("failed"), error: ended.error };
        if (!ended.hasMore) return ending("done");
        if (now() - start >= budgetMs) return ending("out_of_time");
      }
    },
  };
}
