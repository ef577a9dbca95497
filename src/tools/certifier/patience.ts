/** How long the caller waits for an answer. */
export interface Patience {
  limitOf(method: string): number;
  answered(method: string, tookMs: number): void;
  /** The method was not answered in time. */
  late(method: string): void;
}

/** An endpoint cannot do without these. It may leave any other method unknown. */
const MANDATORY = [
  "CheckPerformTransaction",
  "CreateTransaction",
  "PerformTransaction",
  "CancelTransaction",
  "CheckTransaction",
  "GetStatement",
];
const LEAST_MS = 1_000;
/** A later answer may take as many times as long as the slowest so far. */
const SLOWER = 4;

/**
 * Waits the whole time once. A method that was late then gets a shorter time, until it is answered. All methods that an
 * endpoint may leave unknown count as one: where a `switch` has no default branch, each would cost the whole time.
 */
export function createPatience(timeoutMs: number): Patience {
  const late = new Set<string>();
  let slowestMs = 0;
  const nameOf = (method: string) => (MANDATORY.includes(method) ? method : "any other");
  return {
    limitOf: (method) =>
      late.has(nameOf(method)) ? Math.round(Math.min(timeoutMs, Math.max(LEAST_MS, SLOWER * slowestMs))) : timeoutMs,
    answered(method, tookMs) {
      slowestMs = Math.max(slowestMs, tookMs);
      if (MANDATORY.includes(method)) late.delete(method);
    },
    late: (method) => void late.add(nameOf(method)),
  };
}
