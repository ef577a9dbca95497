import { PaymeValidationError } from "../kit/errors";
import { defaultTimeoutMs } from "./methods";

/** Timers count in 31 bits. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** True for a time limit that a timer can keep. */
export function isTimeoutMs(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= LONGEST_TIMEOUT_MS;
}

/**
 * How long a call may take: what it says itself, else the client's limit, else the method's.
 *
 * @throws PaymeValidationError when no timer can keep it.
 */
export function timeoutOf(
  call: { method: string; timeoutMs?: number | undefined },
  clientTimeoutMs: number | undefined,
): number {
  const timeoutMs = call.timeoutMs ?? clientTimeoutMs ?? defaultTimeoutMs(call.method);
  if (isTimeoutMs(timeoutMs)) return timeoutMs;
  throw new PaymeValidationError(`${call.method}: timeoutMs must be a whole number from 1 to ${LONGEST_TIMEOUT_MS}`);
}
