import type * as z from "zod/mini";
import { PaymeValidationError } from "../kit/errors";
import type { CallClass } from "./methods";

/** Options of a single call. */
export interface CallOptions {
  /** Ends the call. A write that was already sent then has an unknown outcome. */
  signal?: AbortSignal | undefined;
  /** The longest that the call may take, repeats of a read included. Default: the client's, else 30 s (60 s for pay, cancel, confirm_hold). */
  timeoutMs?: number | undefined;
}

/** One call: its method and params, whether it may be repeated, and the shape that its result must have. */
export interface RpcCall<Result> extends CallOptions {
  method: string;
  params: object;
  class: CallClass;
  schema: z.ZodMiniType<Result>;
}

/** Makes a call and returns its result, or throws an error whose class says who failed. */
export type Rpc = <Result>(call: RpcCall<Result>) => Promise<Result>;

/**
 * Refuses arguments that do not fit, before anything is sent. Names every problem, never a value.
 *
 * @throws PaymeValidationError
 */
export function checkParams(method: string, schema: z.ZodMiniType, params: unknown): void {
  const parsed = schema.safeParse(params, { error: problemOf });
  if (parsed.success) return;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "params"} ${message}`);
  throw new PaymeValidationError(`${method}: ${problems.join("; ")}. Nothing was sent.`);
}

/** The words for a problem where the schema has none of its own. */
function problemOf(issue: z.core.$ZodRawIssue): string {
  if (issue.code === "unrecognized_keys") return `must not have ${JSON.stringify(issue.keys)}`;
  return issue.code === "invalid_type" ? `must be of type ${issue.expected}` : "is not valid";
}
