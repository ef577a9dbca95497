import * as z from "zod";
import { PaymeValidationError } from "../errors";
import { lazy } from "../lazy";

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

/**
 * Reads a recording: JSON lines, the first of which is its header. Members that this version does not know are dropped.
 *
 * @throws PaymeValidationError naming the line that is none, or the version that this payme-kit does not read.
 */
export function parseRecording(text: string): Recording {
  const lines = text.split("\n");
  // What was written whole ends in a line end.
  const last = lines.pop() ?? "";
  const [first, ...rest] = lines;
  const header = headerOf(first ?? last);
  const exchanges = rest.flatMap((line, index) => (line.trim() === "" ? [] : [exchangeOf(line, index + 2)]));
  return { ...header, exchanges: exchanges.sort((a, b) => a.n - b.n), isCutOff: last.trim() !== "" };
}

function headerOf(line: string): RecordingHeader {
  const read = versionSchema().safeParse(json(line));
  if (!read.success)
    throw new PaymeValidationError("this is no recording of payme-kit: its first line is not a header");
  if (read.data.version !== RECORDING_VERSION) {
    throw new PaymeValidationError(
      `this recording has version ${read.data.version}, and this payme-kit reads version ${RECORDING_VERSION}`,
    );
  }
  return headerSchema().parse(json(line));
}

function exchangeOf(line: string, number: number): RecordedExchange {
  const read = exchangeSchema().safeParse(json(line));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue?.path.join(".") ?? "";
  throw new PaymeValidationError(`line ${number} of the recording is no exchange (${where}: ${issue?.message})`);
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const versionSchema = lazy(() => z.object({ format: z.literal("payme-kit-recording"), version: z.int() }));

const headerSchema = lazy(() =>
  z.object({
    format: z.literal("payme-kit-recording"),
    version: z.literal(RECORDING_VERSION),
    startedAt: z.string(),
    target: z.string(),
  }),
);

const exchangeSchema = lazy(() => {
  const headers = { headers: z.record(z.string(), z.string()), otherHeaders: z.array(z.string()) };
  const body = z.union([
    z.object({ kind: z.literal("json"), value: z.unknown() }),
    z.object({ kind: z.literal("text"), text: z.string(), isCut: z.boolean() }),
    z.object({ kind: z.enum(["none", "binary", "too_large", "incomplete"]) }),
  ]);
  return z.object({
    n: z.int(),
    at: z.number(),
    ms: z.number(),
    protocol: z.enum(["merchant", "subscribe", "notification", "other"]),
    direction: z.enum(["to_payme", "to_shop", "unknown"]),
    outcome: z.enum(["answered", "unreachable", "timeout", "broken", "caller_gone", "refused", "interrupted"]),
    problem: z.string().nullable(),
    request: z.object({
      ...headers,
      httpMethod: z.string(),
      path: z.string(),
      bytes: z.int(),
      method: z.string().nullable(),
      id: z.enum(["number", "string", "null", "absent", "other"]),
      body,
    }),
    response: z
      .object({
        ...headers,
        status: z.int(),
        bytes: z.int(),
        id: z.enum(["echoed", "null", "absent", "other"]),
        body,
      })
      .nullable(),
  });
});
