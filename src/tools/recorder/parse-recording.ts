import * as z from "zod";
import { PaymeValidationError } from "../../kit/errors";
import { lazy } from "../../kit/lazy";
import { RECORDING_VERSION, type RecordedExchange, type Recording, type RecordingHeader } from "./recording";

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
