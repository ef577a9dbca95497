import type * as z from "zod";
import type { CallClass } from "./methods";

/** Options of a single call. */
export interface CallOptions {
  /** Ends the call. A write that was already sent then has an unknown outcome. */
  signal?: AbortSignal | undefined;
  /** The longest that the call may take, repeats of a read included. Default: the client's, else 30 s (60 s for pay, cancel, confirm_hold). */
  timeoutMs?: number | undefined;
}

/** One call: what to ask, whether it may be repeated, and the shape that its result must have. */
export interface RpcCall<Result> extends CallOptions {
  method: string;
  params: object;
  class: CallClass;
  schema: z.ZodType<Result>;
}

/** Makes a call and gives its result, or throws the error that tells who failed. */
export type Rpc = <Result>(call: RpcCall<Result>) => Promise<Result>;
