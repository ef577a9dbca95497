/** The version of the format. A reader refuses others. */
export const RECORDING_VERSION = 1;

/** A body as it is kept: redacted, never the bytes. */
export type RecordedBody =
  | { readonly kind: "json"; readonly value: unknown }
  /** No JSON: the first characters of it. */
  | { readonly kind: "text"; readonly text: string; readonly isCut: boolean }
  | { readonly kind: "none" | "binary" | "too_large" | "incomplete" };

/** What the JSON-RPC `id` of a request was. */
export type RequestId = "number" | "string" | "null" | "absent" | "other";
/** What became of it in the answer: Payme's own samples do all four. */
export type ResponseId = "echoed" | "null" | "absent" | "other";

/** Headers of a message: those that matter with redacted values, of all others the names. */
export interface RecordedHeaders {
  readonly headers: Readonly<Record<string, string>>;
  readonly otherHeaders: readonly string[];
}

/** Which of the wires a call was on. A notification is the Wedy guide's; Payme itself sends none. */
export type RecordedProtocol = "merchant" | "subscribe" | "notification" | "other";

/**
 * How a call ended. `unreachable`, `timeout` and `broken` are the target's doing: the caller got 502, 504, or an answer
 * that was cut off. `refused`: the recorder did not pass it on. `interrupted`: the recorder was stopped meanwhile.
 */
export type RecordedOutcome =
  | "answered"
  | "unreachable"
  | "timeout"
  | "broken"
  | "caller_gone"
  | "refused"
  | "interrupted";

/** One call and its answer. */
export interface RecordedExchange {
  /** In the order in which calls came. */
  readonly n: number;
  /** When it came, in ms. */
  readonly at: number;
  /** How long until its answer was complete. */
  readonly ms: number;
  readonly protocol: RecordedProtocol;
  readonly direction: "to_payme" | "to_shop" | "unknown";
  readonly outcome: RecordedOutcome;
  /** The system's code where the target was not reached or broke off, e.g. `ECONNREFUSED`. */
  readonly problem: string | null;
  readonly request: RecordedHeaders & {
    readonly httpMethod: string;
    readonly path: string;
    readonly bytes: number;
    readonly method: string | null;
    readonly id: RequestId;
    readonly body: RecordedBody;
  };
  /** Null where the target gave none. */
  readonly response:
    | (RecordedHeaders & {
        readonly status: number;
        readonly bytes: number;
        readonly id: ResponseId;
        readonly body: RecordedBody;
      })
    | null;
}

/** The first line of a recording. */
export interface RecordingHeader {
  readonly format: "payme-kit-recording";
  readonly version: typeof RECORDING_VERSION;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Where calls went, without a path. */
  readonly target: string;
}

/** A recording as it was read. */
export interface Recording extends RecordingHeader {
  /** In the order in which calls came. */
  readonly exchanges: readonly RecordedExchange[];
  /** The last line is incomplete: the recorder was killed while it wrote. */
  readonly isCutOff: boolean;
}
