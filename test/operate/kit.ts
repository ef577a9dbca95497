import {
  createWorker,
  type ExpiryReport,
  type Logger,
  type OutboxReport,
  type ReconcileReport,
  type ReviewReport,
  type WorkerOptions,
} from "../../src/entry";
import type { SweepReport } from "../../src/entry/tariffs";
import { createTestClock } from "../../src/testing/test-clock";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

export const testClock = () => createTestClock(Date.UTC(2026, 0, 15, 10, 30));

/** A line of the log. */
export interface Line {
  readonly level: "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A worker on a clock of its own. By chance nothing: the first runs come at once, and no wait is longer or shorter. */
export function openWorker(options: WorkerOptions, time = testClock()) {
  const lines: Line[] = [];
  const note =
    (level: Line["level"]) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      lines.push({ level, message, fields });
    };
  const logger: Logger = { info: note("info"), warn: note("warn"), error: note("error") };
  const { now, sleep } = time;
  const worker = createWorker({ now, sleep, logger, random: () => 0.5, ...options });
  return { worker, time, lines, of: (level: Line["level"]) => lines.filter((line) => line.level === level) };
}

export const noPayments = { checked: 0, paid: 0, cancelled: 0, failed: 0, pending: 0, errors: 0 };
export const noMessages = { claimed: 0, delivered: 0, retried: 0, parked: 0, lost: 0 };

/** Parts that count their runs. Give a part's work to replace it. */
export function parts(
  work: {
    reconcile?: Work<ReconcileReport>;
    review?: Work<ReviewReport>;
    sweep?: Work<ExpiryReport>;
    tariffs?: Work<SweepReport>;
    deliver?: Work<OutboxReport>;
  } = {},
) {
  const runs = { reconcile: 0, review: 0, live: 0, test: 0, tariffs: 0, deliver: 0, started: 0, stopped: 0 };
  return {
    runs,
    payments: {
      async reconcile() {
        runs.reconcile += 1;
        return { ...noPayments, ...(await work.reconcile?.(runs.reconcile)) };
      },
      async review() {
        runs.review += 1;
        return { days: [], left: 0, ...(await work.review?.(runs.review)) };
      },
    },
    merchant: {
      async sweep({ mode = "live" }: { mode?: "live" | "test" | undefined } = {}) {
        runs[mode] += 1;
        return { expired: 0, failed: 0, ...(await work.sweep?.(runs[mode])) };
      },
    },
    tariffs: {
      async sweep() {
        runs.tariffs += 1;
        return { updated: 0, failed: 0, ...(await work.tariffs?.(runs.tariffs)) };
      },
    },
    outbox: {
      start() {
        runs.started += 1;
      },
      async stop() {
        runs.stopped += 1;
      },
      async runOnce() {
        runs.deliver += 1;
        return { ...noMessages, ...(await work.deliver?.(runs.deliver)) };
      },
    },
  };
}

/** The work of a part's n-th run. It gives what differs from an empty report. */
type Work<Report> = (n: number) => Partial<Report> | undefined | Promise<Partial<Report> | undefined>;
