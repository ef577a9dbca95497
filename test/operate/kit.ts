import type { Logger, WorkerOptions } from "../../src/entry";
import { createWorker } from "../../src/entry";
import { virtualTime } from "./virtual-time";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

/** A line of the log. */
export interface Line {
  readonly level: "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A worker on a clock of its own. By chance nothing: the first runs come at once, and no wait is longer or shorter. */
export function openWorker(options: WorkerOptions, time = virtualTime()) {
  const lines: Line[] = [];
  const note = (level: Line["level"]) => (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
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
export function parts(work: { reconcile?: Work; sweep?: Work; tariffs?: Work; deliver?: Work } = {}) {
  const runs = { reconcile: 0, live: 0, test: 0, tariffs: 0, deliver: 0, started: 0, stopped: 0 };
  return {
    runs,
    payments: {
      async reconcile() {
        runs.reconcile += 1;
        return { ...noPayments, ...(await work.reconcile?.(runs.reconcile)) };
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
      start: () => void (runs.started += 1),
      stop: async () => void (runs.stopped += 1),
      async runOnce() {
        runs.deliver += 1;
        return { ...noMessages, ...(await work.deliver?.(runs.deliver)) };
      },
    },
  };
}

/** The n-th run's work: counts that differ from 0. */
type Work = (n: number) => unknown;
