import type { JobCounts, RepeatedJob } from "./jobs";

/** A job of the worker has run, and did something or failed. */
export interface WorkerEvent {
  readonly kind: "worker.ran";
  /** When it ended, in ms. */
  readonly at: number;
  readonly job: RepeatedJob | "outbox";
  /** Which one, where several parts were given. */
  readonly index: number;
  readonly ms: number;
  readonly isFailed: boolean;
  /** What it did, as its report names it. */
  readonly counts: JobCounts;
}
